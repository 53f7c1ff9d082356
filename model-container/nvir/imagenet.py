"""Where a training may start from: ImageNet weights of a given file, else of torchvision's cache. Nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import torch
from torchvision.models import ResNet18_Weights, resnet18

from .checkpoint_file import read_weights


def cache_file() -> Path:
    """Where torchvision keeps its ResNet18 once it was asked for, in TORCH_HOME if that is set."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(ResNet18_Weights.IMAGENET1K_V1.url).name


def found_weights(given: Path | None, say=print) -> Path | None:
    """The file given, else the cached one if it is there; says which, or that there is none."""
    if given:
        return given
    cache = cache_file()
    if cache.is_file():
        say(f"ImageNet weights of torchvision's cache: {cache} (--from-scratch trains without)")
        return cache
    say(f"no ImageNet weights: none given (--imagenet FILE), none in torchvision's cache ({cache})")
    return None


def read_imagenet(path: Path) -> dict[str, torch.Tensor]:
    """State dict of torchvision's ResNet18; another file ends the command with its name and what is wrong with it."""
    state = read_weights(path)
    wanted = {name: tensor.shape for name, tensor in resnet18(weights=None).state_dict().items()}
    found = {name: tensor.shape for name, tensor in state.items() if isinstance(tensor, torch.Tensor)} if isinstance(state, dict) else {}
    # A count that only training needs; the published file lacks it.
    other = [name for name in wanted if not name.endswith("num_batches_tracked") and found.get(name) != wanted[name]]
    if other:
        raise SystemExit(f"{path}: no state dict of torchvision's ResNet18: {other[0]} is missing or of another shape ({len(other)} such)")
    return {name: state[name] for name in wanted if name in state}
