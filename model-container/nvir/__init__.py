"""NViR: viability of spheroids from one bright-field image (ResNet18 and an MLP, after 10.3389/fbioe.2026.1797474)."""

__version__ = "0.1.0"
