"""Training: the recipe of the paper's section 2, checkpoints every epoch, resumable at the epoch where it stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .augment import augment
from .checkpoint_file import read_weights
from .dataset_digest import must_be_of
from .imagenet import found_weights, read_imagenet
from .labels import LabelledSet, check_splits, load
from .network import NViR
from .plans import PLANS, Phase, Plan

WEIGHT_DECAY = 5e-4
PLATEAU = {"factor": 0.5, "patience": 15}
EARLY_STOP_EPOCHS = 20


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Block means to a smaller side that divides 256 or comes from 256 by slicing; 256 is left as it is."""
    if side == images.shape[1]:
        return images
    factor = images.shape[1] // side
    cut = side * factor
    blocks = images[:, :cut, :cut].reshape(len(images), side, factor, side, factor)
    return np.round(blocks.mean(axis=(2, 4))).astype(np.uint8)


def predict(model: nn.Module, images: np.ndarray, side: int = 256, batch: int = 64) -> np.ndarray:
    """Viabilities (N,) of uint8 images (N, 256, 256)."""
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        parts = [
            model(torch.from_numpy(shrink(np.ascontiguousarray(images[i : i + batch]), side)).to(device)).float().cpu()
            for i in range(0, len(images), batch)
        ]
    return torch.cat(parts).numpy()


def train(folder: Path, run: Path, plan_name: str, seed: int, imagenet: Path | None, say=print, or_cached: bool = False) -> Path:
    """Trains by a plan and returns the path of the best checkpoint. Run it again after a stop: it goes on.

    `or_cached`: nobody said what to start from, so that a training that begins looks at torchvision's cache, and one that goes on
    is taken as it was begun.
    """
    data = load(folder)
    check_splits(data.rows)
    return train_on(data, run, plan_name, PLANS[plan_name], seed, imagenet, say, or_cached=or_cached)


def train_on(
    data: LabelledSet,
    run: Path,
    plan_name: str,
    plan: Plan,
    seed: int,
    imagenet: Path | None = None,
    say=print,
    of: type[Trainer] | None = None,
    or_cached: bool = False,
) -> Path:
    """As `train`, on a set whose splits the caller answers for; `of` trains another network (`experiments`)."""
    of = of or Trainer
    run.mkdir(parents=True, exist_ok=True)
    last = run / "last.pt"
    saved = read_weights(last) if last.exists() else None
    if not saved:
        _must_not_be_imported(run / "best.pt")
    if not saved:
        imagenet = found_weights(imagenet, say) if or_cached else imagenet
        say(f"training from the ImageNet weights {imagenet}" if imagenet else "training from scratch")
    state = read_imagenet(imagenet) if imagenet and not saved else None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(seed)
    model = of.network(state).to(device).to(memory_format=torch.channels_last)

    steps = [(number, epoch) for number, phase in enumerate(plan.phases) for epoch in range(phase.epochs)]
    done = 0
    if saved:
        _must_match(saved, plan_name, plan, seed, run)
        must_be_of(data.digest, saved["origin"].get("data"), str(run), "choose another --run folder", say)
        _must_be_of_rows(saved, data, run)
        if not or_cached:
            _must_start_alike(saved, imagenet is not None, run)
        model.load_state_dict(saved["model"])
        torch.set_rng_state(saved["chance"])
        done = saved["done"]
        if _stopped_early(saved):
            say(f"had stopped early after epoch {done} of {len(steps)}: nothing to do")
            return run / "best.pt"
        say(f"goes on after epoch {done} of {len(steps)}, begun {_start(saved['origin']['imagenet'])}")

    trainer = of(model, data, plan, seed, device, say)
    origin = saved["origin"] if saved else _origin(data, plan_name, plan, seed, imagenet, device)
    best = saved["best"] if saved else float("inf")
    for index in range(done, len(steps)):
        number, epoch = steps[index]
        if trainer.enter(number, resume=saved if index == done and saved and saved["phase"] == number else None):
            best = float("inf")  # A loss at another image size is not comparable.
        losses = trainer.epoch(epoch)
        if not np.isfinite(losses["validation"]):
            raise SystemExit(
                f"{run}: in epoch {index + 1} the loss is no number: training diverged. Try another --seed in another --run folder"
            )
        if losses["validation"] < best:
            best = losses["validation"]
            _save({"model": model.state_dict(), "epoch": index + 1, **origin, **losses}, run / "best.pt")
        stalled = trainer.stalled(losses["validation"])
        progress = {"done": index + 1, "phase": number, "best": best, "origin": origin}
        _save({"model": model.state_dict(), **progress, **trainer.state()}, last)
        with (run / "history.jsonl").open("a") as history:
            history.write(json.dumps({"index": index, "side": plan.phases[number].side, **losses}) + "\n")
        if stalled:
            say(f"no better validation loss for {EARLY_STOP_EPOCHS} epochs: stopped early")
            break
    return run / "best.pt"


