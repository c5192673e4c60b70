// The corpus as a test suite of the systems: every vector, and every vector under every reading.
//
// It reads the JSON form of the corpus from ../../vectors/json, or from the folder that the
// environment variable COUNTERSIGN_VECTORS names, and calls the systems without any runner.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { lowerAscii } from "./systems/bytes.mjs";
import { SYSTEMS, findOperation, judge } from "./systems/index.mjs";
import { header, url } from "./systems/message.mjs";
import { readBytes, readSigning, readVerifications, writeBytes } from "./values.mjs";

const FOLDER =
  process.env.COUNTERSIGN_VECTORS ?? fileURLToPath(new URL("../../vectors/json", import.meta.url));

for (const scheme of SYSTEMS.keys()) {
  const corpus = JSON.parse(readFileSync(join(FOLDER, `${scheme}.json`), "utf8"));
  describe(scheme, () => {
    test(`${scheme}: the corpus is there, with its version`, () => checkCorpus(corpus, scheme));
    for (const vector of corpus.vectors) {
      test(vector.name, () => checkVector(scheme, vector));
      for (const reading of Object.keys(corpus.readings)) {
        test(`${vector.name} (${reading})`, () => checkVector(scheme, vector, reading));
      }
    }
  });
}

function checkCorpus(corpus, scheme) {
  assert.equal(corpus.format, 2, "the format of the file");
  assert.match(corpus.corpus, /^\d+\.\d+\.\d+/, "the version of the corpus");
  assert.equal(corpus.scheme, scheme);
  assert.ok(corpus.vectors.length > 0, "no vectors were found");
}

function checkVector(scheme, vector, reading) {
  const { operation, variant, sign, verify } = vector.given;
  const found = findOperation({ scheme, operation, variant, reading });
  const expected = expectationUnder(reading, vector.expect);
  if (sign !== undefined) {
    const { stages, message } = found.sign(readSigning(sign, { variant, reading }));
    checkStages(stages, expected.stages);
    checkSignedRequest(message, expected.signed_request ?? {});
  } else {
    const tasks = readVerifications(verify, { variant, reading });
    const outcomes = tasks.map((task) => judge(found, task));
    assert.equal(outcomes.length, expected.results.length, "results");
    outcomes.forEach((outcome, i) => checkOutcome(outcome, expected.results[i], i));
  }
}

/** What the vector expects, overlaid by what differs under the reading. */
function expectationUnder(reading, expect) {
  const { readings = {}, ...own } = expect;
  const differing = readings[reading] ?? {};
  return { ...own, ...differing, stages: { ...own.stages, ...differing.stages } };
}

function checkStages(stages, expected = {}) {
  for (const [name, value] of Object.entries(expected)) {
    checkBytes(stages[name], value, `stage ${name}`);
  }
}

function checkSignedRequest(message, expected) {
  if (expected.url !== undefined) checkBytes(url(message), expected.url, "url");
  if (expected.target !== undefined) checkBytes(message.target, expected.target, "target");
  if (expected.body !== undefined) checkBytes(message.body, expected.body, "body");
  for (const [name, value] of expected.headers ?? []) {
    checkBytes(header(message, lowerAscii(name)), value, `header ${name}`);
  }
}

function checkOutcome(outcome, expected, message) {
  const where = `message ${message}`;
  assert.equal(outcome.accept ? "accept" : "reject", expected.outcome, `${where}: outcome`);
  if (outcome.accept) {
    checkStages(outcome.stages, expected.stages);
    return;
  }
  assert.equal(outcome.class, expected.class, `${where}: class`);
  for (const part of ["status", "code", "message", "reply"]) {
    if (outcome[part] !== undefined && expected[part] !== undefined) {
      assert.equal(outcome[part], expected[part], `${where}: ${part}`);
    }
  }
}

function checkBytes(actual, expected, what) {
  assert.ok(actual !== undefined, `${what} is missing`);
  assert.deepEqual(writeBytes(actual), writeBytes(readBytes(expected, what)), what);
}
