// @slack/bolt: the receiver for AWS Lambda, or (EVENT=http) parseAndVerifyHTTPRequest of the HTTP receiver.
// EVENT=lower: names of header fields in small letters, as API Gateway's HTTP APIs and load balancers pass them.
// EVENT=base64: the body in base64 with isBase64Encoded, as API Gateway passes binary media types.
import { Readable } from "node:stream";
import { serve, subjectRequire, subjectVersion, bytes, text, field, Refused, Skip } from "../protocol.mjs";
const bolt = subjectRequire("@slack/bolt");
const logger = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => "error", setName() {} };
await serve({
  name: "slack-bolt", version: subjectVersion("@slack/bolt"), schemes: { slack: ["verify"] },
  async verify({ accounts, parameters, request, rawHeaders }) {
    if (parameters.tolerance) throw new Skip("the tolerance is fixed");
    if (accounts.length !== 1) throw new Skip("one secret");
    const signingSecret = text(accounts[0].secret);
    if (process.env.EVENT === "http") {
      const message = Object.assign(Readable.from([bytes(request.body)]), { method: request.method, url: request.target, headers: Object.fromEntries(Object.keys(request.headers).map((name) => [name, field(request, name)])) });
      try {
        await bolt.HTTPModuleFunctions.parseAndVerifyHTTPRequest({ signingSecret, enabled: true, logger }, message);
      } catch (error) {
        if (error instanceof SyntaxError) throw new Skip("the body must be JSON or a form");
        if (!/Failed to verify authenticity|x-slack-/.test(error.message)) throw error;
        throw new Refused(undefined, error.message);
      }
      return true;
    }
    let receiver;
    try {
      receiver = new bolt.AwsLambdaReceiver({ signingSecret, logger });
    } catch (error) {
      if (signingSecret === "") throw new Skip("an empty secret is not taken: " + error.message);
      throw error;
    }
    let reached = false;
    receiver.init({ processEvent: async (event) => { reached = true; await event.ack(); } });
    const encoded = process.env.EVENT === "base64";
    const names = Object.fromEntries(Object.keys(request.headers).map((name) => [process.env.EVENT === "lower" ? name : name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), field(request, name)]));
    const event = { httpMethod: request.method, path: request.target, headers: names, multiValueHeaders: {}, body: encoded ? bytes(request.body).toString("base64") : text(request.body), isBase64Encoded: encoded };
    const answer = await receiver.toHandler()(event, {}, () => {}).catch((error) => {
      throw error instanceof SyntaxError ? new Skip("the body must be JSON or a form") : error;
    });
    return answer.statusCode !== 401;
  },
});
