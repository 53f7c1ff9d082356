"""What the tests of serving share: bodies, calls, and a server around any backend."""

from __future__ import annotations

import contextlib
import io
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from nvir.serving.batcher import Limits
from nvir.serving.http import Server
from nvir.serving.service import Service
from nvir.serving.wire import Outputs

SHIPPED = Path(__file__).resolve().parents[1] / "model"
IDENTITY = {"name": "nvir", "version": "0", "sha256": "0" * 64, "variant": "test"}


class FakeBackend:
    """Answers by a function of the images, as a model would."""

    variant, device = "test", "test"

    def __init__(self, function: Callable[[np.ndarray], Outputs], limits: Limits) -> None:
        self.function, self.limits = function, limits
        self.batches: list[int] = []

    def run(self, images: np.ndarray, lane: int) -> Outputs:
        self.batches.append(len(images))
        return self.function(images)


def means(images: np.ndarray) -> Outputs:
    """A number that tells images apart: their mean gray."""
    return {"viability": images.mean(axis=(1, 2), dtype=np.float64).astype(np.float32)}


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 256, 256)).astype(np.uint8)


def npy(array: np.ndarray, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=pickled)
    return file.getvalue()


def call(url: str, body: bytes | None = None, content_type: str = "application/x-npy") -> tuple[int, dict]:
    return call_with_headers(url, body, content_type)[:2]


def call_with_headers(url: str, body: bytes | None, content_type: str = "application/x-npy") -> tuple[int, dict, dict[str, str]]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type} if body is not None else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response), dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), dict(error.headers)


@contextlib.contextmanager
def serving(opening, load: bool = True) -> Iterator[tuple[str, Service]]:
    """A server on a free port, its address and its service."""
    service = Service(opening)
    server = Server(("127.0.0.1", 0), service)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    if load:
        service.load()
    yield f"http://127.0.0.1:{server.server_address[1]}", service
    server.shutdown()
    server.server_close()
    service.close()
