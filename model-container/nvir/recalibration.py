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
from datetime import date
from pathlib import Path
from typing import NoReturn

from .record_digest import record_digest

LIMITS = Path(__file__).resolve().parents[1] / "contract" / "recalibration" / "limits.json"
KIND, SCHEMA = "nvir-recalibration", 2
WRITE_ONE = "write one with `npx nvir bridge LABELLED --model DIR --record FILE --date DAY`"
# Far larger than any record; what is larger is another file.
MAX_BYTES = 1_000_000
SHA256 = re.compile(r"[0-9a-f]{64}")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
VERDICTS = ("holds", "does not hold", "cannot be said")


@dataclass(frozen=True)
class Recalibration:
    """recalibrated viability = intercept + slope × viability of `model` (its name, version and sha256); `record` is the whole file.

    `residual_90`: within which 90 % of labels of plates left out lay of what the line of the others says.
    """

    slope: float
    intercept: float
    residual_90: float
    version: str
    model: dict[str, str]
    record: dict

    def identity(self) -> dict[str, str]:
        """Of the recalibrated model: name, version, and the SHA-256 of the model's own with the record's, which is over all of it."""
        sha256 = hashlib.sha256(f"{KIND}\n{self.model['sha256']}\n{self.record['sha256']}".encode()).hexdigest()
        return {"name": self.model["name"], "version": self.version, "sha256": sha256}


def read_recalibration(path: Path) -> Recalibration:
    """@throws SystemExit naming the file, what is wrong and what to do."""
    record = _object_in(path)
    if record.get("kind") != KIND:
        _refuse(path, f"is no record of a recalibration (its kind is {_short(record.get('kind'))}, not {KIND})", WRITE_ONE)
    if type(record.get("schema")) is not int or record["schema"] != SCHEMA:
        remedy = f"use the nvir that wrote it, or {WRITE_ONE}"
        _refuse(path, f"has the schema {_short(record.get('schema'))}; this version knows {SCHEMA}", remedy)
    fields = _Fields(path, record)
    digest = record_digest(record)
    if fields.text("sha256") != digest:
        what = f"was changed after it was written (sha256 {_short(record['sha256'])} stands in it, that of its content is {digest})"
        _refuse(path, what, f"{WRITE_ONE}; a line is never set by hand")
    model = {name: fields.text(f"model.{name}") for name in ("name", "version", "sha256")}
    if not SHA256.fullmatch(model["sha256"]):
        _refuse(path, f"says of model.sha256 no SHA-256 ({_short(model['sha256'])})", WRITE_ONE)
    day = fields.day("recordedOn")
    version = fields.text("version")
    if version != f"{model['version']}+bridge.{day}.{digest[:8]}":
        _refuse(path, f"calls itself {_short(version)}, which is not of its model, day and content: it was changed", WRITE_ONE)
    slope, intercept = (_estimate(fields, f"line.{name}") for name in ("slope", "intercept"))
    limits = json.loads(LIMITS.read_text())
    _judge_line(path, fields, slope, intercept["value"], limits)
    _judge_evidence(path, fields, limits)
    residual_90 = fields.number(name := "evidence.crossValidation.residual90")
    if not 0 <= residual_90 <= limits["residual90AtMost"]:
        what = f"says of {name} {residual_90:g}, which is not from 0 to {limits['residual90AtMost']:g}"
        _refuse(path, what, "an interval wider than the scale says nothing: train on these plates too")
    return Recalibration(slope["value"], intercept["value"], residual_90, version, model, record)


def _judge_line(path: Path, fields: _Fields, slope: Mapping[str, float], intercept: float, limits: dict) -> None:
    """A line that turns viability round, or takes it off its scale, is not served."""
    low, high, most = limits["slope"]["atLeast"], limits["slope"]["atMost"], limits["endsMoveAtMost"]
    if slope["value"] <= 0:
        _refuse(path, f"has the slope {slope['value']:g}: more alive would read as more dead", "train on these plates too")
    if slope["low"] < low or slope["high"] > high:
        reaches = f"{slope['value']:g} ({slope['low']:g} to {slope['high']:g}), which reaches outside {low:.2f} to {high:g}"
        _refuse(path, f"has the slope {reaches}", "train on these plates too: no line mends that")
    for end in (0, 1):
        becomes = intercept + slope["value"] * end
        if not abs(becomes - end) <= most:
            _refuse(path, f"makes {becomes:g} of a reading of {end} (line), which is more than {most:g} away", "train on these plates too")
    ends = {name: fields.number(f"line.predictedRange.{name}") for name in ("low", "high")}
    if not ends["low"] < ends["high"]:
        _refuse(path, f"has line.predictedRange from {ends['low']:g} to {ends['high']:g}", WRITE_ONE)


def _judge_evidence(path: Path, fields: _Fields, limits: dict) -> None:
    """A line that rests on less than a bridge asks for, or that does not make the model hold, is not served."""
    counts = {name: fields.count(f"evidence.{name}") for name in ("wells", "plates")}
    for name, count in counts.items():
        if count < limits[name]:
            _refuse(path, f"rests on {count} {name}; a recalibration needs {limits[name]}", "label more plates, and bridge again")
    named = len(fields.texts("evidence.of"))
    if named != counts["plates"]:
        _refuse(path, f"names {named} plates in evidence.of, and counts {counts['plates']} in evidence.plates", WRITE_ONE)
    gain = _estimate(fields, "evidence.crossValidation.gain")
    if gain["low"] <= 0 or gain["value"] < limits["leastGain"]:
        found = f"{gain['value']:g} ({gain['low']:g} to {gain['high']:g}) from the mean absolute error of plates left out"
        wanted = f"{limits['leastGain']} is asked for, with an interval above 0"
        _refuse(path, f"takes {found}; {wanted}", "serve the model as it is, or label more plates")
    fields.verdict("evidence.before.verdict")
    if fields.verdict(after := "evidence.crossValidation.verdictAfter") == "does not hold":
        _refuse(path, f"says that the model does not hold with the line either ({after})", "train on these plates too")


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

    def count(self, name: str) -> int:
        if not (value := self.number(name)).is_integer():
            _refuse(self.path, f"says of {name} no whole number ({value:g})", WRITE_ONE)
        return int(value)

    def texts(self, name: str) -> list[str]:
        value = self._value(name)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            _refuse(self.path, f"says of {name} no list of texts ({_short(value)})", WRITE_ONE)
        return value

    def verdict(self, name: str) -> str:
        value = self.text(name)
        if value not in VERDICTS:
            _refuse(self.path, f"says of {name} neither {', '.join(VERDICTS[:-1])} nor {VERDICTS[-1]} ({_short(value)})", WRITE_ONE)
        return value

    def day(self, name: str) -> str:
        value = self.text(name)
        try:
            is_day = bool(DAY.fullmatch(value)) and bool(date.fromisoformat(value))
        except ValueError:
            is_day = False
        if not is_day:
            _refuse(self.path, f"says of {name} no day ({_short(value)})", WRITE_ONE)
        return value

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
