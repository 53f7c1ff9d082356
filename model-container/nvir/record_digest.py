"""SHA-256 over all that a record of a recalibration says, as `cli/bridge/record-digest.ts` writes it.

Both are held to `contract/recalibration/canonical.json`. It finds changes, not forgers: whoever edits may take it anew.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping

# Not under the digest: itself, and the version that is made of it.
SEAL = ("sha256", "version")


def record_digest(record: Mapping[str, object]) -> str:
    """SHA-256 (hex) of a record's canonical text, without its seal."""
    return hashlib.sha256(canonical({name: of for name, of in record.items() if name not in SEAL}).encode()).hexdigest()


def canonical(value: object) -> str:
    """ASCII without spaces: names in order, numbers as the 16 hex digits of their IEEE 754 double (languages write the same number
    in different ways), text as JSON with everything beyond ASCII escaped. Of what `json.loads` gives.
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return struct.pack(">d", value).hex()
    return json.dumps(value)
