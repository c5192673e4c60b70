#!/usr/bin/env node
// The adapter protocol, version 1: JSON lines on standard input and output, around the systems.

import { NotSupported, SYSTEMS, findOperation, judge } from "./systems/index.mjs";
import { readSigning, readVerifications, writeMessage, writeStages } from "./values.mjs";

const HELLO = {
  name: "countersign-javascript-example",
  version: "1.0",
  language: "javascript",
  schemes: Object.fromEntries([...SYSTEMS.keys()].map((scheme) => [scheme, ["sign", "verify"]])),
  capabilities: ["time", "credentials", "state", "client-address", "readings"],
};

/** The `seq` with which a message begins: a number or a string, as it is written. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.source;
const STRING = /"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/u.source;
const LEADING_SEQ = new RegExp(`^\\s*\\{\\s*"seq"\\s*:\\s*(${NUMBER}|${STRING})\\s*[,}]`, "u");

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Answers until the input ends or a message says stop; each chunk read is answered in one write. */
async function main() {
  let unfinished = [];
  for await (const chunk of process.stdin) {
    const { lines, rest } = splitLines(unfinished, chunk);
    unfinished = rest;
    const stop = answerLines(lines);
    if (stop) return;
  }
  answerLines([Buffer.concat(unfinished)]);
}

/** The lines that a chunk completes, and the pieces of the one that it does not. */
function splitLines(unfinished, chunk) {
  const lines = [];
  let pieces = unfinished;
  let start = 0;
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
    lines.push(Buffer.concat([...pieces, chunk.subarray(start, end)]));
    pieces = [];
    start = end + 1;
  }
  return { lines, rest: [...pieces, chunk.subarray(start)] };
}

/** Writes the replies to these lines; true when one of them says stop. */
function answerLines(lines) {
  let replies = "";
  let stop = false;
  for (const line of lines) {
    const reply = answerLine(line);
    stop = reply === "stop";
    if (stop) break;
    if (reply !== undefined) replies += reply + "\n";
  }
  if (replies !== "") process.stdout.write(replies);
  return stop;
}

/** The reply to one line, "stop", or nothing for an empty line. Never throws. */
function answerLine(line) {
  let call;
  let reply;
  try {
    const text = strictUtf8.decode(line);
    if (text.trim() === "") return undefined;
    call = JSON.parse(text);
    if (call?.op === "stop") return "stop";
    reply = JSON.stringify(answer(call));
  } catch (error) {
    const kind = error instanceof NotSupported ? "skipped" : "error";
    const reason = error instanceof NotSupported ? `no support for ${error.message}` : error.message;
    reply = JSON.stringify({ [kind]: reason.toWellFormed() });
  }
  return `{"seq":${writeSeq(line, call)},${reply.slice(1)}`;
}

/**
 * The sender's `seq`, digit for digit: a long number would lose digits if it were parsed and
 * written again. It can be told even for a line that is damaged further on.
 */
function writeSeq(line, call) {
  const written = LEADING_SEQ.exec(line.toString("utf8"))?.[1];
  if (written !== undefined && (call === undefined || JSON.parse(written) === call?.seq)) return written;
  try {
    return JSON.stringify(call?.seq ?? null);
  } catch {
    return "null"; // nested too deeply to be written
  }
}

function answer(call) {
  if (typeof call?.op !== "string") throw new Error("a message must be an object with an op");
  switch (call.op) {
    case "start":
      if (call.protocol !== 1) throw new Error(`this adapter speaks protocol 1, not ${call.protocol}`);
      return HELLO;
    case "sign":
      return answerSign(call);
    case "verify":
      return answerVerify(call);
    default:
      throw new NotSupported(`op ${call.op}`);
  }
}

function answerSign(call) {
  const operation = findOperation(call);
  const { stages, message } = operation.sign(readSigning(call.given, call));
  return { stages: writeStages(stages), signed_request: writeMessage(message) };
}

function answerVerify(call) {
  const operation = findOperation(call);
  const tasks = readVerifications(call.given, call);
  const outcomes = tasks.map((task) => judge(operation, task));
  return { results: outcomes.map(writeOutcome) };
}

function writeOutcome(outcome) {
  return outcome.accept ? { ...outcome, stages: writeStages(outcome.stages) } : outcome;
}

await main();
