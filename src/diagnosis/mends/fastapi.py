# FastAPI: take the Request alone, with no model, Form or File beside it
from fastapi import FastAPI, Request, Response

app = FastAPI()

@app.post("/webhook")
async def webhook(request: Request):
    body = await request.body()
    # is_right: your check of the signature, over exactly these bytes
    right = is_right(body, request.headers.get("x-signature"))
    return Response(status_code=204 if right else 401)
