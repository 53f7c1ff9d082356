"""What the GPU's backend does that needs no GPU: the graph's numbers, and the choice of a captured batch."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnxruntime.transformers.float16 import convert_float_to_float16
from serving import SHIPPED, pictures

from nvir.evaluate import open_session
from nvir.export import write_onnx
from nvir.network import NViR
from nvir.serving.model_folder import ModelFolder, read_model
from nvir.serving.torch_backend import BATCHES, batch_for, load_graph
from nvir.serving.wire import MAX_IMAGES


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    torch.manual_seed(0)
    model = NViR()
    model.train()
    with torch.no_grad():  # Batch norms of a network that was never run are the identity, and hide mistakes.
        for _ in range(2):
            model(torch.from_numpy(pictures(4)[:, :64, :64].copy()))
    model.eval()
    write_onnx(model, folder / "fp32.onnx")
    onnx.save(convert_float_to_float16(onnx.load(str(folder / "fp32.onnx")), keep_io_types=True), str(folder / "fp16.onnx"))
    return ModelFolder({variant: folder / f"{variant}.onnx" for variant in ("fp32", "fp16")}, {"name": "n", "version": "0", "sha256": "0"})


@pytest.mark.parametrize("variant", ["fp32", "fp16"])
def test_the_graph_in_pytorch_says_what_onnx_runtime_says(exported, variant) -> None:
    images = pictures(3)
    alone = ModelFolder({variant: exported.files[variant]}, exported.identity)
    graph, read = load_graph(alone, "cpu")
    assert read == variant
    with torch.inference_mode():
        ours = graph(torch.from_numpy(images))["viability"].numpy()
        again = graph(torch.from_numpy(images[1:2]))["viability"].numpy()
    theirs = open_session(exported.files[variant]).run(None, {"images": images})[0]
    # On a CPU half precision is computed in single: what is left is the rounding of the weights and of ONNX Runtime's activations.
    np.testing.assert_allclose(ours, theirs, atol=1e-4 if variant == "fp32" else 5e-3)
    np.testing.assert_allclose(again, ours[1:2], atol=1e-4)


def test_half_precision_is_chosen_when_there_is_any(exported) -> None:
    assert load_graph(exported, "cpu")[1] == "fp16"


def test_an_int8_file_is_refused_with_a_remedy() -> None:
    only_int8 = read_model(SHIPPED)
    with pytest.raises(ValueError, match="wants fp16 or fp32"):
        load_graph(ModelFolder({"int8": only_int8.files["int8"]}, only_int8.identity), "cpu")


def test_an_operator_that_is_not_known_is_named() -> None:
    with pytest.raises(ValueError, match="uses DequantizeLinear"):
        load_graph(ModelFolder({"fp32": read_model(SHIPPED).files["int8"]}, {}), "cpu")


def test_the_smallest_captured_batch_that_holds_the_images_is_chosen() -> None:
    assert list(BATCHES) == sorted(set(BATCHES))
    for count in range(1, BATCHES[-1] + 1):
        chosen = batch_for(count)
        assert chosen >= count
        assert all(batch < count for batch in BATCHES if batch < chosen)
    assert batch_for(MAX_IMAGES) < 2 * MAX_IMAGES
    with pytest.raises(ValueError, match="193 images"):
        batch_for(BATCHES[-1] + 1)
