#!/usr/bin/env bash
# Makes model-container/.venv with what training, export, serving and their tests need. Debian's python3-torch (CPU) is a tenth
# of PyPI's build with CUDA, and enough: see docs/decisions/0010-debian-torch-for-ci.md.
set -euo pipefail
cd "$(dirname "$0")"

if ! /usr/bin/python3 -c 'import torch, torchvision, venv, ensurepip' 2>/dev/null; then
  run=$([ "$(id -u)" = 0 ] && echo env || echo sudo)
  $run apt-get update -qq
  $run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    python3-torch python3-torchvision python3-venv >/dev/null
fi

venv=.venv
[ -x "$venv/bin/python" ] || /usr/bin/python3 -m venv --system-site-packages "$venv"
"$venv/bin/pip" install --quiet --require-hashes --requirement requirements-ci.txt
