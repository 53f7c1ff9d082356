"""A checkpoint in the published layout imports, exports and gives the numbers of its own forward pass; others are refused."""

import argparse
import collections
import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from nvir.export import load_checkpoint
from nvir.importing import import_published
from nvir.judge.sessions import open_session, run_session
from nvir.network import backbone
from nvir.published import read_published
from nvir.train import train

random = np.random.default_rng(0)


class Published(nn.Module):
    """The layout as published: an encoder in a Sequential, an MLP and a last linear layer in the head."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(backbone())
        layers: list[nn.Module] = []
        for width, after in zip((512, 32, 32, 32), (32, 32, 32, 32), strict=True):
            layers += [nn.Linear(width, after), nn.ReLU(), nn.Dropout(0.3)]
        self.regression_head = nn.Sequential(nn.Sequential(*layers), nn.Linear(32, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = (images.float().unsqueeze(1) / 255 - 0.5) / 0.5
        return self.regression_head(self.encoder(x)).squeeze(1)


@pytest.fixture(scope="module")
def published() -> Published:
    torch.manual_seed(3)
    model = Published()
    model.train()
    with torch.no_grad():  # Running means that are not those of a fresh network.
        model(torch.from_numpy(random.integers(0, 256, (4, 64, 64)).astype(np.uint8)))
    return model.eval()


def checkpoint(model: nn.Module, **changes) -> dict:
    content = {"epoch": 3, "state_dict": model.state_dict(), "hyper_parameters": argparse.Namespace(lr=1e-4)}
    return content | {"callbacks": {"best": collections.Counter(a=1)}, "pytorch-lightning_version": "2.0.0"} | changes


def test_imported_weights_give_the_numbers_of_their_own_forward_pass(published, tmp_path) -> None:
    torch.save(checkpoint(published), tmp_path / "theirs.ckpt")
    import_published(tmp_path / "theirs.ckpt", tmp_path / "out", None, say=lambda *_a: None)
    images = random.integers(0, 256, (5, 256, 256)).astype(np.uint8)
    with torch.no_grad():
        expected = published(torch.from_numpy(images)).numpy()
        ours = load_checkpoint(tmp_path / "out" / "best.pt")(torch.from_numpy(images)).numpy()
    assert np.array_equal(ours, expected)
    identity = json.loads((tmp_path / "out" / "model.json").read_text())
    assert sorted(identity["variants"]) == ["fp16", "fp32"]
    for variant, bound in (("fp32", 1e-4), ("fp16", 0.01)):
        said = run_session(open_session(tmp_path / "out" / identity["variants"][variant]["file"]), images)
        assert np.abs(said.viability - expected).max() < bound
        assert said.half_width_90 is None
    assert [output["name"] for output in identity["outputs"]] == ["viability"]
    assert identity["source"]["file"] == "theirs.ckpt"


def test_keys_beyond_the_architecture_are_ignored_and_counted(published, tmp_path) -> None:
    state = published.state_dict() | {"encoder.0.fc.weight": torch.zeros(3, 512), "loss.weight": torch.ones(1)}
    torch.save(checkpoint(published, state_dict=state), tmp_path / "a.ckpt")
    assert read_published(tmp_path / "a.ckpt")[1]["ignoredTensors"] == 2


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_in_other_precisions_become_fp32(published, tmp_path, dtype) -> None:
    state = {name: tensor.to(dtype) if tensor.is_floating_point() else tensor for name, tensor in published.state_dict().items()}
    torch.save(state, tmp_path / "a.pt")
    read, _ = read_published(tmp_path / "a.pt")
    assert torch.equal(read["encoder.conv1.weight"], state["encoder.0.conv1.weight"].float())


def test_tensors_that_share_or_transpose_a_storage_are_read_as_they_look(published, tmp_path) -> None:
    weight = published.regression_head[0][0].weight.detach()
    both = torch.cat([torch.zeros(7), weight.t().contiguous().flatten()])
    torch.save(published.state_dict() | {"regression_head.0.0.weight": both[7:].view(512, 32).t()}, tmp_path / "a.pt")
    assert torch.equal(read_published(tmp_path / "a.pt")[0]["regression_head.0.weight"], weight)


def test_a_bare_state_dict_is_taken_too(published, tmp_path) -> None:
    torch.save(published.state_dict(), tmp_path / "a.pt")
    state, _ = read_published(tmp_path / "a.pt")
    assert torch.equal(state["regression_head.12.weight"], published.regression_head[1].weight)


def without(state: dict, name: str) -> dict:
    return {key: value for key, value in state.items() if key != name}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: without(s, "encoder.0.layer1.0.conv1.weight"), r"1 tensors.*missing: encoder\.0\.layer1\.0\.conv1\.weight"),
        (lambda s: without(s, "regression_head.1.bias"), "missing: regression_head.12.bias"),
        (lambda s: without(s, "regression_head.1.weight"), "has 4 linear layers, not 5"),
        (lambda s: s | {"encoder.0.conv1.weight": torch.zeros(64, 3, 7, 7)}, r"encoder.conv1.weight has the shape \(64, 3, 7, 7\)"),
        (lambda s: s | {"encoder.0.conv1.weight": torch.full((64, 1, 7, 7), torch.nan)}, "no numbers"),
    ],
)
def test_what_is_missing_or_misshapen_is_named(published, tmp_path, spoil, message) -> None:
    torch.save(checkpoint(published, state_dict=spoil(published.state_dict())), tmp_path / "a.ckpt")
    with pytest.raises(SystemExit, match=message):
        read_published(tmp_path / "a.ckpt")


class Payload:
    """Runs a command wherever it is unpickled without care."""

    def __init__(self, function, *arguments) -> None:
        self.how = (function, arguments)

    def __reduce__(self):
        return self.how


@pytest.mark.parametrize("function", [os.mkdir, eval, __import__], ids=["os", "eval", "import"])
def test_a_file_that_names_code_is_refused_and_nothing_runs(published, tmp_path, function) -> None:
    target = tmp_path / "made"
    argument = str(target) if function is os.mkdir else f"__import__('os').mkdir({str(target)!r})"
    torch.save(checkpoint(published, callbacks=Payload(function, argument)), tmp_path / "a.ckpt")
    with pytest.raises(SystemExit, match="names .* which no weights need.*nothing of it was run"):
        read_published(tmp_path / "a.ckpt")
    assert not target.exists()


def test_bytes_of_pickle_protocol_2_are_no_attack(published, tmp_path) -> None:
    content = checkpoint(published, callbacks={"score": np.float64(0.5), "raw": b"\xff"})
    torch.save(content, tmp_path / "a.ckpt", pickle_protocol=2)
    with zipfile.ZipFile(tmp_path / "a.ckpt") as archive:
        assert b"_codecs" in archive.read("a/data.pkl") or b"_codecs" in archive.read("archive/data.pkl")
    assert torch.equal(read_published(tmp_path / "a.ckpt")[0]["encoder.conv1.weight"], published.encoder[0].conv1.weight)


def test_a_class_of_another_package_is_neither_imported_nor_made(published, tmp_path) -> None:
    torch.save(checkpoint(published, callbacks=Payload(np.save, str(tmp_path / "made.npy"), 1)), tmp_path / "a.ckpt")
    state, _ = read_published(tmp_path / "a.ckpt")
    assert "encoder.conv1.weight" in state
    assert not (tmp_path / "made.npy").exists()


@pytest.mark.parametrize("content", [b"", b"weights", pickle.dumps({"state_dict": {}})], ids=["empty", "text", "pickle"])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, content) -> None:
    (tmp_path / "a.ckpt").write_bytes(content)
    with pytest.raises(SystemExit, match="no checkpoint of PyTorch"):
        read_published(tmp_path / "a.ckpt")


def test_a_training_does_not_write_over_imported_weights(published, labelled_folder, tmp_path) -> None:
    torch.save(checkpoint(published), tmp_path / "theirs.ckpt")
    import_published(tmp_path / "theirs.ckpt", tmp_path / "out", None, say=lambda *_a: None)
    before = (tmp_path / "out" / "best.pt").read_bytes()
    with pytest.raises(SystemExit, match="out/best.pt holds imported weights, which no training goes on from: choose another --run folder"):
        train(labelled_folder, tmp_path / "out", "smoke", 1, None, say=lambda *_a, **_k: None)
    assert (tmp_path / "out" / "best.pt").read_bytes() == before
