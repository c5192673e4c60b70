// The systems by name, and the one way to sign or verify with them.
//
// A system names its `operations` (each a pair of `sign` and `verify`), `variants` and `readings`.
// `sign` gives { stages, message }; `verify` gives the stages or throws Refused.

import { Refused } from "./checks.mjs";
import { clientSystemApi } from "./client_system_api.mjs";
import { flexiownPayments } from "./flexiown_payments.mjs";
import { flipForBusiness } from "./flip_for_business.mjs";
import { flipbase } from "./flipbase.mjs";
import { flipsnack } from "./flipsnack.mjs";

export const SYSTEMS = new Map([
  ["flip-for-business", flipForBusiness],
  ["flexiown-payments", flexiownPayments],
  ["flipsnack", flipsnack],
  ["client-system-api", clientSystemApi],
  ["flipbase", flipbase],
]);

/** Thrown where something is asked for that is not implemented here. */
export class NotSupported extends Error {}

/** The operation that is called for, with its variant and reading, if any, known to the system. */
export function findOperation({ scheme, operation, variant, reading }) {
  if (typeof scheme !== "string") throw new Error("scheme must be a string");
  if (typeof operation !== "string") throw new Error("operation must be a string");
  const system = SYSTEMS.get(scheme);
  if (system === undefined) throw new NotSupported(`scheme ${scheme}`);
  if (!Object.hasOwn(system.operations, operation)) throw new NotSupported(`operation ${operation}`);
  if (variant != null && !system.variants.includes(variant)) throw new NotSupported(`variant ${variant}`);
  if (reading != null && !system.readings.includes(reading)) throw new NotSupported(`reading ${reading}`);
  return system.operations[operation];
}

/** The outcome of one message: { accept: true, stages } or { accept: false, class, … }. */
export function judge(operation, task) {
  try {
    return { accept: true, stages: operation.verify(task) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { accept: false, class: error.rejectClass, ...error.details };
  }
}
