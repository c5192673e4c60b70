/** The adapter: the schemes that stand beside it, over the protocol. */
import { serve } from "./protocol.mjs";
import * as awsSigv4 from "./aws-sigv4.mjs";

await serve({ "aws-sigv4": awsSigv4 }, "javascript-oracle");
