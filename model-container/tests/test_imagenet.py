"""ImageNet weights: the file given, else torchvision's cache, else none, and it is said which; another network's file is named."""

import sys

import pytest
import torch
from torchvision.models import resnet18

from nvir.__main__ import main
from nvir.checkpoint_file import read_weights
from nvir.imagenet import cache_file, found_weights, read_imagenet


def quiet(*_a, **_k) -> None: ...


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Weights where torchvision would have put them; without the counts, as its file is."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    state = resnet18(weights=None).state_dict()
    cache_file().parent.mkdir(parents=True)
    torch.save({name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}, cache_file())
    return state


def test_a_given_file_goes_before_the_cache(cached, tmp_path) -> None:
    assert found_weights(tmp_path / "given.pth", quiet) == tmp_path / "given.pth"
    assert found_weights(None, quiet) == cache_file()


def test_what_is_not_there_is_said_with_the_place_looked_at(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    said: list[str] = []
    assert found_weights(None, said.append) is None
    assert "--imagenet FILE" in said[0]
    assert str(tmp_path) in said[0]


def test_the_weights_are_read_without_their_counts(cached) -> None:
    read = read_imagenet(cache_file())
    assert torch.equal(read["layer4.1.conv2.weight"], cached["layer4.1.conv2.weight"])
    assert resnet18(weights=None).load_state_dict(read)


@pytest.mark.parametrize("change", [{"layer1.0.conv1.weight": torch.zeros(1)}, {"layer1.0.conv1.weight": None}])
def test_another_network_is_named_as_such(cached, tmp_path, change) -> None:
    torch.save({**cached, **change}, tmp_path / "other.pth")
    with pytest.raises(SystemExit, match="other.pth: no state dict of torchvision's ResNet18: layer1.0.conv1.weight is missing"):
        read_imagenet(tmp_path / "other.pth")


@pytest.mark.parametrize(("more", "from_imagenet"), [([], True), (["--from-scratch"], False)])
def test_train_starts_from_the_cache_unless_told_not_to(cached, labelled_folder, tmp_path, monkeypatch, more, from_imagenet) -> None:
    asked = ["train", "--data", str(labelled_folder), "--run", str(tmp_path / "run"), "--plan", "smoke", *more]
    monkeypatch.setattr(sys, "argv", ["nvir", *asked])
    main()
    kept = read_weights(tmp_path / "run" / "best.pt")
    assert kept["imagenet"] is from_imagenet
    # One epoch moves few weights far.
    end, start = kept["model"]["encoder.layer4.1.conv2.weight"], cached["layer4.1.conv2.weight"]
    near = torch.nn.functional.cosine_similarity(end.ravel(), start.ravel(), dim=0)
    assert bool(near > 0.5) == from_imagenet


def run_train(monkeypatch, *asked: str) -> None:
    monkeypatch.setattr(sys, "argv", ["nvir", "train", *asked])
    main()


def test_a_training_that_goes_on_keeps_what_it_began_from(cached, labelled_folder, tmp_path, monkeypatch, capsys) -> None:
    asked = ["--data", str(labelled_folder), "--plan", "smoke", "--run"]
    run_train(monkeypatch, *asked, str(tmp_path / "scratch"), "--from-scratch")
    run_train(monkeypatch, *asked, str(tmp_path / "cache"))
    assert "ImageNet weights of torchvision's cache" in capsys.readouterr().out
    for run, began in (("scratch", "from scratch"), ("cache", "from ImageNet weights")):
        run_train(monkeypatch, *asked, str(tmp_path / run))
        out = capsys.readouterr().out
        assert "torchvision's cache" not in out
        assert f"begun {began}" in out
    with pytest.raises(SystemExit, match="cache was begun from ImageNet weights, now from scratch is asked for: choose another --run"):
        run_train(monkeypatch, *asked, str(tmp_path / "cache"), "--from-scratch")
    with pytest.raises(
        SystemExit, match="scratch was begun from scratch, now from ImageNet weights is asked for: .*or leave it to the run"
    ):
        run_train(monkeypatch, *asked, str(tmp_path / "scratch"), "--imagenet", str(cache_file()))
    run_train(monkeypatch, *asked, str(tmp_path / "cache"), "--imagenet", str(cache_file()))
