"""JSON lines, as CloudWatch takes them apart."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime


def log(level: str, message: str, **fields: object) -> None:
    """One line: level (info, warning, error), message, time, and fields with their units in their names."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    # One write, so that lines of two threads or processes do not mix.
    sys.stdout.write(json.dumps({"level": level, "message": message, "time": time, **fields}) + "\n")
    sys.stdout.flush()
