"""A model folder as SageMaker unpacks it: `model.json` and one ONNX file a variant."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ModelFolder:
    """`files`: ONNX file by variant (fp32, fp16, int8). `identity`: name, version, sha256 of the fp32 source state."""

    files: dict[str, Path]
    identity: dict[str, str]

    def identity_of(self, variant: str) -> dict[str, str]:
        """What every answer of a variant says about the model."""
        return {**self.identity, "variant": variant}

    def first_of(self, *variants: str) -> str | None:
        """The first of these variants that is here."""
        return next((variant for variant in variants if variant in self.files), None)


def read_model(folder: Path) -> ModelFolder:
    """The folder, once each file is the one that its description names.

    @throws ValueError or OSError naming the file, what is wrong and what to do.
    """
    description = folder / "model.json"
    if not description.exists():
        raise FileNotFoundError(f"{description} is not there: export a model (`python -m nvir export --help`) or set SM_MODEL_DIR")
    try:
        content = json.loads(description.read_text())
        identity = {key: str(content[key]) for key in ("name", "version", "sha256")}
        files = {variant: folder / value["file"] for variant, value in content["variants"].items()}
        digests = {variant: value["sha256"] for variant, value in content["variants"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{description} cannot be read ({type(error).__name__}: {error}): export the model again") from None
    for variant, file in files.items():
        if not file.exists():
            raise FileNotFoundError(f"{file}, named in {description.name}, is not there: export the model again")
        # Else the numbers of one model would be given under the name of another.
        if hashlib.sha256(file.read_bytes()).hexdigest() != digests[variant]:
            raise ValueError(f"{file} is not the file that {description.name} names (another SHA-256): export the model again")
    return ModelFolder(files, identity)
