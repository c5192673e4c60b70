// @alicloud/pop-core: RPCClient.request(action, params); what it would send is caught at httpx.request. Names Key.1, Key.2, … are given as a list.
import { parse } from "node:querystring";
import { createRequire } from "node:module";
import { serve, subjectRequire, subjectVersion, text, Skip } from "../protocol.mjs";
const inner = createRequire(subjectRequire.resolve("@alicloud/pop-core"));
const core = subjectRequire("@alicloud/pop-core");
const Client = core.RPCClient ?? core;
let sent;
let nonce;
inner("httpx").request = async (url) => { sent = url; throw new Error("not sent"); };
inner("kitx").makeNonce = () => nonce;
await serve({
  name: "pop-core", version: subjectVersion("@alicloud/pop-core"), schemes: { "alibaba-rpc": ["sign"] },
  async sign(task) {
    const { account, request } = task;
    nonce = task.nonce;
    if (request.body !== "") throw new Skip("the parameters of this release are in the query");
    const flat = { ...parse(request.search) };
    const params = {};
    for (const [name, value] of Object.entries(flat)) {
      const [, key, index] = /^(.+)\.(\d+)$/.exec(name) ?? [];
      if (key === undefined) params[name] = value;
      else (params[key] ??= [])[Number(index) - 1] = value;
    }
    const { Action, Version, ...others } = params;
    const client = new Client({ endpoint: `${request.scheme}://${request.host}`, apiVersion: Version, accessKeyId: text(account.access_key_id), accessKeySecret: text(account.access_key_secret) });
    await client.request(Action, others, { method: request.method, formatAction: false, formatParams: false }).catch(() => {});
    const url = new URL(sent);
    return { request: { target: url.pathname + url.search, headers: [["Host", request.host], ...request.headers] } };
  },
});
