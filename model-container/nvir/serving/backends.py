"""What runs the model: ONNX Runtime on a CPU, PyTorch on a GPU."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import numpy as np

from .batcher import Limits
from .logs import log
from .model_folder import ModelFolder, read_model
from .wire import NAMES, SIDE, Outputs


class Backend(Protocol):
    """A loaded model on a device."""

    variant: str
    device: str
    limits: Limits

    def run(self, images: np.ndarray, lane: int) -> Outputs:
        """Named float32 (N,) of uint8 images (N, 256, 256), N at most `limits.batch_images`; lanes may run at the same time."""
        ...


class GpuUnusable(Exception):
    """A GPU is offered and cannot be used; the sentence says why."""


def usable_cpus() -> int:
    """CPUs that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OnnxBackend:
    """ONNX Runtime on the CPU: one lane a core, one thread a lane.

    Lanes need no barrier after each layer, as threads within a run do. A convolution's sums are those of one image: its number is
    the same to the bit in any batch.
    """

    device = "cpu"

    def __init__(self, model: ModelFolder, variant: str | None = None, cpus: int | None = None) -> None:
        import onnxruntime

        chosen = variant or model.first_of("int8", "fp32", "fp16")
        if chosen not in model.files:
            raise ValueError(f"model.json has no variant {chosen}; it has {', '.join(model.files) or 'none'}")
        self.variant = chosen
        lanes = cpus or usable_cpus()
        self.limits = Limits(batch_images=4, queue_images=1440 * lanes, wait_ms=0, lanes=lanes)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model.files[chosen]), options, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs() if output.name in NAMES]

    def run(self, images: np.ndarray, lane: int) -> Outputs:
        return dict(zip(self._names, self._session.run(self._names, {"images": images}), strict=True))


def gpu_offered() -> bool:
    """Whether this process should run on a GPU: NVIR_DEVICE=cuda (set in the container), or a driver's device is here."""
    wanted = os.environ.get("NVIR_DEVICE", "auto")
    if wanted not in ("auto", "cuda", "cpu"):
        raise ValueError(f"NVIR_DEVICE={wanted}: it must be auto, cuda or cpu")
    return wanted == "cuda" or (wanted == "auto" and os.path.exists("/dev/nvidiactl"))


def open_backend(folder: Path) -> tuple[Backend, dict[str, str]]:
    """The model on the best device here, warm, and its identity.

    An endpoint must fail rather than let a paid GPU idle: a GPU that is offered and cannot be used is an error, unless
    NVIR_ALLOW_CPU=1.

    @throws GpuUnusable, or OSError and ValueError about the folder.
    """
    model = read_model(folder)
    backend: Backend | None = None
    if gpu_offered():
        try:
            from .torch_backend import TorchBackend

            backend = TorchBackend(model)
            warm(backend)
        except Exception as error:
            if os.environ.get("NVIR_ALLOW_CPU") != "1":
                raise GpuUnusable(f"a GPU is offered and cannot be used ({error}); NVIR_ALLOW_CPU=1 lets the CPU answer") from error
            log("warning", f"a GPU is offered and cannot be used ({error}): answering on the CPU")
            backend = None
    if backend is None:
        backend = OnnxBackend(model)
        warm(backend)
    return backend, model.identity_of(backend.variant)


def warm(backend: Backend) -> None:
    """A full and a single batch on every lane, so that no caller pays for what happens on first use."""
    for lane in range(backend.limits.lanes):
        for count in (1, backend.limits.batch_images):
            values = backend.run(np.full((count, SIDE, SIDE), 128, np.uint8), lane)
            if "viability" not in values or not np.isfinite(values["viability"]).all():
                raise RuntimeError("the warm-up batch gave no finite viability: the model's files are not what they should be")
