#!/usr/bin/env python3
"""A subject that misbehaves in the one way that its first argument names.

Whatever else it is asked it answers honestly, by the example adapter of this repository. Standard
library only. Where an argument follows, it is text by which one case is known, or a file.
"""

import hashlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../adapters/python"))

from countersign_adapter import answer  # noqa: E402

MODES = {}
ARGUMENTS = sys.argv[2:]
FOREVER = 3600
OUT = open(1, "wb", closefd=False)


def mode(function):
    MODES[function.__name__.replace("_", "-")] = function
    return function


# What an honest adapter does, in pieces


def write(data):
    OUT.write(data)
    OUT.flush()


def say(reply):
    write(json.dumps(reply).encode() + b"\n")


def honest(call):
    try:
        return {"seq": call["seq"], **answer(call)}
    except Exception as error:
        return {"seq": call["seq"], "error": str(error)}


def messages():
    """Every message up to `stop`."""
    for line in sys.stdin.buffer:
        call = json.loads(line)
        if call["op"] == "stop":
            return
        yield call


def talk(change=lambda call, reply: reply, spared=0):
    """Answers; `change` makes of each honest reply to a case what is said, or says it itself and
    returns None. So many cases at the beginning are spared."""
    cases = 0
    for call in messages():
        reply = honest(call)
        if call["op"] != "start":
            cases += 1
            if cases > spared:
                reply = change(call, reply)
        if reply is not None:
            say(reply)


def is_the_one(call):
    return ARGUMENTS[0] in json.dumps(call, ensure_ascii=False)


def sleep():
    time.sleep(FOREVER)


def raw(data):
    """A change that says these bytes before the reply."""

    def change(_, reply):
        write(data)
        return reply

    return change


# Answers


@mode
def honest_one():
    talk()


@mode
def signed_request_alone():
    talk(lambda call, reply: {key: value for key, value in reply.items() if key != "stages"})


def judged(reply, accept):
    results = [{"accept": True} if accept else {"accept": False} for _ in reply.get("results", [])]
    return {"seq": reply["seq"], "results": results} if results else reply


@mode
def accepts_all():
    talk(lambda call, reply: judged(reply, True))


@mode
def rejects_all():
    talk(lambda call, reply: judged(reply, False))


@mode
def accepts_and_rejects_the_wrong_way_round():
    def change(_, reply):
        results = [{"accept": not result["accept"]} for result in reply.get("results", [])]
        return {"seq": reply["seq"], "results": results} if results else reply

    talk(change)


@mode
def one_mistake():
    """The secret stands at the end of what is hashed, not at the beginning."""
    import systems.flipsnack as flipsnack

    right = flipsnack.derive

    def derive(message, secret, reading):
        canonical_query = right(message, b"", reading)["canonical_query"]
        string_to_sign = canonical_query + secret
        signature = hashlib.md5(string_to_sign).hexdigest().encode()
        return {"canonical_query": canonical_query, "string_to_sign": string_to_sign, "signature": signature}

    flipsnack.derive = derive
    talk()


@mode
def skips_everything():
    talk(lambda call, reply: {"seq": call["seq"], "skipped": "not today"})


@mode
def errors_everywhere():
    talk(lambda call, reply: {"seq": call["seq"], "error": "no key store"})


@mode
def forges_the_report():
    """Its texts try to look like the report, and to move the cursor of a terminal."""
    lie = "\n\n999 passed, 0 failed, 0 skipped\n\x1b[2J\x1b[H"
    for call in messages():
        if call["op"] == "start":
            say({**honest(call), "name": "liar" + lie, "version": "1" + lie})
        elif call["op"] == "sign":
            say({"seq": call["seq"], "error": lie})
        else:
            sys.stderr.write(lie)
            say({"seq": call["seq"], "results": [{"accept": False, "code": lie, "message": lie}]})


@mode
def huge_errors():
    """A text of 3 MB for every case."""
    talk(lambda call, reply: {"seq": call["seq"], "error": "x" * 3_000_000}, spared=1)


@mode
def huge_stages():
    talk(lambda call, reply: {"seq": call["seq"], "stages": {"signature": "x" * 3_000_000}}, spared=1)


@mode
def many_stages():
    """Hundreds of thousands of stages, which take more memory than their text."""
    stages = b",".join(b'"%d":""' % i for i in range(200_000))
    talk(lambda call, _: write(b'{"seq":%d,"stages":{%s}}\n' % (call["seq"], stages)), spared=1)


@mode
def huge_wrong_type():
    talk(lambda call, reply: {"seq": call["seq"], "results": "x" * 3_000_000}, spared=1)


def shuffled(order):
    """Replies in another order to whatever can be read at once."""
    descriptor = sys.stdin.fileno()
    buffer = b""
    while True:
        more = os.read(descriptor, 1 << 16)
        buffer += more
        while more and select.select([descriptor], [], [], 0.01)[0]:
            more = os.read(descriptor, 1 << 16)
            buffer += more
        *lines, buffer = buffer.split(b"\n")
        calls = [json.loads(line) for line in lines]
        here = [call for call in calls if call["op"] != "stop"]
        order(here)
        for call in here:
            say(honest(call))
        if not more or len(here) < len(calls):
            return


