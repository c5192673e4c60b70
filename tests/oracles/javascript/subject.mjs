/** The adapter: the schemes that stand beside it, over the protocol. */
import { serve } from "./protocol.mjs";
import * as awsSigv4 from "./aws-sigv4.mjs";
import * as github from "./github.mjs";
import * as oauth1 from "./oauth1.mjs";
import * as slack from "./slack.mjs";
import * as standardWebhooks from "./standard-webhooks.mjs";
import * as stripe from "./stripe.mjs";

await serve({
  "aws-sigv4": awsSigv4,
  github,
  oauth1,
  slack,
  "standard-webhooks": standardWebhooks,
  stripe,
}, "javascript-oracle");
