"""Reads the tensors of a file of `torch.save` without running anything that the file names.

Not by `torch.load`: `weights_only` refuses the hyperparameters and callbacks that Lightning keeps beside the weights, and PyTorch 1.13
passes over a `pickle_module` in silence. The form is simple: a zip of stored records, a pickle `data.pkl`, and a record a storage.
"""

from __future__ import annotations

import collections
import pickle
import sys
import zipfile
from pathlib import Path

import torch

STORAGES = {
    **{"FloatStorage": torch.float32, "DoubleStorage": torch.float64, "HalfStorage": torch.float16, "BFloat16Storage": torch.bfloat16},
    **{"LongStorage": torch.int64, "IntStorage": torch.int32, "ShortStorage": torch.int16, "CharStorage": torch.int8},
    **{"ByteStorage": torch.uint8, "BoolStorage": torch.bool},
}
# Python's own types that hyperparameters are kept in; they are not made either, only let pass.
HARMLESS = {"argparse", "collections", "datetime", "decimal", "enum", "functools", "pathlib", "typing"}
# How pickle protocol 2 keeps bytes, among NumPy's numbers and others; as inert as the rest.
HARMLESS_NAMES = {("_codecs", "encode")}


class NotWeights(Exception):
    """The file cannot be taken as weights; the sentence says why and what to do."""


class _StandIn:
    """Takes the place of anything that is no tensor; does nothing."""

    def __new__(cls, *_args, **_kwargs) -> _StandIn:
        return object.__new__(cls)

    def __init__(self, *_args, **_kwargs) -> None: ...

    def __setstate__(self, _state) -> None: ...

    def __setitem__(self, _key, _value) -> None: ...

    def append(self, _value) -> None: ...

    def extend(self, _values) -> None: ...


def _rebuild(storage: torch.Tensor, offset: int, size: tuple, stride: tuple, *_more) -> torch.Tensor:
    return torch.as_strided(storage, size, stride, offset)


def _parameter(tensor: torch.Tensor, *_more) -> torch.Tensor:
    return tensor


class _Unpickler(pickle.Unpickler):
    """Knows tensors; every other class becomes a stand-in, so that no code that a file names is imported, made or run."""

    known = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
        ("torch._utils", "_rebuild_parameter"): _parameter,
        **{("torch", name): dtype for name, dtype in STORAGES.items()},
    }

    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(archive.open(f"{folder}data.pkl"))
        self.archive, self.folder = archive, folder
        self.storages: dict[str, torch.Tensor] = {}

    def find_class(self, module: str, name: str) -> object:
        if (module, name) in self.known:
            return self.known[module, name]
        top = module.split(".")[0]
        inert = top in HARMLESS or (module, name) in HARMLESS_NAMES
        if not inert and (top in sys.stdlib_module_names or top == "__builtin__"):
            raise NotWeights(f"it names {module}.{name}, which no weights need: refused, nothing of it was run")
        return type(name, (_StandIn,), {})

    def persistent_load(self, what: tuple) -> torch.Tensor:
        kind, dtype, key, _device, _count = what
        if kind != "storage" or not isinstance(dtype, torch.dtype):
            raise NotWeights(f"it keeps a {kind} of a kind that is not known here")
        if key not in self.storages:
            content = bytearray(self.archive.read(f"{self.folder}data/{key}"))
            self.storages[key] = torch.frombuffer(content, dtype=dtype) if content else torch.empty(0, dtype=dtype)
        return self.storages[key]


def read_checkpoint_file(path: Path) -> object:
    """What was saved, with tensors on the CPU and stand-ins for the rest. Raises NotWeights."""
    if not path.exists():
        raise NotWeights("the file is not there")
    if not zipfile.is_zipfile(path):
        raise NotWeights("it is no checkpoint of PyTorch 1.6 or later: save its state dict again with torch.save")
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if info.filename.endswith("/data.pkl")]
            # PyTorch stores; a compressed record may grow beyond all memory.
            if len(names) != 1 or any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise NotWeights("it is a zip, but none that torch.save wrote")
            folder = names[0].removesuffix("data.pkl")
            if f"{folder}byteorder" in archive.namelist() and archive.read(f"{folder}byteorder") != b"little":
                raise NotWeights("its numbers are big-endian: save it again on a little-endian machine")
            return _Unpickler(archive, folder).load()
    except NotWeights:
        raise
    except Exception as error:  # A damaged pickle raises many kinds.
        raise NotWeights(f"it is damaged or holds what is not known here ({error}): save only the state dict with torch.save") from None


def read_weights(path: Path):
    """As `read_checkpoint_file`, for commands: what is wrong with the file ends them with its name and a remedy."""
    try:
        return read_checkpoint_file(path)
    except NotWeights as error:
        raise SystemExit(f"{path}: {error}") from None
