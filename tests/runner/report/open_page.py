#!/usr/bin/env python3
"""Opens a report in headless Chromium and uses it as a reader does, with the mouse and by keyboard.

    open_page.py PAGE.html [FOLDER]

PAGE.html is a report of `--format html` with failures of several kinds; FOLDER gets the screenshots. Speaks the
WebDriver protocol to chromedriver on the loopback interface; needs Python's standard library, chromium and
chromedriver. Asserts what is shown, in light and in dark, on a phone and on paper, and that nothing is fetched.
"""

import base64
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

TAB, ENTER, SPACE = "\ue004", "\ue007", " "
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

# For every text on the page that is shown: its contrast with the ground behind it, the least first.
CONTRAST = """
const numbers = (colour) => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const light = (colour) => numbers(colour).slice(0, 3).map((n) => n / 255)
  .map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4))
  .reduce((sum, n, i) => sum + n * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (numbers(colour)[3] === 255) return colour;
  }
  return "white";
};
const found = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, option")) continue;
  const key = [getComputedStyle(element).color, ground(element)];
  if (!found.has(key.join())) found.set(key.join(), [element.className || element.tagName, ...key]);
}
return [...found.values()].map(([name, text, behind]) => {
  const [low, high] = [light(text), light(behind)].sort((a, b) => a - b);
  return [(high + 0.05) / (low + 0.05), name, text, behind];
}).sort((a, b) => a[0] - b[0]);
"""


class Browser:
    """A session of chromedriver, with a profile of its own that goes away with it."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.address = f"http://127.0.0.1:{port}"
        self.wait_for(lambda: self.call("GET", "/status")["ready"])
        options = {"args": [*ARGUMENTS, f"--user-data-dir={self.profile.name}"]}
        always = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": always}})
        self.address += f"/session/{session['sessionId']}"
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(10)
            self.profile.cleanup()

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error

    def wait_for(self, holds, seconds=20):
        end = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
            except (OSError, AssertionError):
                if time.monotonic() > end:
                    raise
            assert time.monotonic() < end, f"not within {seconds} s"
            time.sleep(0.05)

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": arguments})

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, keys):
        """Types keys to what has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def tab_to(self, selector, most=60):
        """Moves the focus as a keyboard does, until it is where the selector says."""
        for _ in range(most):
            self.type(TAB)
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                outline = self.run("return getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"the focus on {selector} cannot be seen"
                return
        raise AssertionError(f"{selector} is not reached with {most} tabs")

    def screenshot(self, file, start="header", most=3000):
        """A picture of the page from an element on."""
        box = self.run(
            "const top = document.querySelector(arguments[0]).getBoundingClientRect().top + scrollY;"
            "return [Math.max(0, top - 40), innerWidth, document.documentElement.scrollHeight]", start)  # fmt: skip
        clip = {"x": 0, "y": box[0], "width": box[1], "height": min(box[2] - box[0], most), "scale": 1}
        picture = self.devtools("Page.captureScreenshot", clip=clip, captureBeyondViewport=True, format="png")
        file.write_bytes(base64.b64decode(picture["data"]))

    def media(self, media="", **features):
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=listed)

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})


def shown(browser):
    """Addresses of the failures that are shown."""
    return browser.run(
        "return [...document.querySelectorAll('.failure')].filter((e) => e.checkVisibility()).map((e) => e.dataset.name)"
    )


def count(browser):
    return browser.run("return document.querySelector('#filters output').value")


def use_filters(browser):
    everything = shown(browser)
    assert len(everything) >= 4, "a page with failures of several kinds is needed"
    first, last = "#filters .kinds button:first-child", "#filters .kinds button:last-child"
    kind = browser.run("return document.querySelector(arguments[0]).value", last)
    browser.click(last)
    assert browser.run("return document.querySelector(arguments[0]).ariaPressed", last) == "true"
    of_kind = browser.run(
        "return [...document.querySelectorAll('.failure')].filter((e) => e.dataset.kind === arguments[0])"
        ".map((e) => e.dataset.name)", kind,
    )  # fmt: skip
    assert shown(browser) == of_kind and 0 < len(of_kind) < len(everything), (kind, shown(browser))
    assert count(browser) == f"{len(of_kind)} of {len(everything)} shown", count(browser)
    # Two kinds at once: either.
    browser.click(first)
    assert len(of_kind) < len(shown(browser)) <= len(everything)
    browser.click("#filters [type=reset]")
    assert shown(browser) == everything

    part = everything[-1].rsplit("/", 1)[1][:9]
    browser.click("#filters input")
    browser.type(part.upper())
    having = [name for name in everything if part in name]
    assert shown(browser) == having and 0 < len(having) < len(everything), (part, shown(browser))
    browser.type("\ue003" * len(part))
    assert shown(browser) == everything

    scheme = everything[-1].split("/")[0]
    browser.run(
        "const select = document.querySelector('#filters select'); select.value = arguments[0];"
        "select.dispatchEvent(new Event('input', { bubbles: true }))", scheme,
    )  # fmt: skip
    assert shown(browser) == [name for name in everything if name.startswith(f"{scheme}/")]
    browser.click("#filters [type=reset]")
    browser.click("#unfold")
    assert browser.run("return [...document.querySelectorAll('.failure')].every((e) => e.open)")
    browser.wait_for(lambda: browser.run("return document.querySelector('#unfold').textContent") == "Fold all")
    browser.click("#unfold")
    assert not browser.run("return [...document.querySelectorAll('.failure')].some((e) => e.open)")


