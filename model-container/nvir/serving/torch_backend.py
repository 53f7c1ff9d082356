"""PyTorch on a GPU: half precision, channels-last, one captured graph a batch size, two lanes whose copies and runs overlap.

Never run on a GPU by us: none was at hand. What needs none (the graph's numbers, the choice of batch size, the padding) is tested.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .batcher import Limits
from .model_folder import ModelFolder
from .torch_graph import TorchGraph
from .wire import NAMES, SIDE, Outputs

# Batch sizes with a captured graph. A request of 90 fills a graph of 96; the largest keeps a big GPU busy.
BATCHES = (1, 4, 16, 32, 64, 96, 192)
LANES = 2
QUEUE_IMAGES = 5760
WAIT_MS = 2.0
# Before capture, so that cuDNN has chosen its algorithms and libraries have made their workspaces.
WARM_UP_RUNS = 3


def batch_for(count: int, batches: tuple[int, ...] = BATCHES) -> int:
    """The smallest captured batch that holds `count` images."""
    for batch in batches:
        if batch >= count:
            return batch
    raise ValueError(f"{count} images are more than the largest captured batch, {batches[-1]}")


def load_graph(model: ModelFolder, device: str) -> tuple[TorchGraph, str]:
    """The module on a device, and the variant that it was read from: half precision if there is any."""
    variant = model.first_of("fp16", "fp32")
    if variant is None:
        raise ValueError(
            f"model.json has {', '.join(model.files) or 'no variant'}; a GPU wants fp16 or fp32: export it again with one of them"
        )
    on_gpu = device.startswith("cuda")
    graph = TorchGraph(model.files[variant], half=on_gpu).eval().requires_grad_(False)
    return graph.to(device, memory_format=torch.channels_last), variant


@dataclass
class _Captured:
    """A graph with the memory that it reads and writes; `pinned` are the host's sides of the copies."""

    graph: torch.cuda.CUDAGraph
    images: torch.Tensor
    outputs: dict[str, torch.Tensor]
    pinned_images: torch.Tensor
    pinned_outputs: dict[str, torch.Tensor]


class _Lane:
    """One stream with graphs of its own. While this lane's batch runs, the other lane copies its next one."""

    def __init__(self, module: TorchGraph, device: str, names: list[str]) -> None:
        self._module, self._device, self._names = module, device, names
        self._stream = torch.cuda.Stream(device)
        # Lanes run at the same time, so each has memory of its own; within a lane all batch sizes share it. The largest is first.
        self._pool = torch.cuda.graph_pool_handle()
        self._captured = {batch: self._capture(batch) for batch in reversed(BATCHES)}

    def run(self, images: np.ndarray) -> Outputs:
        captured = self._captured[batch_for(len(images))]
        # Places beyond `images` keep an earlier batch's pixels: their answers are dropped, and images do not mix within a batch.
        captured.pinned_images[: len(images)].copy_(torch.from_numpy(images))
        with torch.cuda.stream(self._stream), torch.inference_mode():
            captured.images.copy_(captured.pinned_images, non_blocking=True)
            captured.graph.replay()
            for name, values in captured.outputs.items():
                captured.pinned_outputs[name].copy_(values, non_blocking=True)
            done = self._stream.record_event()
        done.synchronize()
        return {name: values[: len(images)].numpy().copy() for name, values in captured.pinned_outputs.items()}

    def _capture(self, batch: int) -> _Captured:
        images = torch.zeros(batch, SIDE, SIDE, dtype=torch.uint8, device=self._device)
        pinned_images = torch.zeros(batch, SIDE, SIDE, dtype=torch.uint8, pin_memory=True)
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.inference_mode():
            with torch.cuda.stream(self._stream):
                for _ in range(WARM_UP_RUNS):
                    self._module(images)
            self._stream.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
                outputs = {name: values.float() for name, values in self._module(images).items() if name in self._names}
        pinned = {name: torch.zeros(batch, dtype=torch.float32, pin_memory=True) for name in outputs}
        return _Captured(graph, images, outputs, pinned_images, pinned)


class TorchBackend:
    """The exported fp16 graph on the first visible GPU. An image's number in different batch sizes differs by at most rounding of
    half precision, for cuDNN may choose another algorithm; the bound is what the contract's tests state."""

    def __init__(self, model: ModelFolder, device: str = "cuda:0") -> None:
        if not torch.cuda.is_available():
            raise RuntimeError(f"PyTorch {torch.__version__} finds no usable CUDA device")
        torch.cuda.set_device(device)
        # Sizes are fixed, so trying cuDNN's algorithms pays once, at the warm-up.
        torch.backends.cudnn.benchmark = True
        module, self.variant = load_graph(model, device)
        names = [name for name in module.outputs if name in NAMES]
        self.device = torch.cuda.get_device_name(device)
        self.limits = Limits(batch_images=BATCHES[-1], queue_images=QUEUE_IMAGES, wait_ms=WAIT_MS, lanes=LANES)
        self._lanes = [_Lane(module, device, names) for _ in range(LANES)]

    def run(self, images: np.ndarray, lane: int) -> Outputs:
        return self._lanes[lane].run(images)
