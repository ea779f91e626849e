#!/usr/bin/env bash
# Runs the unpacked kit on a GPU machine: run.sh RESULTS_FOLDER. Every test tagged gpu, where a skip is a failure; then the command line's list
# of backends and its benchmark in every precision. The results hold a log, JUnit's XML, and gpu-results.md, a section for docs/gpu-results.md.
set -uo pipefail
kit="$(cd "$(dirname "$0")" && pwd)"
results="$(mkdir -p "${1:?run.sh RESULTS_FOLDER}" && cd "$1" && pwd)"

# CUDA's libraries may lie in Python's packages (where PyTorch puts them) rather than where the loader looks.
found="$(python3 -c '
import importlib.util, pathlib
spec = importlib.util.find_spec("nvidia")
roots = spec.submodule_search_locations if spec else []
print(":".join(sorted(str(p) for root in roots for p in pathlib.Path(root).glob("*/lib"))))' 2> /dev/null || true)"
export LD_LIBRARY_PATH="${found:+$found:}${LD_LIBRARY_PATH:-}"

java=("$kit/jre/bin/java" "-Dorg.bytedeco.javacpp.cachedir=$results/javacpp" "-Dgradus.cuda.cache=$results/kernels")
[ -z "$found" ] || java+=("-Dorg.bytedeco.javacpp.platform.linkpath=$found")
[ "$("$kit/jre/bin/java" -version 2>&1 | sed -n '1s/.*"\([0-9]*\).*/\1/p')" -lt 22 ] || java+=(--enable-native-access=ALL-UNNAMED)
java+=(-cp "$kit/lib/*")

{
  nvidia-smi || true
  "${java[@]}" -Dgradus.gpu.required=true org.junit.platform.console.ConsoleLauncher execute \
    "--scan-classpath=$kit/lib/gradus-backend-cuda-tests.jar" --include-tag=gpu --fail-if-no-tests --details=summary \
    --disable-ansi-colors --disable-banner "--reports-dir=$results"
  tests=$?
  "${java[@]}" gradus.examples.Gradus backends --verbose
  bench=(gradus.examples.Gradus bench --backend cuda --workloads W1,W2,W4,W5 --mode train)
  for precision in fp32 bf16; do
    "${java[@]}" "${bench[@]}" --precision "$precision"
  done
  echo "with TF32:"
  "${java[@]}" -Dgradus.cuda.tf32=true "${bench[@]}"
  echo "tests ended with $tests"
} 2>&1 | tee "$results/log"

{
  echo "## $(date -u +%Y-%m-%d), commit $(cat "$kit/commit")"
  echo
  echo '```'
  grep -E '^[* ] cuda ' "$results/log"
  grep -E '\[ +[0-9]+ tests (found|successful|failed|aborted|skipped)' "$results/log"
  grep -E '^(peer=|with TF32)' "$results/log"
  tail -n 1 "$results/log"
  echo '```'
} > "$results/gpu-results.md"
grep -q '^tests ended with 0$' "$results/log"