def use_the_keyboard(browser, page):
    browser.call("POST", "/url", {"url": page})
    browser.type(TAB)
    assert browser.run("return document.activeElement.className") == "skip", "the first tab reaches the skip link"
    browser.type(ENTER)
    assert browser.run("return document.activeElement.id") == "main"
    browser.tab_to("#filters button[aria-pressed]")
    browser.type(SPACE)
    assert browser.run("return document.activeElement.ariaPressed") == "true"
    browser.type(SPACE)
    browser.tab_to(".failure > summary")
    browser.type(ENTER)
    body = "document.activeElement.closest('.failure').querySelector('.body')"
    assert browser.run(f"return {body}.checkVisibility() && {body}.getBoundingClientRect().height") > 40


def follow_a_link(browser):
    """A link of a cause leads to its failure, even if that is filtered out."""
    target = browser.run("return document.querySelector('#causes .links a, .body .note a').getAttribute('href')")[1:]
    browser.click("#filters input")
    browser.type("no name has this")
    assert shown(browser) == []
    browser.run("location.hash = arguments[0]", target)
    browser.wait_for(lambda: browser.run(
        "const target = document.getElementById(arguments[0]); const box = target.getBoundingClientRect();"
        "return target.checkVisibility() && box.top >= 0 && box.top < innerHeight", target))  # fmt: skip


def look(browser, folder, scheme):
    browser.devtools("Emulation.setDeviceMetricsOverride", width=1100, height=900, deviceScaleFactor=1, mobile=False)
    browser.media(prefers_color_scheme=scheme)
    browser.run("document.querySelectorAll('.failure').forEach((e, i) => { e.open = i % 4 < 2 })")
    ground = browser.run("return getComputedStyle(document.documentElement).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}[scheme], ground
    least = browser.run(CONTRAST)[0]
    assert least[0] >= 4.5, f"{scheme}: contrast {least}"
    browser.screenshot(folder / f"{scheme}.png")
    browser.screenshot(folder / f"{scheme}-failures.png", "#failures")
    print(f"{scheme}: least contrast {least[0]:.1f} to 1 ({least[1]})")


def on_a_phone(browser, folder):
    for screen in (390, 360):
        browser.devtools(
            "Emulation.setDeviceMetricsOverride", width=screen, height=740, deviceScaleFactor=2, mobile=True
        )
        width = browser.run("return document.scrollingElement.scrollWidth")
        assert width <= screen, f"the page is {width} px wide on a screen of {screen}"
        cut = browser.run("return [...document.querySelectorAll('.wide')].filter((e) => e.scrollWidth > e.clientWidth).length")
        assert cut == 0, f"a table is wider than a screen of {screen}"
    small = browser.run(
        "return [...document.querySelectorAll('button, select, input')].filter((e) => e.checkVisibility())"
        ".filter((e) => e.getBoundingClientRect().height < 44 || parseFloat(getComputedStyle(e).fontSize) < 16)"
        ".map((e) => e.outerHTML)"
    )
    assert small == [], f"too small for a finger: {small}"
    browser.screenshot(folder / "phone.png")
    browser.screenshot(folder / "phone-failures.png", "#failures")
    browser.devtools("Emulation.clearDeviceMetricsOverride")


def on_paper(browser, folder):
    browser.run("document.querySelectorAll('details').forEach((e) => { e.open = false })")
    browser.media("print")
    assert not browser.run("return document.querySelector('#filters').checkVisibility()")
    folded = browser.run("return [...document.querySelectorAll('.body')].filter((e) => !e.checkVisibility()).length")
    assert folded == 0, f"{folded} failures stay folded on paper"
    browser.screenshot(folder / "paper.png")
    sheet = browser.devtools("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)
    (folder / "paper.pdf").write_bytes(base64.b64decode(sheet["data"]))
    browser.media()


def asks_for_nothing(browser, page):
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    messages = [json.loads(entry["message"])["message"] for entry in browser.log("performance")]
    # The browser's own first tab asks for its own parts, before the page is opened.
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    sent = [one["request"]["url"] for one in sent if not one["documentURL"].startswith("chrome://")]
    assert sent and set(sent) == {page}, sent
    assert browser.log("browser") == [], "the console has something to say"
    # The policy is in force: what a subject could have smuggled in is not run, and not fetched.
    browser.run(
        "window.ran = false; document.addEventListener('securitypolicyviolation', (e) => { window.refused = e.blockedURI });"
        "const script = document.createElement('script'); script.textContent = 'window.ran = true';"
        "document.body.append(script); document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x' }))"
    )
    browser.wait_for(lambda: browser.run("return window.refused === 'http://127.0.0.1:9/x'"))
    assert browser.run("return window.ran") is False


def main():
    page = pathlib.Path(sys.argv[1]).resolve().as_uri()
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    with Browser() as browser:
        browser.call("POST", "/url", {"url": page})
        use_filters(browser)
        use_the_keyboard(browser, page)
        follow_a_link(browser)
        browser.call("POST", "/url", {"url": page})
        for scheme in ("light", "dark"):
            look(browser, folder, scheme)
        on_a_phone(browser, folder)
        on_paper(browser, folder)
        asks_for_nothing(browser, page)
    print(f"the page does what it must; screenshots are in {folder}")


if __name__ == "__main__":
    main()
