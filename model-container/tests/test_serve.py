"""The server on the shipped weights: the wire format, and a sentence for every body that cannot be answered."""

from __future__ import annotations

import io
import json
import socket
import threading
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from nvir.serve import Model, make_handler

SHIPPED = Path(__file__).resolve().parents[1] / "model"


def npy(array: np.ndarray, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=pickled)
    return file.getvalue()


@pytest.fixture(scope="module")
def server():
    model = Model(SHIPPED)
    http = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(model))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_address[1]}", model
    http.shutdown()


def call(url: str, body: bytes | None = None, content_type: str = "application/x-npy") -> tuple[int, dict]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type} if body is not None else {})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_ping_is_503_until_warm(server) -> None:
    url, model = server
    assert call(f"{url}/ping")[0] == 503
    model.warm()
    assert call(f"{url}/ping")[0] == 200


class SessionWithout:
    """An ONNX Runtime session that was offered a GPU and could not load its libraries."""

    def __init__(self, file: str, providers: list[str]) -> None:
        assert providers == ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def get_providers(self) -> list[str]:
        return ["CPUExecutionProvider"]

    def run(self, _outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        return [np.zeros(len(inputs["images"]), np.float32)]


@pytest.mark.parametrize(("allowed", "ready"), [(None, False), ("0", False), ("1", True)])
def test_a_gpu_that_cannot_be_used_keeps_ping_at_503_unless_the_cpu_is_allowed(monkeypatch, capsys, allowed, ready) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "InferenceSession", SessionWithout)
    monkeypatch.delenv("NVIR_ALLOW_CPU", raising=False)
    if allowed is not None:
        monkeypatch.setenv("NVIR_ALLOW_CPU", allowed)
    model = Model(SHIPPED)
    model.warm()
    assert model.ready is ready
    line = json.loads(capsys.readouterr().out)
    assert line["level"] == ("warning" if ready else "error")
    assert "CUDAExecutionProvider could not be loaded" in line["message"]
    http = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(model))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    assert call(f"http://127.0.0.1:{http.server_address[1]}/ping")[0] == (200 if ready else 503)
    http.shutdown()


def test_answers_with_viabilities_and_identity(server) -> None:
    url, _ = server
    images = np.random.default_rng(0).integers(0, 256, (3, 256, 256)).astype(np.uint8)
    status, answer = call(f"{url}/invocations", npy(images))
    assert status == 200
    assert len(answer["viability"]) == 3
    assert answer["model"] == {
        **{k: json.loads((SHIPPED / "model.json").read_text())[k] for k in ("name", "version", "sha256")},
        "variant": "int8",
    }
    alone = call(f"{url}/invocations", npy(images[1:2]))[1]["viability"]
    assert alone == answer["viability"][1:2]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"not an array", "application/x-npy", 400),
        (npy(np.zeros((1, 256, 256), np.float32)), "application/x-npy", 400),
        (npy(np.zeros((1, 255, 256), np.uint8)), "application/x-npy", 400),
        (npy(np.zeros((0, 256, 256), np.uint8)), "application/x-npy", 400),
        (npy(np.zeros((91, 256, 256), np.uint8)), "application/x-npy", 400),
        (npy(np.zeros((2, 256, 256), np.uint8))[:-5], "application/x-npy", 400),
        (npy(np.asfortranarray(np.zeros((2, 256, 256), np.uint8))), "application/x-npy", 400),
        (npy(np.zeros((1, 256, 256), np.uint8)) + b"more", "application/x-npy", 400),
        (npy(np.zeros((1, 256, 256), np.uint8)).replace(b"(1, 256, 256)", b"(9e9, 256, 9)"), "application/x-npy", 400),
        (npy(np.array([{"a": 1}], dtype=object), pickled=True), "application/x-npy", 400),
        (b"{}", "application/json", 415),
    ],
)
def test_bad_bodies_get_a_sentence_and_the_server_lives(server, body, content_type, status) -> None:
    url, _ = server
    code, answer = call(f"{url}/invocations", body, content_type)
    assert code == status
    assert len(answer["error"]) > 10
    assert call(f"{url}/ping")[0] == 200


@pytest.mark.parametrize(("header", "status"), [("X-Nothing: 1", 411), ("Content-Length: -1", 411), ("Content-Length: 6000001", 413)])
def test_a_body_that_is_refused_unread_is_not_taken_for_the_next_request(server, header, status) -> None:
    url, _ = server
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))) as connection:
        connection.sendall(f"POST /invocations HTTP/1.1\r\n{header}\r\n\r\nGET /ping HTTP/1.1\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert answer.count(b"HTTP/1.1") == 1
