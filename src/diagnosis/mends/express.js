// Express: keep the bytes of this route, above the parser of the others
const express = require("express");
const app = express();

app.post("/webhook", express.raw({ type: () => true }), (req, res) => {
  const body = req.body ?? Buffer.alloc(0); // undefined if no body was sent
  // isRight: your check of the signature, over exactly these bytes
  if (!isRight(body, req.get("x-signature"))) return res.sendStatus(401);
  res.sendStatus(204); // parse only here: JSON.parse(body)
});

app.use(express.json());
