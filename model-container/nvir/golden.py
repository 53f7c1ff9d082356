"""Golden inputs of the contract between servers, and what fp32 and each exported variant say of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .serving.backends import OnnxBackend
from .serving.model_folder import read_model
from .serving.wire import NAMES
from .whole_file import write_json

CONTRACT = Path(__file__).resolve().parents[1] / "contract"


def golden_image(number: int) -> np.ndarray:
    """uint8 (256, 256): a dark disc on a bright ground, both with a pattern. Integers only, so that any language draws the same."""
    y, x = np.mgrid[:256, :256].astype(np.int64)
    inside = (x - 128) ** 2 + (y - 120 - 2 * number) ** 2 < (30 + 9 * number) ** 2
    pattern = (x * 31 + y * 17 + x * y * (number + 1)) % 23
    return np.where(inside, 50 + 15 * number + pattern, 150 + pattern).astype(np.uint8)


def golden_images() -> np.ndarray:
    """uint8 (N, 256, 256), N by the contract."""
    count = json.loads((CONTRACT / "cases.json").read_text())["goldenImages"]
    return np.stack([golden_image(number) for number in range(count)])


def write_golden(run: Path, folder: Path, out: Path = CONTRACT / "golden.json", say=print) -> None:
    """Viabilities of the checkpoint in PyTorch, and all that every variant says in ONNX Runtime. Write it anew after each export."""
    from .export import load_checkpoint
    from .network import state_sha256
    from .train import predict

    model, checkpoint = read_model(folder), load_checkpoint(run / "best.pt")
    if state_sha256(checkpoint.state_dict()) != model.identity["sha256"]:
        raise SystemExit(f"{run} is not what {folder} was exported from: export it first")
    images = golden_images()
    variants = {variant: run_one_by_one(OnnxBackend(model, variant, cpus=1), images) for variant in model.files}
    content = {"sha256": model.identity["sha256"], "fp32": predict(checkpoint, images).tolist(), "variants": variants}
    write_json(out, content)
    for variant, values in variants.items():
        say(f"{variant}: at most {np.abs(np.array(values['viability']) - content['fp32']).max():.4f} from fp32")


def run_one_by_one(backend: OnnxBackend, images: np.ndarray) -> dict[str, list[float]]:
    """What a server answers, by the wire's names, each (N,), each image alone."""
    said = [backend.run(image[None], 0) for image in images]
    return {NAMES[name]: [float(of[name][0]) for of in said] for name in said[0]}
