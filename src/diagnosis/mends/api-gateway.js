// API Gateway and Lambda, Node: the body may be Base64 of what was sent
export const handler = async (event) => {
  const form = event.isBase64Encoded ? "base64" : "utf8";
  const body = Buffer.from(event.body ?? "", form);
  const named = ([name]) => name.toLowerCase() === "x-signature";
  const header = Object.entries(event.headers).find(named)?.[1];
  // isRight: your check of the signature, over exactly these bytes
  return { statusCode: isRight(body, header) ? 204 : 401 };
};