def _origin(data: LabelledSet, plan_name: str, plan: Plan, seed: int, imagenet: Path | None, device: str) -> dict:
    """What the model card must know and could not find out afterwards."""
    versions = {"python": platform.python_version(), "torch": str(torch.__version__)}
    where = torch.cuda.get_device_name() if device == "cuda" else f"{os.cpu_count()} CPU cores"
    recipe = {"plan": plan_name, "recipe": asdict(plan), "seed": seed, **({"data": data.digest} if data.digest else {})}
    return {**recipe, "imagenet": imagenet is not None, "rows": _rows_sha256(data), "versions": versions, "device": where}


def _rows_sha256(data: LabelledSet) -> str:
    """Which images of a set are trained on, and by which the training is stopped: parts of one set make other models."""
    return hashlib.sha256(b" ".join(data.of_split(split).tobytes() for split in ("train", "validation"))).hexdigest()


def _must_match(saved: dict, plan_name: str, plan: Plan, seed: int, run: Path) -> None:
    """Going on by another recipe would make one model out of two, and a card that tells of one."""
    origin = saved.get("origin")
    if origin is None:
        raise SystemExit(f"{run} was begun by an older version: choose another --run folder")
    asked = {"plan": plan_name, "recipe": asdict(plan), "seed": seed}
    for name, value in asked.items():
        if origin[name] != value:
            raise SystemExit(f"{run} was begun with another {name} ({origin[name]}, now {value}): choose another --run folder")


def _must_be_of_rows(saved: dict, data: LabelledSet, run: Path) -> None:
    # Older versions did not say.
    if saved["origin"].get("rows", _rows_sha256(data)) != _rows_sha256(data):
        raise SystemExit(f"{run} was begun on other images of this set: choose another --run folder")


def _must_not_be_imported(best: Path) -> None:
    """An imported model is a run without a state to go on from (`importing.py`)."""
    if best.exists() and read_weights(best).get("plan") == "published":
        raise SystemExit(f"{best} holds imported weights, which no training goes on from: choose another --run folder")


def _must_start_alike(saved: dict, from_imagenet: bool, run: Path) -> None:
    began = saved["origin"]["imagenet"]
    if began != from_imagenet:
        remedy = "choose another --run folder, or leave it to the run (neither --imagenet nor --from-scratch)"
        raise SystemExit(f"{run} was begun {_start(began)}, now {_start(from_imagenet)} is asked for: {remedy}")


def _start(from_imagenet: bool) -> str:
    return "from ImageNet weights" if from_imagenet else "from scratch"


def _stopped_early(saved: dict) -> bool:
    """Whether the last epoch that was kept is the one after which patience had ended."""
    _best, waited = saved["patience"]
    return waited >= EARLY_STOP_EPOCHS


def _save(content: dict, path: Path) -> None:
    """Whole or not at all: a kill while writing must not cost the checkpoint before."""
    unfinished = path.with_suffix(".tmp")
    torch.save(content, unfinished)
    unfinished.replace(path)


