"""The JSON corpus as a test suite of one's own: every vector, under every reading, without a runner.

Run with `pytest`. `COUNTERSIGN_VECTORS` names another folder than `../../vectors/json`.
"""

import json
import os
from pathlib import Path

import pytest

from countersign_adapter import answer_sign, answer_verify
from systems import SYSTEMS

FOLDER = Path(os.environ.get("COUNTERSIGN_VECTORS", Path(__file__).parents[2] / "vectors" / "json"))
FILES = [json.loads((FOLDER / f"{scheme}.json").read_text("utf-8")) for scheme in SYSTEMS]


def cases():
    """Each vector as it is decided, and under each reading of its scheme."""
    for file in FILES:
        for vector in file["vectors"]:
            yield pytest.param(file["scheme"], vector, None, id=vector["name"])
            for reading in file["readings"]:
                yield pytest.param(file["scheme"], vector, reading, id=f"{vector['name']}-{reading}")


def expected(vector, reading):
    """The expectation; a reading replaces the parts that it has otherwise, stages one by one."""
    expect = {key: value for key, value in vector["expect"].items() if key != "readings"}
    other = vector["expect"].get("readings", {}).get(reading, {})
    stages = {**expect.get("stages", {}), **other.get("stages", {})}
    return {**expect, **other, **({"stages": stages} if stages else {})}


def compare_stages(wanted, found):
    for name, value in wanted.items():
        assert found.get(name) == value, f"stage {name}"


def url(request):
    host = next(value for name, value in request["headers"] if name.lower() == "host")
    return f"{request['scheme']}://{host}{request['target']}"


def compare_request(wanted, found):
    for name, value in wanted.get("headers", []):
        assert [v for n, v in found["headers"] if n.lower() == name.lower()] == [value], f"header {name}"
    for part in ("target", "body"):
        if part in wanted:
            assert found[part] == wanted[part], part
    if "url" in wanted:
        assert url(found) == wanted["url"]


def compare_result(wanted, found):
    assert found["accept"] == (wanted["outcome"] == "accept")
    for detail in ("class", "status", "code", "message"):
        if detail in found:
            assert found[detail] == wanted.get(detail), detail
    compare_stages(wanted.get("stages", {}), found.get("stages", {}))


@pytest.mark.parametrize("scheme, vector, reading", list(cases()))
def test_vector(scheme, vector, reading):
    given = vector["given"]
    call = {"scheme": scheme, "operation": given["operation"], "variant": given.get("variant"), "reading": reading}
    expect = expected(vector, reading)
    if "sign" in given:
        answer = answer_sign({**call, "given": given["sign"]})
        compare_stages(expect.get("stages", {}), answer["stages"])
        compare_request(expect.get("signed_request", {}), answer["signed_request"])
    else:
        results = answer_verify({**call, "given": given["verify"]})["results"]
        assert len(results) == len(expect["results"])
        for wanted, found in zip(expect["results"], results):
            compare_result(wanted, found)


def test_the_corpus_is_whole():
    assert all(file["format"] and file["corpus"] and file["vectors"] for file in FILES)
