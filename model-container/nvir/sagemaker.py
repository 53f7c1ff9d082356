"""SageMaker's training contract: `train` reads /opt/ml/input, writes /opt/ml/model, and tells why it failed.

The container is started as `train` or `serve`. Natively the folders come from SM_CHANNEL_TRAINING, SM_MODEL_DIR, SM_OUTPUT_DIR,
SM_OUTPUT_DATA_DIR, SM_HPS (JSON) and SM_CHECKPOINT_DIR, or all of them from a folder that stands for /opt/ml (NVIR_ML_ROOT).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .plans import PLANS

# SageMaker keeps the first 1,024 characters of the failure file.
FAILURE_CHARACTERS = 1024


@dataclass(frozen=True)
class Folders:
    """`training`: images.npy and index.csv. `output_data`: uploaded when the job ends. `checkpoints`: a job with a CheckpointConfig
    keeps it beyond a spot interruption and gets it back; without one it is lost with the machine."""

    training: Path
    model: Path
    output: Path
    output_data: Path
    checkpoints: Path
    hyperparameters: Path

    @staticmethod
    def of(environment: Mapping[str, str]) -> Folders:
        root = Path(environment.get("NVIR_ML_ROOT", "/opt/ml"))
        output = Path(environment.get("SM_OUTPUT_DIR", root / "output"))
        return Folders(
            training=Path(environment.get("SM_CHANNEL_TRAINING", root / "input/data/training")),
            model=Path(environment.get("SM_MODEL_DIR", root / "model")),
            output=output,
            output_data=Path(environment.get("SM_OUTPUT_DATA_DIR", output / "data")),
            checkpoints=Path(environment.get("SM_CHECKPOINT_DIR", root / "checkpoints")),
            hyperparameters=root / "input/config/hyperparameters.json",
        )


@dataclass(frozen=True)
class Hyperparameters:
    """`imagenet`: file name of a torchvision ResNet18 state dict within the training channel."""

    plan: str = "paper"
    seed: int = 1
    imagenet: str | None = None


class Unusable(Exception):
    """What was given cannot be trained on; the sentence names the file, the reason and the remedy."""


def read_hyperparameters(folders: Folders, environment: Mapping[str, str]) -> Hyperparameters:
    """All values come as strings. An unknown name is an error: a misspelt one would train something else in silence."""
    source = "SM_HPS" if "SM_HPS" in environment else str(folders.hyperparameters)
    try:
        if "SM_HPS" in environment:
            given = json.loads(environment["SM_HPS"])
        else:
            given = json.loads(folders.hyperparameters.read_text()) if folders.hyperparameters.exists() else {}
    except ValueError as error:
        raise Unusable(f"{source} is no JSON ({error})") from None
    if not isinstance(given, dict):
        raise Unusable(f"{source} must be an object of names and values")
    # The SageMaker SDK adds names of its own, and writes strings with quotes around them.
    values = {name: _unquoted(value) for name, value in given.items() if not name.startswith("sagemaker_")}
    known = ("plan", "seed", "imagenet")
    if unknown := sorted(set(values) - set(known)):
        raise Unusable(f"{source}: {unknown[0]} is no hyperparameter; there are {', '.join(known)}")
    if (plan := values.get("plan", Hyperparameters.plan)) not in PLANS:
        raise Unusable(f"{source}: plan must be one of {', '.join(PLANS)}, not {plan}")
    seed = values.get("seed", str(Hyperparameters.seed))
    if not (seed.isascii() and seed.isdecimal() and len(seed) < 10):
        raise Unusable(f"{source}: seed must be a number from 0 to 999999999, not {seed}")
    imagenet = values.get("imagenet") or None
    if imagenet and not (folders.training / imagenet).is_file():
        raise Unusable(f"{source}: imagenet names {imagenet}, which is not in the training channel {folders.training}")
    return Hyperparameters(plan, int(seed), imagenet)


def _unquoted(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def train_job(environment: Mapping[str, str] = os.environ) -> int:
    """Trains, or goes on, and exports. Exit code 0, or 1 with the reason in `output/failure`."""
    folders = Folders.of(environment)
    try:
        _train(folders, read_hyperparameters(folders, environment))
        return 0
    except Unusable as error:
        return fail(folders, str(error))
    except SystemExit as error:  # What the steps say of their input.
        return fail(folders, str(error.code)) if error.code else 0
    except Exception as error:
        traceback.print_exc()
        return fail(folders, f"{type(error).__name__}: {error}")


def _train(folders: Folders, asked: Hyperparameters, say: Callable[..., None] = print) -> None:
    for name in ("index.csv", "images.npy"):
        if not (folders.training / name).is_file():
            raise Unusable(f"{folders.training / name} is not there: the channel `training` must hold images.npy and index.csv")
    from .export import export
    from .train import train

    say(f"{asked}", flush=True)
    try:
        train(folders.training, folders.checkpoints, asked.plan, asked.seed, folders.training / asked.imagenet if asked.imagenet else None)
    finally:
        _keep(folders)
    export(folders.training, folders.checkpoints, folders.model)


def _keep(folders: Folders) -> None:
    """The trained weights, which `export` and `evaluate` need, to where every job's output is kept."""
    folders.output_data.mkdir(parents=True, exist_ok=True)
    for name in ("best.pt", "history.jsonl"):
        if (folders.checkpoints / name).exists():
            shutil.copy(folders.checkpoints / name, folders.output_data / name)


def fail(folders: Folders, reason: str) -> int:
    """The reason to the log and, for SageMaker to show, to `output/failure`; exit code 1."""
    print(f"failed: {reason}", file=sys.stderr, flush=True)
    try:
        folders.output.mkdir(parents=True, exist_ok=True)
        (folders.output / "failure").write_text(reason[:FAILURE_CHARACTERS])
    except OSError as error:
        print(f"{folders.output / 'failure'} cannot be written: {error}", file=sys.stderr)
    return 1
