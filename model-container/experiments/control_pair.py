"""The control-pair variant: features of an image and of untreated images of the same plate read, concatenated before the head."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from nvir.augment import tone, turn
from nvir.labels import LabelledSet, is_untreated, plate_read
from nvir.network import FEATURES, HEAD_WIDTHS, NViR
from nvir.train import Trainer, shrink


class Pair(NViR):
    """Images (2N, S, S), first N images and then a control of each, to viabilities (N,). One encoder for both."""

    def __init__(self, imagenet_state: dict | None = None) -> None:
        super().__init__(imagenet_state)
        self.regression_head[0] = nn.Linear(2 * FEATURES, HEAD_WIDTHS[0])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.beside(*self.features(images).chunk(2))

    def beside(self, image: torch.Tensor, control: torch.Tensor) -> torch.Tensor:
        """Viabilities (N,) of features of images and of controls, (N, 512) each."""
        return self.regression_head(torch.cat([image, control], dim=1)).squeeze(1)


class PairTrainer(Trainer):
    """Another control at each step; validated by the mean of the controls' features."""

    network = Pair

    def __init__(self, model: nn.Module, data: LabelledSet, *others) -> None:
        super().__init__(model, data, *others)
        self.controls = controls_of(data, self.rows)

    def inputs(self, rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
        controls = np.array([random.choice(self.controls[row]) for row in rows])
        images, beside = (shrink(self.data.images[of], self.phase.side) for of in (rows, controls))
        pairs = np.empty((2, *images.shape), np.uint8)
        for i in range(len(rows)):
            # A plate read has one lamp and one camera: gray values change alike in both, orientation does not.
            change = tone(random, self.plan.clahe_share)
            pairs[:, i] = [turn(change(images[i]), random), turn(change(beside[i]), random)]
        return pairs.reshape(-1, *images.shape[1:])

    def validated(self) -> np.ndarray:
        return said_beside_controls(self.model, self.data, self.validation, self.phase.side)["mean"]


def controls_of(data: LabelledSet, rows: np.ndarray) -> dict[int, list[int]]:
    """For each row the untreated rows of its plate read, itself left out."""
    reads: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(data.rows):
        if is_untreated(row):
            reads.setdefault(plate_read(row), []).append(i)
    found = {int(row): [i for i in reads.get(plate_read(data.rows[row]), ()) if i != row] for row in rows}
    if alone := [row for row, controls in found.items() if not controls]:
        raise SystemExit(f"plate read {'/'.join(plate_read(data.rows[alone[0]]))} has no untreated image beside another: a pair needs one")
    return found


def said_beside_controls(model: Pair, data: LabelledSet, rows: np.ndarray, side: int) -> dict[str, np.ndarray]:
    """Viabilities (R,) beside the mean of the features of the read's untreated wells, and beside those of the first of them."""
    controls = controls_of(data, rows)
    needed = np.unique([*rows, *(i for of in controls.values() for i in of)])
    features = dict(zip(needed.tolist(), _features(model, data.images, needed, side), strict=True))
    image = torch.stack([features[int(row)] for row in rows])
    beside = {
        "mean": torch.stack([torch.stack([features[i] for i in controls[int(row)]]).mean(0) for row in rows]),
        "first": torch.stack([features[controls[int(row)][0]] for row in rows]),
    }
    with torch.no_grad():
        return {name: model.beside(image, control).cpu().numpy() for name, control in beside.items()}


def _features(model: Pair, images: np.ndarray, rows: np.ndarray, side: int, batch: int = 64) -> torch.Tensor:
    model.eval()
    device = next(model.parameters()).device
    parts = [rows[i : i + batch] for i in range(0, len(rows), batch)]
    with torch.no_grad():
        return torch.cat([model.features(torch.from_numpy(shrink(np.ascontiguousarray(images[of]), side)).to(device)) for of in parts])
