"""NViR: viability of spheroids from one bright-field image (ResNet18 and an MLP, after 10.3389/fbioe.2026.1797474)."""

import os

__version__ = "0.1.0"

# ONNX Runtime tells its maker of every session: the model's name and hashes, and a number for this machine. Not from a laboratory.
# The library reads it once, when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
