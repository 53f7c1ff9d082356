"""The network of the paper, section 2: a one-channel ResNet18 and a small MLP that regresses viability."""

from __future__ import annotations

import hashlib

import torch
from torch import nn
from torchvision.models import resnet18

FEATURES = 512
HEAD_WIDTHS = (32, 32, 32, 32)
DROPOUT = 0.3


def backbone(imagenet_state: dict | None = None) -> nn.Module:
    """ResNet18 without its classifier, one input channel; ImageNet's RGB kernels are summed when given."""
    net = resnet18(weights=None)
    if imagenet_state is not None:
        net.load_state_dict(imagenet_state)
    rgb = net.conv1.weight.data
    net.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    if imagenet_state is not None:
        net.conv1.weight.data = rgb.sum(dim=1, keepdim=True)
    net.fc = nn.Identity()
    return net


def head() -> nn.Sequential:
    """512 → 32 → 32 → 32 → 32, ReLU and dropout after each, then one number."""
    layers: list[nn.Module] = []
    width = FEATURES
    for next_width in HEAD_WIDTHS:
        layers += [nn.Linear(width, next_width), nn.ReLU(), nn.Dropout(DROPOUT)]
        width = next_width
    return nn.Sequential(*layers, nn.Linear(width, 1))


class NViR(nn.Module):
    """Images (N, H, W) in 0-255 to viabilities (N,). Normalisation is inside, so that pixels travel as bytes."""

    def __init__(self, imagenet_state: dict | None = None) -> None:
        super().__init__()
        self.encoder = backbone(imagenet_state)
        self.regression_head = head()

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """The encoder's features (N, 512), before the head."""
        return self.encoder((images.float().unsqueeze(1) / 255.0 - 0.5) / 0.5)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.regression_head(self.features(images)).squeeze(1)


def state_sha256(state: dict[str, torch.Tensor]) -> str:
    """Identity of a model: SHA-256 over name, dtype, shape and little-endian bytes of every tensor, in name order."""
    digest = hashlib.sha256()
    for name in sorted(state):
        array = state[name].detach().cpu().contiguous().numpy()
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