@mode
def reverse_order():
    shuffled(list.reverse)


@mode
def random_order():
    shuffled(random.Random(7).shuffle)


@mode
def slow_but_honest():
    def change(_, reply):
        time.sleep(0.001)
        return reply

    talk(change)


@mode
def waits_for_more():
    """It answers a message when the next one is there: the first case, put alone, waits for ever."""
    last = None
    for call in messages():
        if call["op"] == "start":
            say(honest(call))
        else:
            if last:
                say(honest(last))
            last = call


# Silence


@mode
def hangs_on_start():
    sleep()


@mode
def hangs_on_one_case():
    talk(lambda call, reply: sleep() if is_the_one(call) else reply)


@mode
def never_answers_one_case():
    talk(lambda call, reply: None if is_the_one(call) else reply)


@mode
def hangs_on_every_case():
    talk(lambda call, reply: sleep(), spared=int(ARGUMENTS[0]))


@mode
def hangs_at_the_end():
    talk()
    sleep()


@mode
def ignores_stop():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    talk()
    while True:
        sleep()


@mode
def floods_at_the_end():
    """Lines without end, to a reader that might wait for silence."""
    talk()
    while True:
        write(b"{}\n" * 1000)


@mode
def never_flushes():
    OUT.write(json.dumps(honest(json.loads(sys.stdin.buffer.readline()))).encode() + b"\n")
    for line in sys.stdin.buffer:
        pass


@mode
def flushes_only_the_handshake():
    talk(lambda call, reply: OUT.write(json.dumps(reply).encode() + b"\n") and None)


# Death


@mode
def exits_at_once():
    pass


def dies():
    sys.stderr.write("Traceback: the last words\n")
    sys.stderr.flush()
    os._exit(7)


@mode
def dies_with_its_message_first():
    """As interpreters do that put the message before the trace."""

    def change(*_):
        sys.stderr.write("subject.rb:7: no such key (KeyError)\n")
        sys.stderr.write("".join(f"\tfrom frame {i}\n" for i in range(40)))
        sys.stderr.write("\n" * 40 + "the last words\n")
        sys.stderr.flush()
        os._exit(1)

    talk(lambda call, reply: change() if is_the_one(call) else reply)


@mode
def dies_on_one_case():
    talk(lambda call, reply: dies() if is_the_one(call) else reply)


@mode
def dies_on_every_case():
    talk(lambda call, reply: dies(), spared=int(ARGUMENTS[0]))


@mode
def killed_by_a_signal():
    talk(lambda call, reply: os.kill(os.getpid(), signal.SIGSEGV) if is_the_one(call) else reply)


@mode
def exits_early():
    """Status 0 in the middle."""
    talk(lambda call, reply: os._exit(0), spared=3)


@mode
def exits_badly_at_the_end():
    talk()
    os._exit(5)


def in_company(change):
    """Answers; of several messages that are there at once, `change` is told how many first."""
    descriptor = sys.stdin.fileno()
    buffer = b""
    while b'"stop"' not in buffer:
        buffer += os.read(descriptor, 1 << 20)
        *lines, buffer = buffer.split(b"\n")
        if len(lines) > 1:
            change(len(lines))
        for line in lines:
            call = json.loads(line)
            if call["op"] == "stop":
                return
            say(honest(call))


@mode
def dies_of_company():
    """It dies when several messages are there at once, and on none of them alone."""

    def change(_):
        time.sleep(0.05)
        os._exit(3)

    in_company(change)


@mode
def slow_in_company():
    """So many messages at once take it too long."""
    in_company(lambda number: time.sleep(10 if number > int(ARGUMENTS[0]) else 0))


@mode
def starts_only_once():
    """It dies on one case, and does not start again after that."""
    if os.path.exists(ARGUMENTS[1]):
        sys.exit("the lock file is there")
    open(ARGUMENTS[1], "w").close()
    talk(lambda call, reply: dies() if is_the_one(call) else reply)


# Streams


@mode
def noise_before_the_handshake():
    write(b"Listening on standard input ...\n")
    talk()


@mode
def noise_between_replies():
    talk(raw(b"DEBUG: a case\n"))


@mode
def empty_lines_between_replies():
    talk(raw(b"\n"), spared=1)


@mode
def half_a_line():
    def change(call, reply):
        write(json.dumps(reply).encode()[:20])
        os._exit(0)

    talk(change, spared=1)


@mode
def endless_line():
    """A gigabyte without a line feed."""

    def change(*_):
        chunk = b"x" * (1 << 20)
        for _ in range(1 << 10):
            write(chunk)

    talk(change, spared=1)


@mode
def endless_line_before_the_handshake():
    for _ in range(1 << 10):
        write(b"x" * (1 << 20))


@mode
def invalid_utf_8():
    talk(raw(b"\xff\xfe\n"), spared=1)


@mode
def deep_nesting():
    talk(raw(b"[" * 1_000_000 + b"\n"), spared=1)


