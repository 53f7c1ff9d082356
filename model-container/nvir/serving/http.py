"""HTTP/1.1 by the standard library, a thread a connection (docs/decisions/0016 has what was measured)."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .logs import log
from .service import Service
from .wire import CONTENT_TYPE, MAX_BYTES, MAX_IMAGES, Refused

# A caller that stops in the middle of a request must not hold its thread for ever; SageMaker gives up after 60 s too.
IDLE_SECONDS = 15
BODY_SECONDS = 60
# Requests that are read or answered, a body of 6 MB each: at most 1.5 GB. /ping needs none of them.
MAX_REQUESTS = 256
# A thread each. Far beyond MAX_REQUESTS, so that connections which ask nothing, or wait for a 429, leave room for /ping.
MAX_CONNECTIONS = 4096
SCRATCH_BYTES = 64 * 1024
ONLY = "only GET /ping and POST /invocations are served"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "nvir"
    sys_version = ""
    timeout = IDLE_SECONDS
    # Header and body in one packet: without it a small answer waits for the caller's delayed acknowledgement.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        if self.path != "/ping":
            self._refuse_unread(404, ONLY)
        elif trouble := self.server.service.trouble():
            self._answer(503, {"ready": False, "error": trouble})
        else:
            self._answer(200, {"ready": True})

    def do_POST(self) -> None:
        service, started = self.server.service, time.monotonic()
        service.begin()
        place = self.server.places.acquire(blocking=False)
        try:
            try:
                answer = service.answer(self._body(keep=place))
                status, images = 200, len(answer["viability"])
                self._answer(200, answer)
            except Refused as refused:
                status, images = refused.status, 0
                self._answer(status, {"error": str(refused)}, refused.retry_after_s)
            except (TimeoutError, ConnectionError):
                self.close_connection = True
                return
            except Exception as error:
                log("error", f"the model failed: {type(error).__name__}: {error}")
                status, images = 500, 0
                self._answer(500, {"error": "the model failed on this request; see the container's log"})
            log("info", "invocation", status=status, images=images, milliseconds=round(1000 * (time.monotonic() - started), 1))
        finally:
            if place:
                self.server.places.release()
            service.end()

    def _body(self, keep: bool) -> bytearray:
        # A body left unread would be taken for the connection's next request: refuse, then hang up.
        closes_anyway, self.close_connection = self.close_connection, True
        if self.path != "/invocations":
            raise Refused(404, ONLY)
        lengths = self.headers.get_all("Content-Length", [])
        if "Transfer-Encoding" in self.headers or len(lengths) != 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            raise Refused(411, "one Content-Length is needed, a number of bytes; chunked bodies are not taken")
        if len(lengths[0]) > 12 or int(lengths[0]) > MAX_BYTES:
            raise Refused(413, f"the body is over {MAX_BYTES} bytes: send at most {MAX_IMAGES} images")
        body = self._read(int(lengths[0]), keep)
        self.close_connection = closes_anyway
        if not keep:
            raise Refused(429, f"{MAX_REQUESTS} requests are being answered: ask again later", retry_after_s=1)
        if self.headers.get("Content-Type", "").split(";")[0].strip().lower() != CONTENT_TYPE:
            raise Refused(415, f"the content type must be {CONTENT_TYPE}")
        return body

    def _read(self, length: int, keep: bool) -> bytearray:
        """The body. One that is not kept is read to its end as well: a caller whose connection breaks would not see the 429."""
        body, at = bytearray(length if keep else min(length, SCRATCH_BYTES)), 0
        view, until = memoryview(body), time.monotonic() + BODY_SECONDS
        while at < length:
            count = self.rfile.readinto1(view[at:] if keep else view[: length - at])
            if not count:
                raise ConnectionResetError("the caller hung up in the middle of a body")
            at += count
            if time.monotonic() > until:
                raise Refused(408, f"the body did not come within {BODY_SECONDS} s")
        return body

    def _refuse_unread(self, status: int, reason: str) -> None:
        self.close_connection = True
        self._answer(status, {"error": reason})

    def _answer(self, status: int, value: dict, retry_after_s: int | None = None) -> None:
        payload = json.dumps(value, allow_nan=False).encode()
        self.close_connection = self.close_connection or self.server.service.draining
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if retry_after_s is not None:
            self.send_header("Retry-After", str(retry_after_s))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library finds wrong with a request, as JSON like every other answer."""
        self._refuse_unread(405 if code == 501 else int(code), ONLY if code == 501 else message or explain or "not HTTP/1.1")

    def log_message(self, format: str, *args: object) -> None:
        """Invocations and changes of health are logged; a ping every few seconds is not."""


class Server(ThreadingHTTPServer):
    """Accepts connections up to a limit far above that of requests; one more is closed at once."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], service: Service, share_port: bool = False) -> None:
        self.service = service
        # Only siblings of one parent share a port: two servers begun by hand would take each other's requests.
        self.allow_reuse_port = share_port
        self.places = threading.BoundedSemaphore(MAX_REQUESTS)
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__(address, Handler)

    def process_request(self, request: socket.socket, client_address: tuple) -> None:
        if not self._free.acquire(blocking=False):
            log("warning", f"{MAX_CONNECTIONS} connections are open: another one was closed")
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket.socket, client_address: tuple) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: tuple) -> None:
        """A caller that hangs up is no error of ours; anything else is, and ends only its connection."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            log("error", f"a connection ended by {type(error).__name__}: {error}")
