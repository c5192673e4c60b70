#!/usr/bin/env python3
"""Example adapter: five request-signing systems behind the adapter protocol, version 1.

JSON lines on standard input and output. The systems themselves, one module each, are in
`systems/`; this file translates between them and the protocol.
"""

import json
import sys
from itertools import takewhile

from systems import SYSTEMS
from systems.clock import nanoseconds
from systems.message import Message, sent_message
from systems.tasks import Refused, Signing, Verification

START_REPLY = {
    "name": "countersign-python-example",
    "version": "1.0",
    "language": "python",
    "schemes": {scheme: ["sign", "verify"] for scheme in SYSTEMS},
    "capabilities": ["time", "credentials", "state", "client-address", "readings"],
}


class NotSupported(Exception):
    """The message asks for something that this adapter does not implement."""


def main():
    for lines in batches(sys.stdin.buffer.raw):
        # Nothing that follows `stop` is looked at.
        replies = list(takewhile(bool, map(answer_line, lines)))
        # One write for all that had come: the other side is not woken for each.
        sys.stdout.write("".join(json.dumps(reply, separators=(",", ":")) + "\n" for reply in replies))
        sys.stdout.flush()
        if len(replies) < len(lines):
            return


def batches(stream):
    """The whole lines that have come so far, each time that some have; at the end what is left."""
    rest = bytearray()
    while chunk := stream.read(1 << 16):
        lines, feed, begun = chunk.rpartition(b"\n")
        if feed:
            yield list(filter(bytearray.strip, (rest + lines).split(b"\n")))
            rest.clear()
        rest += begun
    yield [rest] if rest.strip() else []


def answer_line(line):
    """The reply to a line; none to `stop`."""
    seq = None
    try:
        call = json.loads(line)
        seq = call.get("seq")
        if call.get("op") == "stop":
            return None
        reply = answer(call)
    except NotSupported as reason:
        reply = {"skipped": f"no support for {reason}"}
    except Exception as error:  # whatever goes wrong in one message must not end the run
        reply = {"error": f"{type(error).__name__}: {error}"}
    return {"seq": seq, **reply}


def answer(call):
    op = call.get("op")
    if op == "start":
        if call.get("protocol") != 1:
            raise ValueError(f"this adapter speaks protocol 1, not {call.get('protocol')}")
        return START_REPLY
    if op == "sign":
        return answer_sign(call)
    if op == "verify":
        return answer_verify(call)
    raise NotSupported(f"op {op}")


def find_operation(call):
    """The (sign, verify) functions of the operation that a message names."""
    system = SYSTEMS.get(call.get("scheme"))
    if system is None:
        raise NotSupported(f"scheme {call.get('scheme')}")
    if call.get("operation") not in system.OPERATIONS:
        raise NotSupported(f"operation {call.get('operation')}")
    if call.get("variant") not in (None, *system.VARIANTS):
        raise NotSupported(f"variant {call['variant']}")
    if call.get("reading") not in (None, *system.READINGS):
        raise NotSupported(f"reading {call['reading']}")
    return system.OPERATIONS[call["operation"]]


def answer_sign(call):
    sign, _ = find_operation(call)
    given = call["given"]
    task = Signing(
        message=message_to_sign(given["request"]),
        account=read_account(given["account"]),
        parameters=read_named_values(given.get("parameters")),
        time=given.get("time"),
        nonce=read_optional(given.get("nonce")),
        operation=call["operation"],
        variant=call.get("variant"),
        reading=call.get("reading"),
    )
    stages = sign(task)
    return {"stages": write_stages(stages), "signed_request": write_message(task.message)}


def answer_verify(call):
    _, verify = find_operation(call)
    given = call["given"]
    accounts = [read_account(account) for account in given.get("accounts") or []]
    parameters = read_named_values(given.get("parameters"))
    state = {}
    results = []
    for arrived in given["messages"]:
        task = Verification(
            message=message_received(arrived["request"]),
            accounts=accounts,
            parameters=parameters,
            now=None if arrived.get("now") is None else nanoseconds(arrived["now"]),
            client_address=arrived.get("client_address"),
            state=state,
            operation=call["operation"],
            variant=call.get("variant"),
            reading=call.get("reading"),
        )
        try:
            results.append({"accept": True, "stages": write_stages(verify(task))})
        except Refused as refusal:
            results.append({"accept": False, "class": refusal.reject_class, **refusal.details})
    return {"results": results}


# From JSON values to bytes and back


def read_bytes(value):
    if isinstance(value, str):
        return value.encode("utf-8")
    return bytes.fromhex(value["hex"])


def read_optional(value):
    return None if value is None else read_bytes(value)


def read_named_values(values):
    return {name: read_bytes(value) for name, value in (values or {}).items()}


def read_account(account):
    """Credentials become bytes; a list (of addresses) stays a list of text."""
    return {
        name: value if isinstance(value, list) else read_bytes(value)
        for name, value in account.items()
        if value is not None
    }


def read_pairs(pairs):
    return [tuple(read_bytes(part) for part in pair) for pair in pairs or []]


def message_to_sign(request):
    target = read_optional(request.get("target"))
    return sent_message(
        method=read_bytes(request["method"]),
        scheme=read_bytes(request.get("scheme") or "https"),
        host=read_bytes(request["host"]),
        target=target,
        path=read_bytes(request["path"]) if target is None else None,
        query=read_pairs(request.get("query")),
        headers=read_pairs(request.get("headers")),
        body=read_bytes(request.get("body") or ""),
    )


def message_received(request):
    return Message(
        method=read_bytes(request["method"]),
        scheme=read_bytes(request.get("scheme") or "https"),
        target=read_bytes(request["target"]),
        headers=read_pairs(request.get("headers")),
        body=read_bytes(request.get("body") or ""),
    )


def write_bytes(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def write_stages(stages):
    return {name: write_bytes(value) for name, value in stages.items()}


def write_message(message):
    return {
        "method": write_bytes(message.method),
        "scheme": write_bytes(message.scheme),
        "target": write_bytes(message.target),
        "headers": [[write_bytes(name), write_bytes(value)] for name, value in message.headers],
        "body": write_bytes(message.body),
    }


if __name__ == "__main__":
    main()
