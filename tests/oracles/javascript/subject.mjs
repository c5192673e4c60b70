/** The adapter: the schemes that stand beside it, over the protocol. */
import { serve } from "./protocol.mjs";
import * as awsSigv4 from "./aws-sigv4.mjs";
import * as github from "./github.mjs";
import * as oauth1 from "./oauth1.mjs";
import * as rfc9421 from "./rfc9421.mjs";
import * as shopify from "./shopify.mjs";
import * as slack from "./slack.mjs";
import * as standardWebhooks from "./standard-webhooks.mjs";
import * as stripe from "./stripe.mjs";
import * as twilio from "./twilio.mjs";

await serve({
  "aws-sigv4": awsSigv4,
  github,
  oauth1,
  rfc9421,
  shopify,
  slack,
  "standard-webhooks": standardWebhooks,
  stripe,
  twilio,
}, "javascript-oracle");
