#!/usr/bin/env bash
# The whole way from plates to served weights, on a small SIMULATED labelled set: simulate, label, train, export, judge, serve, ask.
#   bash model-container/try.sh [--out DIR] [--small]
# --out    folder to write (out/try); a training that was begun there goes on
# --small  a few wells and the shortest training: shows that it runs, the model is worth nothing
# Needs Node 20 after `npm ci`; PYTHON names a Python with torch, else model-container/.venv is used, or made by install.sh.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

out=out/try
drugs=12 doses=8 replicates=2 side=512 plan=try
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out needs a folder}; shift 2 ;;
    --small) drugs=1 doses=3 replicates=1 side=256 plan=smoke; shift ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; [ "$1" = --help ] && exit 0 || exit 2 ;;
  esac
done
[ -d node_modules ] || { echo 'try.sh: node_modules is not there: run `npm ci` first' >&2; exit 2; }
python=${PYTHON:-$root/model-container/.venv/bin/python}
if [ -z "${PYTHON:-}" ] && [ ! -x "$python" ]; then bash model-container/install.sh; fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
export PYTHONPATH="$root/model-container${PYTHONPATH:+:$PYTHONPATH}"

step() { printf '\n── %s\n' "$*"; }

# Four studies of one lab, a week apart, and one of a microscope that nothing is trained on.
step '1/6 simulate plates and their ATP'
studies=()
dosed=(2026-01-05 2026-01-12 2026-01-19 2026-01-26 2026-02-02)
for i in 1 2 3 4 5; do
  mechanism=$([ "$i" = 5 ] && echo unseen || echo opaque-shrinking)
  [ -f "$out/plates/$i/done" ] || {
    node cli/bin.mjs simulate --out "$out/plates/$i" --study "study-$i" --seed "$i" --dosed-on "${dosed[$((i - 1))]}" --mechanism "$mechanism" \
      --drugs "$drugs" --doses "$doses" --side "$side" --replicates "$replicates" --days 7 | sed -n 1p
    touch "$out/plates/$i/done"
  }
  studies+=("study-$i=$out/plates/$i/export")
done

step '2/6 label the images by ATP'
[ -f "$out/set/index.csv" ] ||
  node cli/bin.mjs dataset "${studies[@]}" --atp "$out"/plates/*/atp/*.csv --unseen scope-unseen --out "$out/set"
"$python" -m nvir data --data "$out/set"

step '3/6 train'
"$python" -m nvir train --data "$out/set" --run "$out/run" --plan "$plan" --from-scratch

step '4/6 export'
"$python" -m nvir export --data "$out/set" --run "$out/run" --out "$out/model"

step '5/6 judge on studies and a microscope that were held out'
"$python" -m nvir evaluate --data "$out/set" --run "$out/run" --model "$out/model"

step '6/6 serve, and ask for one image'
"$python" -m nvir.ask "$out"
printf '\n%s\n' "Trained on SIMULATED plates, and briefly: not for decisions about real drugs. With your own: docs/train-your-own.md"
