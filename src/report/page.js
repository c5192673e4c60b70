// Filters the failures. Without it the page shows them all.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const unfold = document.getElementById("unfold");
  const failures = [...document.querySelectorAll(".failure")];

  const shown = () => failures.filter((failure) => !failure.hidden);
  const pressed = () => [...form.querySelectorAll("[aria-pressed=true]")].map((button) => button.value);

  function filter() {
    const kinds = pressed();
    const { value: scheme } = form.elements.scheme;
    const text = form.elements.text.value.trim().toLowerCase();
    for (const failure of failures) {
      const { kind, name, scheme: own } = failure.dataset;
      const wanted = (kinds.length === 0 || kinds.includes(kind)) && (scheme === "" || scheme === own);
      failure.hidden = !(wanted && name.toLowerCase().includes(text));
    }
    for (const kind of document.querySelectorAll(".kind")) {
      kind.hidden = kind.querySelector(".failure:not([hidden])") === null;
    }
    form.querySelector("output").value = `${shown().length} of ${failures.length} shown`;
    label();
  }

  function label() {
    unfold.textContent = shown().some((failure) => !failure.open) ? "Unfold all" : "Fold all";
  }

  function reset() {
    for (const button of form.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", "false");
    form.elements.scheme.value = form.elements.text.value = "";
    filter();
  }

  // What a link leads to is unfolded, and shown even if a filter hides it.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target?.closest("details");
    if (!details) return;
    if (details.hidden) reset();
    details.open = true;
    target.scrollIntoView();
  }

  addEventListener("hashchange", reveal);
  if (form) {
    form.addEventListener("click", ({ target }) => {
      const button = target.closest("[aria-pressed]");
      if (!button) return;
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      filter();
    });
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      reset();
    });
    unfold.addEventListener("click", () => {
      const open = shown().some((failure) => !failure.open);
      for (const failure of shown()) failure.open = open;
    });
    document.addEventListener("toggle", label, true);
    form.hidden = false;
    filter();
  }
  reveal();
})();
