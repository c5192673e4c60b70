"""The client-system API: headers that name client and request, and the bearer token that the operation wants."""

from .message import Malformed
from .tasks import after_prefix, equal, find_account, refuse_unless, verifier

VARIANTS = ["user-data"]
READINGS = ["unknown-language-passes"]

TOKEN_OF = {
    "request": "access_token",
    "refresh-access-token": "refresh_token",
    "renew-refresh-token": "user_token",
}
DEFAULT_LANGUAGE = b"id"
LANGUAGES = (b"id", b"en")


def is_for_user_data(task):
    return task.variant == "user-data" and task.operation == "request"


def language_of(message):
    language = message.header("x-language")
    return DEFAULT_LANGUAGE if language is None else language


def sign(task):
    message = task.message
    authorization = b"Bearer " + task.account[TOKEN_OF[task.operation]]
    if task.nonce is None:
        raise ValueError("needs a nonce for x-request-id")

    message.set_header("x-app-key", task.account["app_key"])
    message.set_header("x-request-id", task.nonce)
    if is_for_user_data(task):
        message.set_header("x-user-token", task.account["user_token"])
    if "language" in task.parameters:
        message.set_header("x-language", task.parameters["language"])
    message.set_header("Authorization", authorization)
    return {"language": language_of(message), "authorization": authorization}


def verify(task):
    message = task.message
    authorization = message.header("Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    token = after_prefix(authorization, b"Bearer ", caseless=True)

    app_key = message.header("x-app-key")
    refuse_unless(app_key, "missing-credential")
    account = find_account(task.accounts, "app_key", app_key)
    refuse_unless(account is not None, "unknown-key")
    request_id = message.header("x-request-id")
    refuse_unless(request_id, "malformed")

    stages = {}
    if task.reading != "unknown-language-passes":
        stages["language"] = language_of(message)
        refuse_unless(stages["language"] in LANGUAGES, "malformed")
    else:
        # No check asks for the language, so one that cannot be told is no reason to refuse.
        try:
            stages["language"] = language_of(message)
        except Malformed:
            pass

    refuse_unless(token, "missing-credential")
    refuse_unless(equal(token, account.get(TOKEN_OF[task.operation])), "wrong-token")
    if is_for_user_data(task):
        user_token = message.header("x-user-token")
        refuse_unless(user_token, "missing-credential")
        refuse_unless(equal(user_token, account.get("user_token")), "wrong-token")

    seen = task.state.setdefault("request ids", set())
    refuse_unless(request_id not in seen, "replayed")
    seen.add(request_id)
    return stages


OPERATIONS = {operation: (sign, verifier(verify)) for operation in TOKEN_OF}
