"""One command a step, each resumable or repeatable: `python -m nvir --help` lists them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def use_all_cores() -> None:
    """Debian's PyTorch starts with one thread, whatever the machine has; OMP_NUM_THREADS still wins."""
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nvir", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    checking = commands.add_parser("data", help="check a labelled set and say what is in it (how to draw one: README.md)")
    checking.add_argument("--data", type=Path, default=Path("data/nvir"), help="folder of images.npy and index.csv")

    training = commands.add_parser("train", help="train on a labelled set; run again to go on after a stop")
    training.add_argument("--data", type=Path, default=Path("data/nvir"), help="folder of images.npy and index.csv")
    training.add_argument("--run", type=Path, default=Path("runs/nvir"), help="folder of checkpoints and history")
    training.add_argument("--plan", choices=("paper", "cpu", "try", "smoke"), default="cpu")
    training.add_argument("--seed", type=int, default=1)
    start = training.add_mutually_exclusive_group()
    start.add_argument("--imagenet", type=Path, help="ResNet18 state dict of torchvision (default: torchvision's cache, if it is there)")
    start.add_argument("--from-scratch", action="store_true", help="without ImageNet weights, whatever the cache has")

    holding = commands.add_parser("holdout", help="train small models without one domain each: what a new microscope costs")
    holding.add_argument("--data", type=Path, default=Path("data/nvir"), help="folder of images.npy and index.csv")
    holding.add_argument("--runs", type=Path, default=Path("runs/holdout"), help="folder of the small trainings; run again to go on")
    holding.add_argument("--out", type=Path, default=HERE / "model", help="holdout.json is written here, for `export`")
    holding.add_argument("--plan", choices=("small", "smoke"), default="small")
    holding.add_argument("--seed", type=int, default=1)
    holding.add_argument("--only", help="one training, by its folder's name, and no holdout.json: several can run side by side")

    exporting = commands.add_parser("export", help="write ONNX files and model.json from a checkpoint")
    exporting.add_argument("--data", type=Path, default=Path("data/nvir"), help="calibration images are taken from its training split")
    exporting.add_argument("--run", type=Path, default=Path("runs/nvir"))
    exporting.add_argument("--out", type=Path, default=HERE / "model")
    exporting.add_argument("--variants", nargs="+", choices=("int8", "fp16", "fp32"), default=["int8", "fp16"])

    importing = commands.add_parser("import", help="take published weights: a PyTorch Lightning checkpoint of this architecture")
    importing.add_argument("checkpoint", type=Path, metavar="CKPT")
    importing.add_argument("--out", type=Path, required=True, help="folder for best.pt, the ONNX files and model.json")
    importing.add_argument("--data", type=Path, help="labelled set whose training images give int8 its ranges; without it no int8")

    judging = commands.add_parser("evaluate", help="measure the exported model; write the model card and a report")
    judging.add_argument("--data", type=Path, default=Path("data/nvir"))
    judging.add_argument("--run", type=Path, default=Path("runs/nvir"))
    judging.add_argument("--model", type=Path, default=HERE / "model")
    judging.add_argument("--report", type=Path, help="self-contained HTML page of figures and pictures, for example runs/report.html")
    judging.add_argument("--pitfalls", type=Path, help="drawn set of what an image cannot see or mistakes (simulation/pitfall-set.ts)")
    judging.add_argument("--cache", type=Path, help="folder that keeps the classic baseline's features; default: the run's")

    mending = commands.add_parser("recalibrate", help="a model folder that serves the line of a bridge, as a version of its own")
    mending.add_argument("--model", type=Path, default=HERE / "model", help="folder of the model that was bridged")
    mending.add_argument("--recalibration", type=Path, required=True, metavar="FILE", help="what `nvir bridge --record FILE` wrote")
    mending.add_argument("--out", type=Path, required=True, help="folder for the recalibrated model, not there yet or empty")

    serving = commands.add_parser("serve", help="answer SageMaker's /ping and /invocations")
    serving.add_argument("--model", type=Path, help="default: SM_MODEL_DIR, else the shipped model")
    serving.add_argument("--port", type=int, help="default: SAGEMAKER_BIND_TO_PORT, else 8080")

    keeping = commands.add_parser("golden", help="write contract/golden.json, which both servers are tested by; after each export")
    keeping.add_argument("--run", type=Path, default=Path("runs/nvir"))
    keeping.add_argument("--model", type=Path, default=HERE / "model")

    timing = commands.add_parser(
        "bench", help="how fast this device answers: model alone, through HTTP, beside eager PyTorch and the floor"
    )
    timing.add_argument("--model", type=Path, default=HERE / "model")
    timing.add_argument("--quick", action="store_true", help="a second a row, fewer rows")
    timing.add_argument("--json", action="store_true", help="one JSON document")

    commands.add_parser("train-job", help="train as a SageMaker job does: reads /opt/ml/input, writes /opt/ml/model")

    arguments = parser.parse_args()
    if arguments.command in ("train", "train-job", "holdout", "export", "evaluate"):
        use_all_cores()
    if arguments.command == "data":
        from .labels import describe, load

        describe(load(arguments.data))
    elif arguments.command == "train":
        from .train import train

        unsaid = not (arguments.from_scratch or arguments.imagenet)
        best = train(arguments.data, arguments.run, arguments.plan, arguments.seed, arguments.imagenet, or_cached=unsaid)
        print(f"best checkpoint: {best}")
    elif arguments.command == "export":
        from .export import export

        export(arguments.data, arguments.run, arguments.out, arguments.variants)
    elif arguments.command == "import":
        from .importing import import_published

        import_published(arguments.checkpoint, arguments.out, arguments.data)
    elif arguments.command == "holdout":
        from .holdout import holdout

        holdout(arguments.data, arguments.runs, arguments.out, arguments.plan, arguments.seed, arguments.only)
    elif arguments.command == "train-job":
        from .sagemaker import train_job

        sys.exit(train_job())
    elif arguments.command == "bench":
        from .bench import bench

        bench(arguments.model, arguments.quick, arguments.json)
    elif arguments.command == "recalibrate":
        from .recalibrate import recalibrate

        recalibrate(arguments.model, arguments.recalibration, arguments.out)
    elif arguments.command == "golden":
        from .golden import write_golden

        write_golden(arguments.run, arguments.model)
    elif arguments.command == "evaluate":
        from .evaluate import evaluate

        evaluate(arguments.data, arguments.run, arguments.model, arguments.report, arguments.cache, arguments.pitfalls)
    else:
        from .serving import serve

        sys.exit(serve(arguments.model, arguments.port))


if __name__ == "__main__":
    main()
