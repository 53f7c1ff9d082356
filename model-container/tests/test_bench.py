"""The bench measures what it says; how fast this machine is, no test asserts."""

from __future__ import annotations

import json

import numpy as np
from serving import IDENTITY, SHIPPED, FakeBackend, means

from nvir import bench
from nvir.serving.batcher import Limits
from nvir.serving.logs import log
from nvir.serving.model_folder import read_model


def quiet(_text: str) -> None:
    """No progress."""


def test_http_counts_the_images_that_were_answered_and_what_was_refused() -> None:
    backend = FakeBackend(means, Limits(4, 100, 0, 1))
    row = bench.through_http(backend, IDENTITY, clients=3, images=2, seconds=0.2, say=quiet)
    assert row.images_per_s > 0
    assert row.images_per_cpu_s > 0
    assert 0 < (row.p50_ms or 0) <= (row.p99_ms or 0)
    assert sum(backend.batches) % 2 == 0
    assert row.refused == 0


def test_a_full_queue_is_counted_and_asked_again() -> None:
    slow = FakeBackend(lambda images: (bench.time.sleep(0.05), means(images))[1], Limits(1, 1, 0, 1))
    row = bench.through_http(slow, IDENTITY, clients=4, images=1, seconds=0.3, say=quiet)
    assert row.refused > 0
    assert row.images_per_s > 0


def test_the_table_and_the_json_hold_every_row(monkeypatch, capsys) -> None:
    backend = FakeBackend(means, Limits(4, 100, 0, 1))
    backend.device = "cpu"
    monkeypatch.setattr(bench, "open_backend", lambda folder: (backend, read_model(folder).identity_of("int8")))
    monkeypatch.setattr(bench, "QUICK_SECONDS", 0.1)
    monkeypatch.setattr(bench, "eager_pytorch", lambda *_: None)
    for as_json in (True, False):
        bench.bench(SHIPPED, quick=True, as_json=as_json)
        printed = capsys.readouterr().out
        if as_json:
            report = json.loads(printed)
            assert [(row["clients"], row["images"]) for row in report["rows"]] == [(0, 4), (1, 1), (8, 16), (8, 90)]
            assert np.isfinite(report["floor"]["images_per_s_at_ceiling"])
        else:
            assert sum("HTTP" in line for line in printed.splitlines()) == 3
            assert "level" not in printed
            assert "a CPU s" in printed


def test_a_warning_of_the_server_is_told_beside_the_report(monkeypatch, capsys) -> None:
    def opened(folder):
        log("warning", "a GPU is offered and cannot be used")
        return FakeBackend(means, Limits(4, 100, 0, 1)), read_model(folder).identity_of("int8")

    monkeypatch.setattr(bench, "open_backend", opened)
    monkeypatch.setattr(bench, "QUICK_SECONDS", 0.1)
    monkeypatch.setattr(bench, "eager_pytorch", lambda *_: None)
    monkeypatch.setattr(bench, "measured_ceiling", lambda *_: (1e9, "of a test"))
    bench.bench(SHIPPED, quick=True, as_json=True)
    printed = capsys.readouterr()
    assert json.loads(printed.out)["floor"]["ceiling"] == "of a test"
    assert [json.loads(line)["level"] for line in printed.err.splitlines()] == ["warning"]
