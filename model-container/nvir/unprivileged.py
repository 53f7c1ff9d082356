"""`python -m nvir.unprivileged serve|train-job`: gives up root's rights, then becomes `python -m nvir` of that job.

SageMaker starts containers as root and mounts folders that root owns: who starts as another user cannot write a model, nor why it
failed. A job does not need root for more than their ownership.
"""

from __future__ import annotations

import os
import pwd
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .sagemaker import Folders, fail

# The image's user; NVIR_USER names another one, `root` to stay root.
USER = "nvir"


class NoUser(Exception):
    """The user to become does not exist."""


def run(job: str, environment: Mapping[str, str] = os.environ) -> int:
    """Does not return unless the rights cannot be dropped; `train-job` says why in `output/failure` then, too."""
    folders = Folders.of(environment)
    changed = dict(environment)
    try:
        if os.geteuid() == 0:
            changed |= drop_root(environment.get("NVIR_USER", USER), folders if job == "train-job" else None)
        os.execve(sys.executable, [sys.executable, "-m", "nvir", job], changed)
    except (OSError, NoUser) as error:
        if job == "train-job":
            return fail(folders, str(error))
        print(f"failed: {error}", file=sys.stderr)
        return 1


def drop_root(name: str, folders: Folders | None) -> dict[str, str]:
    """Gives what a training writes to the user, then becomes the user for good. Returns the variables that change with it."""
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise NoUser(f"NVIR_USER: there is no user {name} in the container") from None
    if folders is not None:
        for folder in (folders.model, folders.output, folders.output_data, folders.checkpoints):
            give(folder, user.pw_uid, user.pw_gid)
    temporary = Path(tempfile.gettempdir())
    if not temporary.stat().st_mode & stat.S_IWOTH:
        temporary = Path(tempfile.mkdtemp(prefix="nvir-"))
        give(temporary, user.pw_uid, user.pw_gid)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    home = user.pw_dir if os.path.isdir(user.pw_dir) else str(temporary)
    return {"HOME": home, "USER": name, "TMPDIR": str(temporary)}


def give(folder: Path, uid: int, gid: int) -> None:
    """A folder, made if it is not there, and all that it holds. Links are given, never what they point to."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, uid, gid)
    for at, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(at, name), uid, gid, follow_symlinks=False)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
