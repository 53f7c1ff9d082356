"""The recipe's network: shapes, one channel, normalisation inside, an identity that follows the weights."""

import torch
from torchvision.models import resnet18

from nvir.network import NViR, backbone, state_sha256


def test_one_number_an_image() -> None:
    assert NViR().eval()(torch.zeros(3, 256, 256, dtype=torch.uint8)).shape == (3,)


def test_head_is_the_papers() -> None:
    linear = [m for m in NViR().regression_head if isinstance(m, torch.nn.Linear)]
    assert [(m.in_features, m.out_features) for m in linear] == [(512, 32), (32, 32), (32, 32), (32, 32), (32, 1)]
    assert [m.p for m in NViR().regression_head if isinstance(m, torch.nn.Dropout)] == [0.3] * 4


def test_imagenet_kernels_are_summed_over_colours() -> None:
    state = resnet18(weights=None).state_dict()
    summed = backbone(state).conv1.weight
    assert torch.allclose(summed, state["conv1.weight"].sum(dim=1, keepdim=True))


def test_gray_128_is_almost_zero_inside() -> None:
    seen = {}
    model = NViR().eval()
    model.encoder.conv1.register_forward_pre_hook(lambda _m, args: seen.update(x=args[0]))
    model(torch.full((1, 256, 256), 255, dtype=torch.uint8))
    assert torch.allclose(seen["x"], torch.ones(1, 1, 256, 256))


def test_identity_changes_with_one_weight() -> None:
    model = NViR()
    before = state_sha256(model.state_dict())
    assert before == state_sha256(model.state_dict())
    with torch.no_grad():
        model.regression_head[0].bias[0] += 1e-6
    assert before != state_sha256(model.state_dict())
