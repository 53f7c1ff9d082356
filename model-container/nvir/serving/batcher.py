"""Dynamic batching: images of waiting requests are run together, in order, with a bounded wait and a bounded queue."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .wire import Outputs, Refused

# Runs a batch on a lane (its number): uint8 (N, 256, 256) to named float32 (N,).
Run = Callable[[np.ndarray, int], Outputs]


@dataclass(frozen=True)
class Limits:
    """How requests are put together.

    `batch_images`: most images of one run. `queue_images`: most that wait; more are refused with 429. `wait_ms`: how long a run
    that is not full waits for more. `lanes`: runs at the same time.
    """

    batch_images: int
    queue_images: int
    wait_ms: float
    lanes: int


@dataclass(eq=False)
class _Request:
    images: np.ndarray
    arrived: float
    parts: dict[int, Outputs] = field(default_factory=dict)
    taken: int = 0
    answered: int = 0
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def left(self) -> int:
        return len(self.images) - self.taken


@dataclass(frozen=True)
class _Slice:
    request: _Request
    start: int
    stop: int


class Batcher:
    """Requests wait in order of arrival; each lane takes the first images that wait, also parts of requests, and runs them."""

    def __init__(self, run: Run, limits: Limits) -> None:
        self._run, self.limits = run, limits
        self._waiting: deque[_Request] = deque()
        self._waiting_images = 0
        self._changed = threading.Condition()
        self._closed = False
        self._running_since: dict[int, float] = {}
        self.consecutive_failures = 0
        self._lanes = [threading.Thread(target=self._work, args=(lane,), daemon=True) for lane in range(limits.lanes)]
        for thread in self._lanes:
            thread.start()

    def predict(self, images: np.ndarray) -> Outputs:
        """Named float32 (N,) of uint8 images (N, 256, 256), in their order; blocks until they are there.

        @throws Refused (429) when the queue is full, (503) when closed; what the model raised in a run with these images; or
        RuntimeError when a number of theirs is not finite.
        """
        request = _Request(images, time.monotonic())
        with self._changed:
            if self._closed:
                raise Refused(503, "the server is stopping: ask another one")
            # A request that alone is larger than the queue would never pass.
            if self._waiting and self._waiting_images + len(images) > self.limits.queue_images:
                raise Refused(429, f"{self._waiting_images} images are waiting already: ask again later", retry_after_s=1)
            self._waiting.append(request)
            self._waiting_images += len(images)
            self._changed.notify_all()
        request.done.wait()
        if request.error is not None:
            raise request.error
        parts = [request.parts[start] for start in sorted(request.parts)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def stuck_s(self) -> float:
        """How long the oldest run that has not ended is under way, in seconds; 0 when none is."""
        with self._changed:
            return time.monotonic() - min(self._running_since.values()) if self._running_since else 0.0

    def close(self) -> None:
        """Ends the lanes once what waits is answered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._lanes:
            thread.join()

    def _work(self, lane: int) -> None:
        while batch := self._take(lane):
            pieces = [piece.request.images[piece.start : piece.stop] for piece in batch]
            outputs: Outputs = {}
            error: BaseException | None = None
            try:
                outputs = self._run(pieces[0] if len(pieces) == 1 else np.concatenate(pieces), lane)
                if any(len(values) != sum(map(len, pieces)) for values in outputs.values()):
                    raise RuntimeError("the model gave another number of answers than it got images")
            except BaseException as raised:
                error = raised
            self._give(lane, batch, outputs, error)

    def _take(self, lane: int) -> list[_Slice]:
        """The next images, at most a batch; empty once closed and nothing waits."""
        with self._changed:
            while not self._wait_for_images():
                if self._closed:
                    return []
            batch: list[_Slice] = []
            room = self.limits.batch_images
            while self._waiting and room:
                request = self._waiting[0]
                count = min(room, request.left)
                batch.append(_Slice(request, request.taken, request.taken + count))
                request.taken += count
                room -= count
                self._waiting_images -= count
                if not request.left:
                    self._waiting.popleft()
            self._running_since[lane] = time.monotonic()
            return batch

    def _wait_for_images(self) -> bool:
        """Until a batch is full or the oldest request has waited long enough. False: look again, another lane took them."""
        while not self._waiting:
            if self._closed:
                return False
            self._changed.wait()
        until = self._waiting[0].arrived + self.limits.wait_ms / 1000
        while self._waiting and not self._closed and self._waiting_images < self.limits.batch_images:
            if (left := until - time.monotonic()) <= 0:
                break
            self._changed.wait(left)
        return bool(self._waiting)

    def _give(self, lane: int, batch: list[_Slice], outputs: Outputs, error: BaseException | None) -> None:
        with self._changed:
            del self._running_since[lane]
            self.consecutive_failures = self.consecutive_failures + 1 if error or _not_finite(outputs) else 0
            at = 0
            for piece in batch:
                request, count = piece.request, piece.stop - piece.start
                part = {name: values[at : at + count] for name, values in outputs.items()}
                if found := error or _not_finite(part):
                    self._fail(request, found)
                request.parts[piece.start] = part
                request.answered += count
                at += count
                if request.answered == len(request.images):
                    request.done.set()

    def _fail(self, request: _Request, error: BaseException) -> None:
        request.error = request.error or error
        request.done.set()
        if request.left and request in self._waiting:
            # Nobody waits for the rest of it.
            self._waiting.remove(request)
            self._waiting_images -= request.left
            request.taken = len(request.images)


def _not_finite(outputs: Outputs) -> RuntimeError | None:
    """Any pixels give finite numbers: others are the model's or the device's failure, for which JSON has no word."""
    for name, values in outputs.items():
        if not np.isfinite(values).all():
            return RuntimeError(f"the model's {name} of an image is not finite")
    return None