@mode
def closes_standard_input():
    """After it has read what is there."""

    def change(*_):
        os.close(0)
        sleep()

    talk(change, spared=1)


@mode
def closes_standard_input_at_once():
    os.close(0)
    sleep()


@mode
def closes_standard_output():
    def change(*_):
        os.close(1)
        sleep()

    talk(change, spared=1)


@mode
def floods_standard_error():
    """300 MB."""
    sys.stderr.write("the very beginning\n")
    sys.stderr.flush()
    chunk = b"e" * 1023 + b"\n"
    for _ in range(300):
        os.write(2, chunk)
    for _ in range(300):
        data = chunk * 1024
        while data:
            data = data[os.write(2, data):]
    sys.stderr.write("the very end\n")
    sys.stderr.flush()
    talk()


def flood(data):
    while True:
        write(data * 1000)


@mode
def floods_empty_lines():
    talk(lambda *_: flood(b"\n"), spared=1)


@mode
def floods_garbage():
    talk(lambda *_: flood(b"garbage\n"), spared=1)


@mode
def floods_at_the_end():
    talk()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    flood(b"garbage\n")


@mode
def floods_big_lines_at_the_end():
    talk()
    flood(b"x" * 3000 + b"\n")


# Replies that are none


@mode
def several_kinds_of_reply():
    talk(lambda call, reply: {"stages": {}, "results": [], "seq": call["seq"]}, spared=1)


@mode
def neither_kind_of_reply():
    talk(lambda call, reply: {"seq": call["seq"]}, spared=1)


@mode
def unknown_field():
    talk(lambda call, reply: {**reply, "colour": "red"}, spared=1)


@mode
def number_for_a_string():
    talk(lambda call, reply: {"seq": call["seq"], "stages": {"signature": 5}}, spared=1)


@mode
def a_list():
    talk(lambda call, reply: [reply])


@mode
def other_answer():
    """Results where stages are asked for."""
    talk(lambda call, reply: {"seq": call["seq"], "results": [{"accept": True}]})


@mode
def seq_as_string():
    talk(lambda call, reply: {**reply, "seq": str(call["seq"])})


@mode
def seq_missing():
    talk(lambda call, reply: {key: value for key, value in reply.items() if key != "seq"})


@mode
def seq_unknown():
    talk(lambda call, reply: {**reply, "seq": call["seq"] + 100_000})


@mode
def seq_twice():
    def change(_, reply):
        say(reply)
        return reply

    talk(change)


@mode
def echoes():
    for line in sys.stdin.buffer:
        write(line)


@mode
def echoes_cases():
    talk(lambda call, reply: call)


@mode
def other_protocol():
    for call in messages():
        say({**honest(call), "protocol": 2})


@mode
def refuses_the_protocol():
    for call in messages():
        say({"seq": call["seq"], "error": "this adapter speaks protocol 7"})


@mode
def hello_without_schemes():
    for call in messages():
        say({key: value for key, value in honest(call).items() if key != "schemes"})


@mode
def hello_for_another_message():
    for call in messages():
        say({**honest(call), "seq": "zero"})


# Children


def leave(**how):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], **how)
    with open(ARGUMENTS[0], "a") as file:
        file.write(f"{child.pid}\n")


def leave_a_daemon():
    """A child of a child that has ended, in a session of its own, without environment."""
    if os.fork() == 0:
        leave(start_new_session=True, env={})
        os._exit(0)
    os.wait()


@mode
def leaves_a_child():
    leave()
    talk()


@mode
def leaves_a_child_in_its_own_session():
    leave(start_new_session=True)
    talk()


@mode
def leaves_a_daemon():
    leave_a_daemon()
    talk()


@mode
def leaves_children_and_dies():
    leave()
    leave(start_new_session=True)
    leave_a_daemon()
    talk(lambda call, reply: dies(), spared=1)


@mode
def leaves_children_and_hangs():
    leave()
    leave(start_new_session=True)
    leave_a_daemon()
    sleep()


@mode
def child_that_forks_for_ever():
    """A chain: each process starts the next one and ends."""
    if os.fork() == 0:
        os.setsid()
        os.close(0), os.close(1), os.close(2)
        while True:
            if os.fork():
                os._exit(0)
            time.sleep(0.002)
    talk()


def dead_children(parent):
    """How many processes have ended and were not waited for by this parent."""
    dead = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            state, its_parent = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        dead += state == "Z" and int(its_parent) == parent
    return dead


@mode
def starts_orphans_that_end():
    """Nobody but who adopts them can wait for them."""

    def change(call, reply):
        for _ in range(20):
            if os.fork() == 0:
                if os.fork():
                    os._exit(0)
                time.sleep(0.1)
                os._exit(0)
            os.wait()
        end = time.monotonic() + 8
        time.sleep(0.5)
        while dead_children(os.getppid()):
            if time.monotonic() > end:
                return {"seq": call["seq"], "error": f"{dead_children(os.getppid())} are not waited for"}
            time.sleep(0.1)
        return reply

    talk(lambda call, reply: change(call, reply) if is_the_one(call) else reply)


if __name__ == "__main__":
    MODES[sys.argv[1]]()
