# API Gateway and Lambda, Python: the body may be Base64 of what was sent
import base64

def handler(event, context):
    body = (event.get("body") or "").encode()
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body)
    headers = {name.lower(): text for name, text in event["headers"].items()}
    # is_right: your check of the signature, over exactly these bytes
    right = is_right(body, headers.get("x-signature"))
    return {"statusCode": 204 if right else 401}
