"""Files that are there whole or not at all: a stop while writing costs neither the file before nor whoever reads it next."""

from __future__ import annotations

import json
from pathlib import Path


def write_json(file: Path, content: object, **options) -> None:
    """As `json.dump` with an indent of 2; `options` are its own."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.write_text(json.dumps(content, indent=2, **options) + "\n")
    unfinished.replace(file)
