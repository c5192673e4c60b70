// Next.js, app router (route.js): read bytes; json() and text() lose some
export async function POST(request) {
  const body = Buffer.from(await request.arrayBuffer());
  // isRight: your check of the signature, over exactly these bytes
  const right = isRight(body, request.headers.get("x-signature"));
  return new Response(null, { status: right ? 204 : 401 });
}
