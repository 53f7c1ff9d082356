"""Serving by SageMaker's contract: `/ping`, `/invocations`, SIGTERM."""

from .server import serve

__all__ = ["serve"]
