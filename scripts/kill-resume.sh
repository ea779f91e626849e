#!/usr/bin/env bash
# Proves that a run survives being killed: scripts/kill-resume.sh KILLS [OPTIONS OF TRAIN...]
# Trains once undisturbed; then the same run, killed (kill -9) KILLS times at random moments and resumed each time. Fails unless every
# checkpoint left is whole and both end with the same weights to the bit.
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:?usage: scripts/kill-resume.sh KILLS [OPTIONS OF TRAIN...]}
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

newest() { # the name of the newest checkpoint
  { find "$work/killed/checkpoints" -name 'checkpoint-*.safetensors' 2> /dev/null || true; } | sort | tail -n 1 | xargs -r basename -s .safetensors
}

begun=$(date +%s%N)
./gradus train "$@" --out "$work/whole" > "$work/whole.log" 2>&1 || { cat "$work/whole.log"; exit 1; }
millis=$((($(date +%s%N) - begun) / 1000000))
echo "undisturbed: $millis ms"

RANDOM=${SEED:-1}
for ((kill = 1, attempt = 1; kill <= kills; attempt++)); do
  # A run that has ended is begun anew: what counts is how often a running one is killed.
  [[ ! -f $work/killed/run.json ]] || rm -rf "$work/killed"
  before=$(newest)
  wait=$((millis / 20 + (RANDOM * 32768 + RANDOM) % (millis * 2 / (kills < 4 ? 4 : kills) + 2000)))
  ./gradus train "$@" --out "$work/killed" --resume > "$work/$attempt.log" 2>&1 &
  pid=$!
  sleep "$(printf '%d.%03d' $((wait / 1000)) $((wait % 1000)))"
  if kill -9 "$pid" 2> /dev/null; then state=killed; else state='had ended before'; fi
  wait "$pid" 2> /dev/null || true
  if grep -q 'damaged\|xception\|can be read' "$work/$attempt.log"; then
    echo "attempt $attempt: a checkpoint was not whole:"; cat "$work/$attempt.log"; exit 1
  fi
  unfinished=$({ find "$work/killed" -name '*.tmp' 2> /dev/null || true; } | wc -l)
  after=$(newest)
  echo "attempt $attempt, kill $kill: $state after $wait ms; began after ${before:-nothing}, left ${after:-nothing} and $unfinished unfinished file(s)"
  [[ $state != killed ]] || kill=$((kill + 1))
done
./gradus train "$@" --out "$work/killed" --resume > "$work/last.log" 2>&1 || { cat "$work/last.log"; exit 1; }
grep -h 'resumed after\|damaged' "$work/last.log" || true

whole=$(sha256sum < "$work/whole/model.safetensors")
killed=$(sha256sum < "$work/killed/model.safetensors")
echo "undisturbed $whole"
echo "killed      $killed"
diff <(cut -d, -f1-6 "$work/whole/metrics.csv") <(cut -d, -f1-6 "$work/killed/metrics.csv") || { echo 'metrics.csv differs'; exit 1; }
[[ $whole == "$killed" ]] || { echo 'the weights differ'; exit 1; }
echo "the same weights and metrics after $kills kills"
