"""The server on the shipped weights and on models that fail: the wire format, health, and a sentence for every body."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from serving import IDENTITY, SHIPPED, FakeBackend, call, call_with_headers, means, npy, pictures, serving

from nvir.golden import CONTRACT
from nvir.serving import backends, torch_backend
from nvir.serving import http as http_server
from nvir.serving.backends import OnnxBackend, open_backend
from nvir.serving.batcher import Limits
from nvir.serving.model_folder import read_model

ONE = npy(pictures(1))


@pytest.fixture(scope="module")
def url():
    with serving(lambda: open_backend(SHIPPED)) as (address, _):
        yield address


def test_ping_is_503_until_the_model_is_loaded_and_warm() -> None:
    backend = FakeBackend(means, Limits(8, 100, 0, 1))
    with serving(lambda: (backend, IDENTITY), load=False) as (url, service):
        assert call(f"{url}/ping")[0] == 503
        status, answer, headers = call_with_headers(f"{url}/invocations", ONE)
        assert (status, headers["Retry-After"]) == (503, "5")
        assert "being loaded" in answer["error"]
        service.load()
        assert call(f"{url}/ping") == (200, {"ready": True})


def test_every_lane_is_warmed_with_one_image_and_a_full_batch() -> None:
    backend = FakeBackend(means, Limits(8, 100, 0, 2))
    backends.warm(backend)
    assert backend.batches == [1, 8, 1, 8]


def test_answers_with_the_models_numbers_and_identity(url) -> None:
    images = pictures(19)
    status, answer = call(f"{url}/invocations", npy(images))
    assert status == 200
    described = json.loads((SHIPPED / "model.json").read_text())
    assert answer["model"] == {**{key: described[key] for key in ("name", "version", "sha256")}, "variant": "int8"}
    assert all(len(answer[name]) == 19 for name in answer if name != "model")
    for i in (0, 7, 18):
        assert call(f"{url}/invocations", npy(images[i : i + 1]))[1]["viability"] == answer["viability"][i : i + 1]


def test_one_thread_and_two_say_the_same_to_the_bit() -> None:
    images, model = pictures(8), read_model(SHIPPED)
    one, two = (OnnxBackend(model, cpus=cpus).run(images, 0)["viability"] for cpus in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_outputs_go_by_the_wires_names_and_unknown_ones_stay_inside() -> None:
    def outputs(images: np.ndarray):
        return {
            **means(images),
            "half_width_90": np.full(len(images), 0.5),
            "domain_distance": np.ones(len(images)),
            "shared_half_width_90": np.full(len(images), 0.25),
            "features": np.ones(len(images)),
        }

    with serving(lambda: (FakeBackend(outputs, Limits(8, 100, 0, 1)), IDENTITY)) as (url, _):
        answer = call(f"{url}/invocations", npy(np.full((2, 256, 256), 7, np.uint8)))[1]
    numbers = {"viability": [7.0, 7.0], "halfWidth90": [0.5, 0.5], "domainDistance": [1.0, 1.0], "sharedHalfWidth90": [0.25, 0.25]}
    assert answer == numbers | {"model": IDENTITY}


@pytest.mark.parametrize(("allowed", "status"), [(None, 503), ("0", 503), ("1", 200)])
def test_a_gpu_that_cannot_be_used_keeps_ping_at_503_unless_the_cpu_is_allowed(monkeypatch, capsys, allowed, status) -> None:
    monkeypatch.setenv("NVIR_DEVICE", "cuda")
    monkeypatch.setattr(torch_backend.torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv("NVIR_ALLOW_CPU", raising=False)
    if allowed is not None:
        monkeypatch.setenv("NVIR_ALLOW_CPU", allowed)
    with serving(lambda: open_backend(SHIPPED)) as (url, _):
        assert call(f"{url}/ping")[0] == status
        assert call(f"{url}/invocations", ONE)[0] == status
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = next(line for line in lines if "a GPU is offered and cannot be used" in line["message"])
    assert told["level"] == ("warning" if status == 200 else "error")


def test_ping_is_503_while_runs_fail_one_after_the_other_and_recovers() -> None:
    broken = True

    def model(images: np.ndarray):
        if broken:
            raise RuntimeError("CUDA error: device-side assert")
        return means(images)

    with serving(lambda: (FakeBackend(model, Limits(8, 100, 0, 1)), IDENTITY)) as (url, _):
        for pings in (200, 200, 503):
            status, answer = call(f"{url}/invocations", ONE)
            assert status == 500
            assert "CUDA" not in answer["error"]
            assert call(f"{url}/ping")[0] == pings
        broken = False
        assert call(f"{url}/invocations", ONE)[0] == 200
        assert call(f"{url}/ping")[0] == 200


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_a_500_and_never_json_that_others_cannot_read(number) -> None:
    def model(images: np.ndarray):
        return {"viability": np.where(images[:, 0, 0] == 7, number, 0.5).astype(np.float32)}

    with serving(lambda: (FakeBackend(model, Limits(8, 100, 0, 1)), IDENTITY)) as (url, _):
        images = np.zeros((3, 256, 256), np.uint8)
        images[1] = 7
        status, answer = call(f"{url}/invocations", npy(images))
        assert (status, list(answer)) == (500, ["error"])
        assert call(f"{url}/invocations", npy(images[:1]))[1]["viability"] == [0.5]
        assert call(f"{url}/ping")[0] == 200


def test_idle_connections_take_neither_ping_nor_answers_away() -> None:
    with serving(lambda: (FakeBackend(means, Limits(8, 100, 0, 1)), IDENTITY)) as (url, _), contextlib.ExitStack() as idle:
        for _ in range(300):
            idle.enter_context(socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))))
        assert call(f"{url}/ping") == (200, {"ready": True})
        assert call(f"{url}/invocations", ONE)[0] == 200


def test_an_idle_connection_is_closed_soon(monkeypatch) -> None:
    assert http_server.IDLE_SECONDS <= 20
    monkeypatch.setattr(http_server.Handler, "timeout", 0.05)
    with (
        serving(lambda: (FakeBackend(means, Limits(8, 100, 0, 1)), IDENTITY)) as (url, _),
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=20) as connection,
    ):
        assert connection.recv(1) == b""


def test_bodies_beyond_the_limit_get_429_on_a_connection_that_lives_while_ping_is_answered(monkeypatch) -> None:
    monkeypatch.setattr(http_server, "MAX_REQUESTS", 2)
    head = f"POST /invocations HTTP/1.1\r\nContent-Type: application/x-npy\r\nContent-Length: {len(ONE)}\r\n\r\n".encode()
    with serving(lambda: (FakeBackend(means, Limits(8, 100, 0, 1)), IDENTITY)) as (url, service):
        port = int(url.rsplit(":", 1)[1])
        with contextlib.ExitStack() as stack:
            halves = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(2)]
            for connection in halves:
                connection.sendall(head + ONE[:1000])
            while service.in_flight < 2:
                threading.Event().wait(0.005)
            third = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            third.request("POST", "/invocations", ONE, {"Content-Type": "application/x-npy"})
            refused = third.getresponse()
            assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
            assert "2 requests" in json.loads(refused.read())["error"]
            assert call(f"{url}/ping")[0] == 200
            for connection in halves:
                connection.sendall(ONE[1000:])
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            third.request("POST", "/invocations", ONE, {"Content-Type": "application/x-npy"})
            assert third.getresponse().status == 200
            third.close()


def test_ping_is_503_while_a_run_hangs(monkeypatch) -> None:
    release = threading.Event()
    with serving(lambda: (FakeBackend(lambda images: (release.wait(20), means(images))[1], Limits(8, 100, 0, 1)), IDENTITY)) as (
        url,
        service,
    ):
        caller = threading.Thread(target=call, args=(f"{url}/invocations", ONE))
        caller.start()
        monkeypatch.setattr("nvir.serving.service.STUCK_SECONDS", 0.05)
        while service.trouble() is None:
            threading.Event().wait(0.01)
        assert "has not ended" in call(f"{url}/ping")[1]["error"]
        release.set()
        caller.join()
        assert call(f"{url}/ping")[0] == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"not an array", "application/x-npy", 400),
        (b"", "application/x-npy", 400),
        (npy(np.zeros((1, 256, 256), np.float32)), "application/x-npy", 400),
        (npy(np.zeros((1, 255, 256), np.uint8)), "application/x-npy", 400),
        (npy(np.zeros((0, 256, 256), np.uint8)), "application/x-npy", 400),
        (npy(np.zeros((91, 256, 256), np.uint8)), "application/x-npy", 400),
        (npy(np.zeros((2, 256, 256), np.uint8))[:-5], "application/x-npy", 400),
        (npy(np.asfortranarray(pictures(2))), "application/x-npy", 400),
        (ONE + b"more", "application/x-npy", 400),
        (ONE.replace(b"(1, 256, 256)", b"(9e9, 256, 9)"), "application/x-npy", 400),
        (ONE.replace(b"(1, 256, 256)", b"(-1, 256, 256"), "application/x-npy", 400),
        (npy(np.array([{"a": 1}], dtype=object), pickled=True), "application/x-npy", 400),
        (b"{}", "application/json", 415),
    ],
)
def test_bad_bodies_get_a_sentence_and_the_server_lives(url, body, content_type, status) -> None:
    code, answer = call(f"{url}/invocations", body, content_type)
    assert code == status
    assert len(answer["error"]) > 10
    assert call(f"{url}/ping")[0] == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("POST /invocations HTTP/1.1\r\nX-Nothing: 1", 411),
        ("POST /invocations HTTP/1.1\r\nContent-Length: -1", 411),
        ("POST /invocations HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6", 411),
        ("POST /invocations HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", 411),
        ("POST /invocations HTTP/1.1\r\nContent-Length: 6000001", 413),
        ("POST /elsewhere HTTP/1.1\r\nContent-Length: 5", 404),
        ("PUT /invocations HTTP/1.1\r\nContent-Length: 5", 405),
        ("GET /invocations HTTP/1.1\r\nContent-Length: 5", 404),
        ("NONSENSE", 400),
    ],
)
def test_a_body_that_is_refused_unread_is_not_taken_for_the_next_request(url, head, status) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=20) as connection:
        connection.sendall(f"{head}\r\n\r\nGET /ping HTTP/1.1\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    if head != "NONSENSE":  # Without a version the answer is HTTP/0.9, which has no status line.
        assert answer.startswith(f"HTTP/1.1 {status}".encode())
        assert answer.count(b"HTTP/1.1") == 1
    assert b'"error"' in answer


@pytest.mark.parametrize(("content", "message"), [(None, "is not there"), ("{", "cannot be read"), ('{"name": 1}', "cannot be read")])
def test_a_model_folder_that_is_wrong_is_named_and_ping_stays_503(tmp_path: Path, content, message) -> None:
    if content is not None:
        (tmp_path / "model.json").write_text(content)
    with serving(lambda: open_backend(tmp_path)) as (url, _):
        status, answer = call(f"{url}/ping")
    assert status == 503
    assert "model.json" in answer["error"]
    assert message in answer["error"]


def test_another_files_numbers_are_not_given_under_this_models_name(tmp_path: Path) -> None:
    """As a stopped export or a copy by hand leaves it: the identity of one model beside the weights of another."""
    base = CONTRACT / "recalibration" / "base"
    shutil.copytree(base, tmp_path / "mixed")
    shutil.copy(CONTRACT / "recalibration" / "recalibrated" / "tiny.onnx", tmp_path / "mixed" / "tiny.onnx")
    with serving(lambda: open_backend(tmp_path / "mixed")) as (url, _):
        status, answer = call(f"{url}/ping")
    assert status == 503
    assert "tiny.onnx is not the file that model.json names (another SHA-256): export the model again" in answer["error"]


def test_the_runtime_keeps_no_number_of_this_machine_and_tells_nobody_of_the_model(tmp_path) -> None:
    """Its telemetry leaves an identifier and a queue in the user's cache, when it is on."""
    code = "from nvir.serving.backends import OnnxBackend; from nvir.serving.model_folder import read_model; import pathlib, sys;"
    code += "OnnxBackend(read_model(pathlib.Path(sys.argv[1])))"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code, str(SHIPPED)], env=environment, cwd=SHIPPED.parent, check=True)
    assert list(tmp_path.iterdir()) == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_sigterm_makes_ping_503_answers_what_is_owed_and_ends_with_0(processes) -> None:
    port = free_port()
    environment = {**os.environ, "SAGEMAKER_BIND_TO_PORT": str(port), "SM_MODEL_DIR": str(SHIPPED), "NVIR_PROCESSES": processes}
    server = subprocess.Popen(
        [sys.executable, "-m", "nvir", "serve"], env=environment, stdout=subprocess.PIPE, text=True, cwd=SHIPPED.parent
    )
    url = f"http://127.0.0.1:{port}"
    ready = 0
    for line in server.stdout or ():
        ready += json.loads(line)["message"] == "ready"
        if ready == int(processes):
            break
    assert call(f"{url}/ping")[0] == 200
    answers: list[tuple[int, dict]] = []
    callers = [threading.Thread(target=lambda: answers.append(call(f"{url}/invocations", npy(pictures(40))))) for _ in range(2)]
    for caller in callers:
        caller.start()
    for line in server.stdout or ():  # The first answer: the other one is owed.
        if "invocation" in line:
            break
    server.send_signal(signal.SIGTERM)
    for caller in callers:
        caller.join()
    assert [status for status, _ in answers] == [200, 200]
    assert server.wait(30) == 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/ping", timeout=5)
