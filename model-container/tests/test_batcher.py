"""Requests are put together and taken apart again: nobody gets another's numbers, and a full queue says so."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from serving import means, pictures

from nvir.serving.batcher import Batcher, Limits
from nvir.serving.wire import Refused


class Gate:
    """A model that waits until it is let go, so that requests pile up behind it."""

    def __init__(self) -> None:
        self.open, self.entered = threading.Event(), threading.Event()
        self.batches: list[int] = []
        self.then = means

    def run(self, images: np.ndarray, lane: int):
        self.entered.set()
        self.batches.append(len(images))
        assert self.open.wait(10)
        if self.then is means and (images == 13).all(axis=(1, 2)).any():
            raise RuntimeError("an unlucky batch")
        return self.then(images)


def test_requests_of_any_size_get_their_own_numbers_in_order_from_several_lanes() -> None:
    sizes = np.random.default_rng(1).integers(1, 30, 60)
    asked = [pictures(int(size), seed) for seed, size in enumerate(sizes)]
    seen: list[int] = []
    batcher = Batcher(lambda images, lane: (seen.append(len(images)), means(images))[1], Limits(8, 10_000, 1, lanes=3))
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(batcher.predict, asked))
    for images, answer in zip(asked, answers, strict=True):
        np.testing.assert_array_equal(answer["viability"], means(images)["viability"])
    assert max(seen) <= 8
    assert sum(seen) == sizes.sum()
    assert len(seen) < len(sizes) + sizes.sum() / 8
    batcher.close()


def piled_up(limits: Limits, requests: list[np.ndarray]) -> tuple[Gate, Batcher, list]:
    """A run that is under way, and requests behind it in this order."""
    gate = Gate()
    batcher = Batcher(gate.run, limits)
    callers = ThreadPoolExecutor(len(requests) + 1)
    futures = [callers.submit(batcher.predict, pictures(1, 99))]
    assert gate.entered.wait(5)
    for number, images in enumerate(requests):
        futures.append(callers.submit(batcher.predict, images))
        while len(batcher._waiting) <= number:
            threading.Event().wait(0.001)
    return gate, batcher, futures


def test_what_waits_is_run_together_up_to_the_largest_batch_and_large_requests_are_cut() -> None:
    gate, batcher, futures = piled_up(Limits(16, 1000, 0, lanes=1), [pictures(5, 1), pictures(20, 2), pictures(7, 3)])
    gate.open.set()
    for future, (count, seed) in zip(futures, [(1, 99), (5, 1), (20, 2), (7, 3)], strict=True):
        np.testing.assert_array_equal(future.result(10)["viability"], means(pictures(count, seed))["viability"])
    assert gate.batches == [1, 16, 16]
    batcher.close()


def test_a_full_queue_refuses_with_429_and_takes_again_once_there_is_room() -> None:
    gate, batcher, futures = piled_up(Limits(4, 10, 0, lanes=1), [pictures(8, 1)])
    with pytest.raises(Refused, match="8 images are waiting") as refused:
        batcher.predict(pictures(3, 2))
    assert (refused.value.status, refused.value.retry_after_s) == (429, 1)
    gate.open.set()
    assert len(futures[1].result(10)["viability"]) == 8
    assert len(batcher.predict(pictures(3, 2))["viability"]) == 3
    batcher.close()


def test_a_run_that_fails_fails_only_its_requests() -> None:
    unlucky = np.full((6, 256, 256), 13, np.uint8)
    gate, batcher, futures = piled_up(Limits(4, 100, 0, lanes=1), [pictures(4, 1), unlucky, pictures(3, 2)])
    gate.open.set()
    assert len(futures[1].result(10)["viability"]) == 4
    with pytest.raises(RuntimeError, match="unlucky"):
        futures[2].result(10)
    assert len(futures[3].result(10)["viability"]) == 3
    # The rest of a request that has failed is not run.
    assert gate.batches == [1, 4, 4, 3]
    assert batcher.consecutive_failures == 0
    batcher.close()


def test_a_run_waits_for_more_but_not_for_ever() -> None:
    seen: list[int] = []
    batcher = Batcher(lambda images, lane: (seen.append(len(images)), means(images))[1], Limits(4, 100, wait_ms=5000, lanes=1))
    with ThreadPoolExecutor(4) as callers:
        assert [len(a["viability"]) for a in callers.map(batcher.predict, [pictures(1, i) for i in range(4)])] == [1] * 4
    assert seen == [4]
    batcher.limits = Limits(4, 100, wait_ms=20, lanes=1)
    assert len(batcher.predict(pictures(1))["viability"]) == 1
    batcher.close()


def test_closing_answers_what_waits_and_refuses_what_comes() -> None:
    gate, batcher, futures = piled_up(Limits(4, 100, 0, lanes=1), [pictures(9, 1)])
    closing = threading.Thread(target=batcher.close)
    closing.start()
    gate.open.set()
    assert len(futures[1].result(10)["viability"]) == 9
    closing.join(10)
    with pytest.raises(Refused, match="stopping"):
        batcher.predict(pictures(1))


def test_another_number_of_answers_than_images_is_a_failure() -> None:
    batcher = Batcher(lambda images, lane: {"viability": np.zeros(1, np.float32)}, Limits(8, 100, 0, lanes=1))
    with pytest.raises(RuntimeError, match="another number of answers"):
        batcher.predict(pictures(2))
    assert batcher.consecutive_failures == 1
    batcher.close()


def test_a_number_that_is_not_finite_fails_its_request_and_no_other() -> None:
    def model(images: np.ndarray):
        broken = (images == 13).all(axis=(1, 2))
        return {**means(images), "half_width_90": np.where(broken, np.nan, 0.1).astype(np.float32)}

    gate, batcher, futures = piled_up(Limits(8, 100, 0, lanes=1), [pictures(2, 1), np.full((1, 256, 256), 13, np.uint8), pictures(3, 2)])
    gate.then = model
    gate.open.set()
    np.testing.assert_array_equal(futures[1].result(10)["viability"], means(pictures(2, 1))["viability"])
    with pytest.raises(RuntimeError, match="half_width_90 .* not finite"):
        futures[2].result(10)
    assert len(futures[3].result(10)["viability"]) == 3
    assert gate.batches == [1, 6]
    assert batcher.consecutive_failures == 1
    batcher.close()
