"""The state of a server: loading, ready, failing, draining; and the way of a request through it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .backends import Backend
from .batcher import Batcher
from .logs import log
from .wire import Refused, answer_of, parse_images

# One bad batch may be the caller's; this many in a row are the device's.
FAILURES_OF_A_DEVICE = 3
# SageMaker gives up on an answer after 60 s; a run that long has hung.
STUCK_SECONDS = 60

Opened = tuple[Backend, dict[str, str]]


class Service:
    """Loads in the background; until then, and when the device fails or the server drains, it is not healthy."""

    def __init__(self, opening: Callable[[], Opened]) -> None:
        self._opening = opening
        self._batcher: Batcher | None = None
        self._identity: dict[str, str] = {}
        self._trouble = "the model is being loaded"
        self._draining = False
        self._told = ""
        self._in_flight = 0
        self._idle = threading.Condition()

    def load(self) -> None:
        """Opens and warms the backend; a failure is kept as the reason why `/ping` is 503."""
        try:
            backend, self._identity = self._opening()
        except Exception as error:
            self._trouble = f"the model could not be loaded: {error}"
            log("error", self._trouble)
            return
        self._batcher = Batcher(backend.run, backend.limits)
        log("info", "ready", device=backend.device, **self._identity)

    def trouble(self) -> str | None:
        """Why `/ping` is 503, or None when it is 200. A change is logged once."""
        found = self._find_trouble()
        if (found or "") != self._told:
            self._told = found or ""
            log("warning" if found else "info", f"not healthy: {found}" if found else "healthy")
        return found

    def _find_trouble(self) -> str | None:
        if self._draining:
            return "the server is stopping"
        if self._batcher is None:
            return self._trouble
        if self._batcher.consecutive_failures >= FAILURES_OF_A_DEVICE:
            return f"the last {self._batcher.consecutive_failures} runs of the model failed"
        if (stuck := self._batcher.stuck_s()) > STUCK_SECONDS:
            return f"a run of the model has not ended for {stuck:.0f} s"
        return None

    def answer(self, body: bytes | bytearray) -> dict:
        """@throws Refused with a status and a sentence; or what the model raised."""
        images = parse_images(body)
        batcher = self._batcher
        if batcher is None:
            raise Refused(503, f"not ready: {self._trouble}", retry_after_s=5)
        return answer_of(batcher.predict(images), self._identity)

    def begin(self) -> None:
        """A request has come; `end` must follow, once it is answered."""
        with self._idle:
            self._in_flight += 1

    def end(self) -> None:
        with self._idle:
            self._in_flight -= 1
            self._idle.notify_all()

    @property
    def in_flight(self) -> int:
        """Requests that have come and are not answered."""
        with self._idle:
            return self._in_flight

    @property
    def draining(self) -> bool:
        return self._draining

    def drain(self) -> None:
        """From now on `/ping` is 503, and every answer ends its connection."""
        self._draining = True
        self.trouble()

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether every request was answered in time."""
        with self._idle:
            return self._idle.wait_for(lambda: self._in_flight == 0, seconds)

    def close(self) -> None:
        if self._batcher is not None:
            self._batcher.close()
