/** The adapter: the schemes that stand beside it, over the protocol. */
import { serve } from "./protocol.mjs";
import * as awsSigv4 from "./aws-sigv4.mjs";
import * as standardWebhooks from "./standard-webhooks.mjs";

await serve({
  "aws-sigv4": awsSigv4,
  "standard-webhooks": standardWebhooks,
}, "javascript-oracle");
