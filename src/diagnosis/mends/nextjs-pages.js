// Next.js, pages router (pages/api): turn its parser off, read the stream
import { buffer } from "node:stream/consumers";

export const config = { api: { bodyParser: false } };

export default async function handler(req, res) {
  const body = await buffer(req);
  // isRight: your check of the signature, over exactly these bytes
  const right = isRight(body, req.headers["x-signature"]);
  res.status(right ? 204 : 401).end();
}
