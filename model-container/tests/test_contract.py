"""The contract of contract/cases.json on this server, for every variant of the shipped model; the other server: test/local."""

from __future__ import annotations

import json

import numpy as np
import pytest
from serving import SHIPPED, call, npy, serving

from nvir.golden import CONTRACT, golden_image, golden_images
from nvir.serving.backends import OnnxBackend
from nvir.serving.model_folder import read_model
from nvir.serving.wire import MAX_IMAGES

CASES = json.loads((CONTRACT / "cases.json").read_text())
GOLDEN = json.loads((CONTRACT / "golden.json").read_text())
MODEL = read_model(SHIPPED)


@pytest.fixture(scope="module", params=list(MODEL.files))
def server(request):
    backend = OnnxBackend(MODEL, request.param)
    with serving(lambda: (backend, MODEL.identity_of(request.param))) as (url, _):
        yield url, request.param


def body_of(case: dict) -> bytes:
    if "text" in case:
        return case["text"].encode()
    shape = "".join(f"{n}, " for n in case["shape"])
    header = f"{{'descr': '{case['descr']}', 'fortran_order': {case.get('order', 'False')}, 'shape': ({shape}), }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(case["bytes"])


def test_golden_numbers_are_of_the_shipped_weights() -> None:
    assert GOLDEN["sha256"] == MODEL.identity["sha256"], "run `python -m nvir golden` after an export"
    assert set(GOLDEN["variants"]) == set(MODEL.files)


def test_golden_images_are_told_apart() -> None:
    assert len({golden_image(number).tobytes() for number in range(CASES["goldenImages"])}) == CASES["goldenImages"]
    assert np.ptp(GOLDEN["fp32"]) > 0.05


def test_numbers_shapes_and_identity(server) -> None:
    url, variant = server
    status, answer = call(f"{url}/invocations", npy(golden_images()))
    assert status == 200
    assert answer["model"] == MODEL.identity_of(variant)
    assert {len(values) for name, values in answer.items() if name != "model"} == {CASES["goldenImages"]}
    np.testing.assert_allclose(answer["viability"], GOLDEN["fp32"], atol=CASES["boundsToFp32"][variant], rtol=0)
    assert set(answer) == {*GOLDEN["variants"][variant], "model"}
    for name, values in GOLDEN["variants"][variant].items():
        np.testing.assert_allclose(answer[name], values, atol=CASES["boundBetweenServers"], rtol=0, err_msg=name)
    alone = call(f"{url}/invocations", npy(golden_images()[4:5]))[1]
    assert alone["viability"] == answer["viability"][4:5]


def test_the_largest_request_is_answered(server) -> None:
    url, _ = server
    images = np.concatenate([golden_images()] * 15)
    assert len(images) == MAX_IMAGES
    viability = call(f"{url}/invocations", npy(images))[1]["viability"]
    assert viability == viability[:6] * 15


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_refuses(server, case) -> None:
    status, answer = call(f"{server[0]}/invocations", body_of(case), case["contentType"])
    assert status == case["status"]
    assert len(answer["error"]) > 10
