#!/usr/bin/env bash
# Regenerates all that is said of a model trained on the simulation: evaluation.json, MODEL_CARD.md and the HTML report.
#   bash model-container/judge.sh [--data DIR] [--run DIR] [--model DIR] [--pitfalls DIR] [--report FILE] [--cache DIR]
# --data      labelled set that it was trained on (data/nvir)
# --run       folder of its checkpoints (runs/nvir)
# --model     exported files; evaluation.json and the card are written there (model-container/model)
# --pitfalls  what an image cannot see or mistakes; drawn where it is not there. Without the option data/pitfalls, drawn anew too where
#             another version of the simulation drew it
# --report    the page (runs/report.html)
# --cache     keeps the classic baseline's features (the run's folder)
# What held-out domains and the learning curve say is taken from holdout.json beside the model (python -m nvir holdout).
# Needs Node 20 after `npm ci`; PYTHON names a Python with torch, else model-container/.venv is used.
set -euo pipefail
here=$PWD
root=$(cd "$(dirname "$0")/.." && pwd)
absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$here" "$1" ;; esac; }

data=$root/data/nvir run=$root/runs/nvir model=$root/model-container/model pitfalls=$root/data/pitfalls given='' report=$root/runs/report.html cache=
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=$(absolute "${2:?--data needs a folder}"); shift 2 ;;
    --run) run=$(absolute "${2:?--run needs a folder}"); shift 2 ;;
    --model) model=$(absolute "${2:?--model needs a folder}"); shift 2 ;;
    --pitfalls) pitfalls=$(absolute "${2:?--pitfalls needs a folder}") given=yes; shift 2 ;;
    --report) report=$(absolute "${2:?--report needs a file}"); shift 2 ;;
    --cache) cache=$(absolute "${2:?--cache needs a folder}"); shift 2 ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0"; [ "$1" = --help ] && exit 0 || exit 2 ;;
  esac
done
python=${PYTHON:-$root/model-container/.venv/bin/python}
[ -x "$(command -v "$python")" ] || { echo "judge.sh: $python is not there: run bash model-container/install.sh, or name a Python by PYTHON" >&2; exit 2; }
cd "$root"
[ -d node_modules ] || { echo 'judge.sh: node_modules is not there: run `npm ci` first' >&2; exit 2; }

[ -n "$given" ] && [ -f "$pitfalls/index.csv" ] || node --import tsx simulation/pitfall-set.ts --unless-there --out "$pitfalls"
# Whole or not at all: a stop must not leave half of it where it was whole.
unfinished=$model/mechanisms.json.$$
trap 'rm -f "$unfinished"' EXIT
node --import tsx simulation/ranges.ts > "$unfinished"
mv "$unfinished" "$model/mechanisms.json"
PYTHONPATH="$root/model-container${PYTHONPATH:+:$PYTHONPATH}" "$python" -m nvir evaluate \
  --data "$data" --run "$run" --model "$model" --pitfalls "$pitfalls" --report "$report" --cache "${cache:-$run}"
