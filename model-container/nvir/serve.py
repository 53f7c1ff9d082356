"""A small SageMaker server on ONNX Runtime: /ping once the model is loaded and warm, /invocations by the wire format."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime

MAX_IMAGES = 90
MAX_BYTES = 6_000_000
SIDE = 256
# A caller that stops in the middle of a body must not hold its thread for ever; SageMaker gives up after 60 s too.
IDLE_SECONDS = 60
SHIPPED = Path(__file__).resolve().parents[1] / "model"


class BadRequest(Exception):
    """A body that cannot be answered; the sentence goes to the caller."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def log(level: str, message: str) -> None:
    """One JSON line."""
    print(json.dumps({"level": level, "message": message}), flush=True)


class Model:
    """One session; calls are taken one at a time, so that requests do not fight for cores."""

    def __init__(self, folder: Path, variant: str = "int8") -> None:
        identity = json.loads((folder / "model.json").read_text())
        providers = [p for p in ("CUDAExecutionProvider", "CPUExecutionProvider") if p in onnxruntime.get_available_providers()]
        self.session = onnxruntime.InferenceSession(str(folder / identity["variants"][variant]["file"]), providers=providers)
        # ONNX Runtime goes on without the GPU in silence; an endpoint must fail rather than let a paid GPU idle.
        self.lacks_gpu = self.session.get_providers()[0] != providers[0] and os.environ.get("NVIR_ALLOW_CPU") != "1"
        if self.session.get_providers()[0] != providers[0]:
            told = "not ready; set NVIR_ALLOW_CPU=1 to go on" if self.lacks_gpu else "answering"
            log("error" if self.lacks_gpu else "warning", f"{providers[0]} could not be loaded: {told} on the CPU")
        self.identity = {**{key: identity[key] for key in ("name", "version", "sha256")}, "variant": variant}
        self.lock = threading.Lock()
        self.ready = False

    def warm(self) -> None:
        self.predict(np.zeros((2, SIDE, SIDE), np.uint8))
        self.ready = not self.lacks_gpu

    def predict(self, images: np.ndarray) -> list[float]:
        with self.lock:
            return [float(v) for v in self.session.run(None, {"images": images})[0]]


def parse_images(body: bytes) -> np.ndarray:
    """The uint8 array (N, 256, 256) of a .npy body. The header is judged before anything is allocated by it."""
    file = io.BytesIO(body)
    try:
        version = np.lib.format.read_magic(file)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, dtype = read_header(file)
    except Exception as error:  # NumPy raises many kinds for foreign bytes.
        raise BadRequest(400, f"the body is not a .npy array ({error})") from None
    if dtype != np.uint8 or len(shape) != 3 or shape[1:] != (SIDE, SIDE) or fortran:
        raise BadRequest(400, f"the array must be uint8 of shape (N, {SIDE}, {SIDE}) in C order")
    if not 1 <= shape[0] <= MAX_IMAGES:
        raise BadRequest(400, f"a request holds 1 to {MAX_IMAGES} images, not {shape[0]}")
    pixels = len(body) - file.tell()
    if pixels != shape[0] * SIDE * SIDE:
        raise BadRequest(400, f"the header announces {shape[0] * SIDE * SIDE} bytes of pixels, but {pixels} came")
    return np.frombuffer(body, np.uint8, offset=file.tell()).reshape(shape)


def make_handler(model: Model) -> type[BaseHTTPRequestHandler]:
    """Request handler of a model."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            if self.path != "/ping":
                self._answer(404, {"error": "only /ping and /invocations are served"})
            else:
                self._answer(200 if model.ready else 503, {"ready": model.ready})

        def do_POST(self) -> None:
            try:
                self._answer(200, {"viability": model.predict(parse_images(self._body())), "model": model.identity})
            except BadRequest as error:
                self._answer(error.status, {"error": str(error)})
            except (TimeoutError, ConnectionError):
                self.close_connection = True
            except Exception as error:
                log("error", f"inference failed: {error}")
                self._answer(500, {"error": "the model failed on this request; see the container's log"})

        def _body(self) -> bytes:
            # A body left unread would be taken for the connection's next request: refuse, then hang up.
            closes_anyway, self.close_connection = self.close_connection, True
            if self.path != "/invocations":
                raise BadRequest(404, "only /ping and /invocations are served")
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdecimal()):
                raise BadRequest(411, "Content-Length is missing or no number")
            if len(length) > 12 or int(length) > MAX_BYTES:
                raise BadRequest(413, f"the body is over {MAX_BYTES} bytes: send at most {MAX_IMAGES} images")
            body = self.rfile.read(int(length))
            self.close_connection = closes_anyway
            if self.headers.get("Content-Type", "").split(";")[0] != "application/x-npy":
                raise BadRequest(415, "the content type must be application/x-npy")
            return body

        def _answer(self, status: int, value: dict) -> None:
            payload = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            log("info", format % args)

    return Handler


def serve(folder: Path | None, port: int | None) -> None:
    """Serves until SIGTERM; /ping is 503 until a warm-up batch has run, and as long as a GPU is offered that cannot be used.

    The container sets NVIR_HOST to all addresses; NVIR_ALLOW_CPU=1 lets it answer on the CPU where it should have a GPU.
    """
    model = Model(folder or Path(os.environ.get("SM_MODEL_DIR", SHIPPED)))
    chosen = port if port is not None else int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    server = ThreadingHTTPServer((os.environ.get("NVIR_HOST", "127.0.0.1"), chosen), make_handler(model))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    threading.Thread(target=model.warm, daemon=True).start()
    server.serve_forever()
