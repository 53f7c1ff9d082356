"""An exported ONNX graph as a PyTorch module, so that a GPU serves the same files and outputs as ONNX Runtime does.

It knows the operators that `nvir.export` writes, and says which one it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

Attributes = dict[str, Any]
Operator = Callable[..., torch.Tensor]

TYPES = {
    onnx.TensorProto.FLOAT: torch.float32,
    onnx.TensorProto.FLOAT16: torch.float16,
    onnx.TensorProto.INT64: torch.int64,
    onnx.TensorProto.UINT8: torch.uint8,
}


def _padding(attributes: Attributes) -> tuple[int, int]:
    top, left, bottom, right = attributes.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        raise ValueError(f"padding {attributes['pads']} is not the same on both sides")
    return top, left


def _conv(a: Attributes, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    return functional.conv2d(x, weight, bias, a.get("strides", 1), _padding(a), a.get("dilations", 1), a.get("group", 1))


def _max_pool(a: Attributes, x: torch.Tensor) -> torch.Tensor:
    return functional.max_pool2d(x, a["kernel_shape"], a.get("strides"), _padding(a), a.get("dilations", 1))


def _gemm(a: Attributes, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    product = a.get("alpha", 1.0) * ((x.t() if a.get("transA") else x) @ (weight.t() if a.get("transB") else weight))
    return product if bias is None else product + a.get("beta", 1.0) * bias


def _reduce(operation: Callable[..., torch.Tensor]) -> Operator:
    def reduced(a: Attributes, x: torch.Tensor, axes: list[int] | None = None) -> torch.Tensor:
        chosen = axes if axes is not None else a.get("axes", list(range(x.dim())))
        return operation(x, dim=list(chosen), keepdim=bool(a.get("keepdims", 1)))

    return reduced


def _clip(_a: Attributes, x: torch.Tensor, low: torch.Tensor | None = None, high: torch.Tensor | None = None) -> torch.Tensor:
    return torch.clamp(x, low, high)


def _squeeze(_a: Attributes, x: torch.Tensor, axes: list[int] | None = None) -> torch.Tensor:
    for axis in sorted(axes if axes is not None else [i for i, n in enumerate(x.shape) if n == 1], reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueeze(_a: Attributes, x: torch.Tensor, axes: list[int]) -> torch.Tensor:
    for axis in sorted(axes):
        x = x.unsqueeze(axis)
    return x


OPERATORS: dict[str, Operator] = {
    "Add": lambda _a, x, y: x + y,
    "Cast": lambda a, x: x.to(a["dtype"]),
    "Clip": _clip,
    "Conv": _conv,
    "Div": lambda _a, x, y: x / y,
    "Flatten": lambda a, x: x.flatten(a.get("axis", 1)),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda _a, x: x.mean((2, 3), keepdim=True),
    "Identity": lambda _a, x: x,
    "MatMul": lambda _a, x, y: x @ y,
    "Max": lambda _a, x, y: torch.maximum(x, y),
    "MaxPool": _max_pool,
    "Min": lambda _a, x, y: torch.minimum(x, y),
    "Mul": lambda _a, x, y: x * y,
    "Pow": lambda _a, x, y: x**y,
    "ReduceMax": _reduce(torch.amax),
    "ReduceMean": _reduce(torch.mean),
    "ReduceMin": _reduce(torch.amin),
    "ReduceSum": _reduce(torch.sum),
    "Relu": lambda _a, x: functional.relu(x),
    "Sqrt": lambda _a, x: torch.sqrt(x),
    "Squeeze": _squeeze,
    "Sub": lambda _a, x, y: x - y,
    "Unsqueeze": _unsqueeze,
}
# Operands that say how, not what: they must be known without asking the GPU.
HOW = {"Squeeze": 1, "Unsqueeze": 1, "ReduceSum": 1}


class TorchGraph(nn.Module):
    """uint8 images (N, 256, 256) to the graph's outputs by name, each float32 (N,).

    `half=False` computes in float32 what the file has in half precision: CPUs may have no such convolution.
    """

    def __init__(self, file: Path, half: bool = True) -> None:
        super().__init__()
        graph = onnx.load(str(file)).graph
        self._half = half
        self.outputs = [output.name for output in graph.output]
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self._steps: list[tuple[Operator, Attributes, list[str | list[int] | None], str]] = []
        for node in graph.node:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
                continue
            if node.op_type not in OPERATORS:
                raise ValueError(f"{file.name} uses {node.op_type}, which {Path(__file__).name} does not know: serve it on the CPU")
            if node.op_type == "Cast":
                attributes["dtype"] = self._computed(TYPES[attributes["to"]])
            how = HOW.get(node.op_type)
            operands: list[str | list[int] | None] = [
                np.atleast_1d(constants[name]).tolist() if i == how else name or None for i, name in enumerate(node.input)
            ]
            self._steps.append((OPERATORS[node.op_type], attributes, operands, node.output[0]))
        self._free = self._last_uses()
        used = {name for _, _, operands, _ in self._steps for name in operands if isinstance(name, str)}
        self._constants: dict[str, str] = {}
        for number, name in enumerate(sorted(used & set(constants))):
            value = torch.from_numpy(np.array(constants[name]))
            self.register_buffer(f"c{number}", value.to(self._computed(value.dtype)))
            self._constants[name] = f"c{number}"

    def _last_uses(self) -> list[list[str]]:
        """By step, the results that nothing after it reads."""
        last = {name: at for at, (_, _, operands, _) in enumerate(self._steps) for name in operands if isinstance(name, str)}
        made = {output for *_, output in self._steps} - set(self.outputs)
        return [[name for name, end in last.items() if end == at and name in made] for at in range(len(self._steps))]

    def _computed(self, dtype: torch.dtype) -> torch.dtype:
        return torch.float32 if dtype == torch.float16 and not self._half else dtype

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        values: dict[str, torch.Tensor] = {name: getattr(self, buffer) for name, buffer in self._constants.items()}
        values["images"] = images
        for (operator, attributes, operands, output), free in zip(self._steps, self._free, strict=True):
            given = [values[operand] if isinstance(operand, str) else operand for operand in operands]
            values[output] = operator(attributes, *given)
            for name in free:
                del values[name]
        return {name: values[name] for name in self.outputs}
