"""The documented steps on a tiny set: train, stop, go on, export; the exported graph says what PyTorch says."""

import json

import numpy as np
import pytest
import torch

from nvir.evaluate import open_session, run_session
from nvir.export import export, load_checkpoint, write_onnx
from nvir.labels import load
from nvir.train import predict, train


@pytest.fixture(scope="module")
def run_folder(labelled_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    train(labelled_folder, folder, "smoke", seed=1, imagenet=None, say=lambda *_a, **_k: None)
    return folder


def test_history_and_best_checkpoint_are_kept(run_folder) -> None:
    history = [json.loads(line) for line in (run_folder / "history.jsonl").read_text().splitlines()]
    assert [entry["side"] for entry in history] == [64, 96]
    assert torch.load(run_folder / "best.pt")["plan"] == "smoke"


def test_a_finished_run_goes_on_with_nothing_to_do(labelled_folder, run_folder) -> None:
    said = []
    train(labelled_folder, run_folder, "smoke", seed=1, imagenet=None, say=lambda text, **_k: said.append(text))
    assert "goes on after epoch 2 of 2" in said
    assert len((run_folder / "history.jsonl").read_text().splitlines()) == 2


class Stopped(Exception):
    """The machine goes away."""


def test_a_run_cut_off_between_epochs_ends_as_if_it_had_not_been(labelled_folder, run_folder, tmp_path) -> None:
    def stop_after_first_epoch(text, **_k) -> None:
        if text.startswith("phase 2"):
            raise Stopped

    with pytest.raises(Stopped):
        train(labelled_folder, tmp_path, "smoke", seed=1, imagenet=None, say=stop_after_first_epoch)
    train(labelled_folder, tmp_path, "smoke", seed=1, imagenet=None, say=lambda *_a, **_k: None)
    whole, resumed = (torch.load(folder / "last.pt")["model"] for folder in (run_folder, tmp_path))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_run_is_not_finished_by_another_recipe(labelled_folder, run_folder) -> None:
    with pytest.raises(SystemExit, match="begun with another seed"):
        train(labelled_folder, run_folder, "smoke", seed=2, imagenet=None, say=lambda *_a, **_k: None)


def test_onnx_gives_pytorchs_numbers(labelled_folder, run_folder, tmp_path) -> None:
    model = load_checkpoint(run_folder / "best.pt")
    write_onnx(model, tmp_path / "m.onnx")
    images = np.asarray(load(labelled_folder).images[:8])
    assert np.abs(run_session(open_session(tmp_path / "m.onnx"), images) - predict(model, images)).max() < 1e-4


def test_export_writes_one_small_int8_file(labelled_folder, run_folder, tmp_path) -> None:
    export(labelled_folder, run_folder, tmp_path, say=lambda *_a: None)
    identity = json.loads((tmp_path / "model.json").read_text())
    assert (tmp_path / identity["variants"]["int8"]["file"]).stat().st_size < 13_000_000
    images = np.asarray(load(labelled_folder).images[:4])
    assert run_session(open_session(tmp_path / "nvir-int8.onnx"), images).shape == (4,)
