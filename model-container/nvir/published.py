"""Weights of the published code: a PyTorch Lightning checkpoint of the same architecture, read without running anything in it.

Its state dict has `encoder.0.*`, the ResNet18 with one input channel, and `regression_head.*`, the linear layers in order, however
they are nested. Everything else (optimiser, hyperparameters, callbacks) is passed over.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import torch

from .checkpoint_file import read_weights
from .network import NViR

ENCODER, HEAD = "encoder.0.", "regression_head."


def read_published(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """State dict of `NViR` from a Lightning checkpoint (or a bare state dict), and what is known of the file."""
    state = _state_of(path)
    wanted = NViR().state_dict()
    found = {f"encoder.{name.removeprefix(ENCODER)}": tensor for name, tensor in state.items() if name.startswith(ENCODER)}
    found |= _head(path, state, wanted)
    # A count that only training needs; older files lack it.
    found |= {name: tensor for name, tensor in wanted.items() if name.endswith("num_batches_tracked") and name not in found}
    if missing := [name for name in wanted if name not in found]:
        named = ", ".join(name.replace("encoder.", ENCODER, 1) for name in missing[:5])
        raise SystemExit(f"{path}: {len(missing)} tensors of the published layout are missing: {named}{' …' if len(missing) > 5 else ''}")
    taken = {}
    for name, like in wanted.items():
        tensor = found[name]
        if tensor.shape != like.shape:
            raise SystemExit(f"{path}: {name} has the shape {tuple(tensor.shape)}, not {tuple(like.shape)}: another architecture")
        taken[name] = tensor.detach().to(like.dtype).contiguous()
        if not torch.isfinite(taken[name]).all():
            raise SystemExit(f"{path}: {name} has values that are no numbers: the file is damaged or training diverged")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    ours = [name for name in state if name.startswith(HEAD) or name.replace(ENCODER, "encoder.", 1) in wanted]
    return taken, {"file": path.name, "sha256": digest, "ignoredTensors": len(state) - len(ours)}


def _state_of(path: Path) -> dict[str, torch.Tensor]:
    content = read_weights(path)
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict):
        raise SystemExit(f"{path} holds no state dict")
    return {name: tensor for name, tensor in state.items() if isinstance(name, str) and isinstance(tensor, torch.Tensor)}


def _head(path: Path, state: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The head's linear layers in the order of their numbers, whatever the nesting of MLP and last layer."""
    ours = [name.removesuffix(".weight") for name in wanted if name.startswith(HEAD) and name.endswith(".weight")]
    matrices = [name for name, tensor in state.items() if name.startswith(HEAD) and name.endswith(".weight") and tensor.ndim == 2]
    theirs = [name.removesuffix(".weight") for name in matrices]
    if len(theirs) != len(ours):
        raise SystemExit(f"{path}: {HEAD}* has {len(theirs)} linear layers, not {len(ours)}: another architecture")
    theirs.sort(key=lambda name: [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"\.", name)])
    pairs = [(f"{a}.{kind}", f"{b}.{kind}") for a, b in zip(ours, theirs, strict=True) for kind in ("weight", "bias")]
    return {a: state[b] for a, b in pairs if b in state}
