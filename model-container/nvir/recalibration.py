"""A recalibration as `nvir bridge --record` writes it: a line for one microscope and donor, the model it belongs to, its evidence.

What a record must hold to be served is fixed in `contract/recalibration/limits.json`, by which the bridge offers one too.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

LIMITS = Path(__file__).resolve().parents[1] / "contract" / "recalibration" / "limits.json"
KIND, SCHEMA = "nvir-recalibration", 1
WRITE_ONE = "write one with `npx nvir bridge LABELLED --model DIR --record FILE --date DAY`"
# Far larger than any record; what is larger is another file.
MAX_BYTES = 1_000_000
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Recalibration:
    """recalibrated viability = intercept + slope × viability of `model` (its name, version and sha256); `record` is the whole file."""

    slope: float
    intercept: float
    version: str
    model: dict[str, str]
    record: dict

    def identity(self) -> dict[str, str]:
        """Of the recalibrated model: name, version, and the SHA-256 of the model's own with the record's canonical bytes."""
        canonical = json.dumps(self.record, sort_keys=True, separators=(",", ":"), allow_nan=False)
        sha256 = hashlib.sha256(f"{KIND}\n{self.model['sha256']}\n{canonical}".encode()).hexdigest()
        return {"name": self.model["name"], "version": self.version, "sha256": sha256}


def read_recalibration(path: Path) -> Recalibration:
    """@throws SystemExit naming the file, what is wrong and what to do."""
    record = _object_in(path)
    if record.get("kind") != KIND:
        _refuse(path, f"is no record of a recalibration (its kind is {_short(record.get('kind'))}, not {KIND})", WRITE_ONE)
    if type(record.get("schema")) is not int or record["schema"] != SCHEMA:
        _refuse(path, f"has the schema {_short(record.get('schema'))}; this version knows {SCHEMA}", "use the nvir that wrote it")
    fields = _Fields(path, record)
    model = {name: fields.text(f"model.{name}") for name in ("name", "version", "sha256")}
    slope, intercept = (_estimate(fields, f"line.{name}") for name in ("slope", "intercept"))
    _judge(path, fields, slope)
    version = fields.text("version")
    digest = fields.text("evidence.sha256")
    if not SHA256.fullmatch(digest) or version != f"{model['version']}+bridge.{fields.text('recordedOn')}.{digest[:8]}":
        _refuse(path, f"calls itself {_short(version)}, which is not of its model, day and evidence: it was changed", WRITE_ONE)
    return Recalibration(slope["value"], intercept["value"], version, model, record)


def _judge(path: Path, fields: _Fields, slope: Mapping[str, float]) -> None:
    """A line that turns viability round, or rests on less than a bridge asks for, is not served."""
    limits = json.loads(LIMITS.read_text())
    low, high = limits["slope"]["atLeast"], limits["slope"]["atMost"]
    if slope["value"] <= 0:
        _refuse(path, f"has the slope {slope['value']:g}: more alive would read as more dead", "train on these plates too")
    if slope["low"] < low or slope["high"] > high:
        reaches = f"{slope['value']:g} ({slope['low']:g} to {slope['high']:g}), which reaches outside {low:.2f} to {high:g}"
        _refuse(path, f"has the slope {reaches}", "train on these plates too: no line mends that")
    for name in ("wells", "plates"):
        count = fields.number(f"evidence.{name}")
        if count < limits[name]:
            _refuse(path, f"rests on {count:g} {name}; a recalibration needs {limits[name]}", "label more plates, and bridge again")
    gain = _estimate(fields, "evidence.crossValidation.gain")
    if gain["low"] <= 0 or gain["value"] < limits["leastGain"]:
        found = f"{gain['value']:g} ({gain['low']:g} to {gain['high']:g}) from the mean absolute error of plates left out"
        wanted = f"{limits['leastGain']} is asked for, with an interval above 0"
        _refuse(path, f"takes {found}; {wanted}", "serve the model as it is, or label more plates")


class _Fields:
    """Values of a record by their dotted names; one that is not there or of another type ends with its name."""

    def __init__(self, path: Path, record: dict) -> None:
        self.path, self._record = path, record

    def text(self, name: str) -> str:
        value = self._value(name)
        if not isinstance(value, str) or not 1 <= len(value) <= 200:
            _refuse(self.path, f"says of {name} no text ({_short(value)})", WRITE_ONE)
        return value

    def number(self, name: str) -> float:
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            _refuse(self.path, f"says of {name} no number ({_short(value)})", WRITE_ONE)
        return float(value)

    def _value(self, name: str) -> object:
        value: object = self._record
        for key in name.split("."):
            if not isinstance(value, dict) or key not in value:
                _refuse(self.path, f"lacks {name}", WRITE_ONE)
            value = value[key]
        return value


def _estimate(fields: _Fields, name: str) -> dict[str, float]:
    found = {end: fields.number(f"{name}.{end}") for end in ("low", "value", "high")}
    if not found["low"] <= found["value"] <= found["high"]:
        _refuse(fields.path, f"has {name} outside its own interval", WRITE_ONE)
    return found


def _object_in(path: Path) -> dict:
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise SystemExit(f"{path} cannot be read ({error.strerror}): {WRITE_ONE}") from None
    if size > MAX_BYTES:
        _refuse(path, f"has {size / 1e6:.0f} MB: no record of a recalibration is as large", WRITE_ONE)
    try:
        found = json.loads(
            content.decode("utf-8"), parse_constant=_finite, parse_float=_finite, parse_int=_whole, object_pairs_hook=_each_once
        )
    except (ValueError, RecursionError) as error:
        raise SystemExit(f"{path} is no JSON ({_short(str(error))}): {WRITE_ONE}") from None
    if not isinstance(found, dict):
        _refuse(path, "holds no object", WRITE_ONE)
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"no finite number: {text}")
    return value


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def _each_once(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse(path: Path, what: str, remedy: str) -> NoReturn:
    raise SystemExit(f"{path} {what}: {remedy}")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
