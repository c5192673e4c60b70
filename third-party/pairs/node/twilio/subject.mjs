// twilio: validateExpressRequest(request, authToken), the request as Express gives it (body as querystring reads it);
// VIA=validateRequest: validateRequest(authToken, signature, url, params).
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, text, field, Skip } from "../protocol.mjs";
const twilio = subjectRequire("twilio");
await serve({
  name: "twilio", version: subjectVersion("twilio"), schemes: { twilio: ["verify"] },
  verify({ accounts, request }) {
    const type = field(request, "content-type");
    const form = type !== undefined && type.toLowerCase().split(";")[0].trim() === "application/x-www-form-urlencoded";
    const header = (name) => field(request, name.toLowerCase());
    const express = { protocol: request.scheme, originalUrl: request.target, url: request.target, method: request.method, headers: { host: header("host") }, header, get: header, body: form ? parse(text(request.body)) : {}, rawBody: text(request.body) };
    if (process.env.VIA === "validateRequest") return accounts.some((account) => twilio.validateRequest(text(account.auth_token), header("x-twilio-signature"), `${request.scheme}://${header("host")}${request.target}`, express.body));
    return accounts.some((account) => twilio.validateExpressRequest(express, text(account.auth_token)));
  },
});
