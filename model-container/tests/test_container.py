"""The Dockerfile was never built here: what it copies exists, what it installs is hashed, what it calls imports."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nvir import unprivileged

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ONLY_FOR_TRAINING = {"sklearn", "torchvision", "scipy", "joblib"}


def test_every_path_that_is_copied_exists_and_passes_the_ignore_file() -> None:
    copied = [source for source in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)]
    assert {"nvir", "entrypoint"} <= set(copied)
    let_in = {line.lstrip("!").removesuffix("/**") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in let_in, source


def test_stages_that_are_copied_from_exist() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    assert set(re.findall(r"--from=(\S+)", DOCKERFILE)) == stages == {"serve-packages", "train-packages"}


def test_the_image_starts_as_root_has_the_user_that_jobs_drop_to_and_its_base_is_an_argument() -> None:
    assert re.search(r"^ARG BASE=\S+:\S+$", DOCKERFILE, re.MULTILINE)
    # SageMaker mounts folders that root owns: a container that starts as another user could not write into them.
    assert not re.findall(r"^USER ", DOCKERFILE, re.MULTILINE)
    assert re.findall(r"useradd --system .*?(\S+)$", DOCKERFILE, re.MULTILINE) == [unprivileged.USER]
    entry = json.loads(re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)[0])
    assert entry == ["/opt/nvir/entrypoint"]
    assert (ROOT / "entrypoint").stat().st_mode & 0o111 == 0o111


def pins(name: str) -> dict[str, str]:
    """Version by package; every one must have a hash."""
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / name).read_text()):
        if match := re.match(r"([a-z0-9_.-]+)==([^\s;]+)", block):
            assert "--hash=sha256:" in block, match[0]
            found[match[1]] = match[2]
        else:
            assert block.startswith("#"), block
    return found


@pytest.mark.parametrize("name", ["requirements-serve", "requirements-train", "requirements-ci"])
def test_requirements_are_pinned_and_hashed_without_addresses(name) -> None:
    locked = pins(f"{name}.txt")
    assert "://" not in (ROOT / f"{name}.txt").read_text()
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9_.-]+)==(\S+)", line):
            assert locked[match[1].lower().replace("_", "-")] == match[2]


def test_training_extends_the_serving_packages_without_changing_one() -> None:
    serving, training = pins("requirements-serve.txt"), pins("requirements-train.txt")
    assert serving.items() <= training.items()
    assert not {"scikit-learn", "torchvision"} & set(serving)


def imported(module: str) -> set[str]:
    """Top-level packages that are loaded once a module is."""
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_a_server_loads_nothing_that_is_for_training_only() -> None:
    assert not imported("nvir.serving, nvir.serving.torch_backend") & ONLY_FOR_TRAINING


def test_what_the_package_imports_is_installed_for_the_job() -> None:
    names = {"sklearn": "scikit-learn"}
    serving, training = pins("requirements-serve.txt"), pins("requirements-train.txt")
    for file in (ROOT / "nvir").rglob("*.py"):
        has = serving if "serving" in file.parts else training
        for node in ast.walk(ast.parse(file.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            for top in {module.split(".")[0] for module in modules} - sys.stdlib_module_names:
                assert names.get(top, top) in has, f"{file.name} imports {top}"
