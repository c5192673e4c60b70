// pusher: createSignedQueryString({ method, path, params, body }). It reads the clock.
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, text } from "../protocol.mjs";
const Pusher = subjectRequire("pusher");
const requests = subjectRequire("pusher/lib/requests");
const { default: Token } = { default: subjectRequire("pusher/lib/token") };
await serve({
  name: "pusher", version: subjectVersion("pusher"), schemes: { "pusher-channels": ["sign"] },
  sign({ account, request }) {
    const query = requests.createSignedQueryString(new Token(text(account.key), text(account.secret)), { method: request.method, path: request.path, params: { ...parse(request.search) }, body: text(request.body) || undefined });
    return { request: { target: request.path + "?" + query, headers: [["Host", request.host], ...request.headers] } };
  },
});
