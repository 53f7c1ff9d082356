#!/usr/bin/env bash
# Installs what the Python suite needs, then lints and tests.
set -euo pipefail
cd "$(dirname "$0")"

bash install.sh
venv=.venv
"$venv/bin/ruff" check .
"$venv/bin/ruff" format --check .
exec "$venv/bin/python" -m pytest -q