class Trainer:
    """One phase at a time: optimiser, schedule and the pass over the data."""

    network: type[NViR] = NViR

    def __init__(self, model: nn.Module, data: LabelledSet, plan: Plan, seed: int, device: str, say) -> None:
        self.model, self.data, self.plan, self.seed, self.device, self.say = model, data, plan, seed, device, say
        self.rows = data.of_split("train")
        self.validation = data.of_split("validation")
        self.number = -1
        self.best_seen, self.waited = float("inf"), 0

    def enter(self, number: int, resume: dict | None) -> bool:
        """Starts a phase unless it is already the current one; returns whether a new one began."""
        if number == self.number:
            return False
        self.number = number
        self.phase: Phase = self.plan.phases[number]
        for module in self.model.modules():
            if isinstance(module, nn.Dropout):
                module.p = self.phase.dropout
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=self.phase.learning_rate, weight_decay=WEIGHT_DECAY)
        per_epoch = -(-len(self.rows) // self.phase.batch)
        self.one_cycle = (
            torch.optim.lr_scheduler.OneCycleLR(
                self.optimiser, self.phase.learning_rate, epochs=self.phase.epochs, steps_per_epoch=per_epoch, pct_start=0.2
            )
            if self.plan.one_cycle
            else None
        )
        self.plateau = None if self.plan.one_cycle else torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimiser, **PLATEAU)
        if resume:
            self.optimiser.load_state_dict(resume["optimiser"])
            schedule = self.one_cycle or self.plateau
            schedule.load_state_dict({**schedule.state_dict(), **resume["schedule"]})
            self.best_seen, self.waited = resume["patience"]
            return False
        return True

    def state(self) -> dict:
        schedule = (self.one_cycle or self.plateau).state_dict()
        return {
            "optimiser": self.optimiser.state_dict(),
            # The schedule's own functions are made anew; only numbers are kept.
            "schedule": {name: value for name, value in schedule.items() if not callable(value)},
            "patience": (self.best_seen, self.waited),
            "chance": torch.get_rng_state(),
        }

    def epoch(self, epoch: int) -> dict[str, float]:
        random = np.random.default_rng([self.seed, self.number, epoch])
        order = random.permutation(self.rows)
        started, total, seen = time.time(), 0.0, 0
        self.model.train()
        for start in range(0, len(order), self.phase.batch):
            rows = np.sort(order[start : start + self.phase.batch])
            loss = self._step(
                torch.from_numpy(self.inputs(rows, random)).to(self.device), torch.from_numpy(self.data.labels[rows]).to(self.device)
            )
            total, seen = total + loss * len(rows), seen + len(rows)
            if (start // self.phase.batch) % 50 == 49:
                rate = seen / (time.time() - started)
                self.say(f"  {seen}/{len(order)} images, loss {total / seen:.4f}, {rate:.0f} images/s", flush=True)
        validation = float(np.mean((self.validated() - self.data.labels[self.validation]) ** 2))
        if self.plateau:
            self.plateau.step(validation)
        self.say(
            f"phase {self.number + 1}, side {self.phase.side}, epoch {epoch + 1}/{self.phase.epochs}: "
            f"train {total / seen:.4f}, validation {validation:.4f}, {time.time() - started:.0f} s",
            flush=True,
        )
        return {"train": total / seen, "validation": validation}

    def inputs(self, rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """What the network is shown of training rows: uint8 images (N, S, S), augmented."""
        return augment(shrink(self.data.images[rows], self.phase.side), random, self.plan.clahe_share)

    def validated(self) -> np.ndarray:
        """Viabilities of the validation rows."""
        return predict(self.model, self.data.images[self.validation], self.phase.side)

    def _step(self, images: torch.Tensor, labels: torch.Tensor) -> float:
        mixed = torch.autocast(self.device, dtype=torch.bfloat16) if self.plan.mixed_precision else contextlib.nullcontext()
        with mixed:
            predicted = self.model(images)
        loss = nn.functional.mse_loss(predicted.float(), labels)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        if self.one_cycle:
            self.one_cycle.step()
        return float(loss.detach())

    def stalled(self, validation: float) -> bool:
        """Early stopping belongs to the paper's plan; a one-cycle schedule runs to its end."""
        if self.one_cycle:
            return False
        self.waited = 0 if validation < self.best_seen else self.waited + 1
        self.best_seen = min(self.best_seen, validation)
        return self.waited >= EARLY_STOP_EPOCHS
