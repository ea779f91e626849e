#!/usr/bin/env bash
# Runs the unpacked kit on a GPU machine: run.sh RESULTS_FOLDER [PART [ARGUMENTS...]]; without a part: tests, training and speed.
#   tests     every test tagged gpu; a skip is a failure, but where several GPUs are needed
#   training  the tests of optimizers, the loop, metrics, prediction and the doctor, with their backend swapped to cuda
#   memcheck  the conformance kit under NVIDIA's compute-sanitizer, where it is installed; takes long. With GpuChannelsLastTest: in that layout
#   speed     training steps in every precision, and PyTorch's on the same card, where it is installed. With --memory-format channels-last: in that
#             layout, and nothing else
#   profile   where the time of a step goes, call by call, and how near that is to what the device can do
#   train     `gradus train ARGUMENTS... --backend cuda`, such as a recipe
# The results hold a log and JUnit's XML of each part, and gpu-results.md, a section for docs/gpu-results.md.
set -uo pipefail
kit="$(cd "$(dirname "$0")" && pwd)"
results="$(mkdir -p "${1:?run.sh RESULTS_FOLDER [PART [ARGUMENTS...]]}" && cd "$1" && pwd)"
shift

# CUDA's libraries may lie in Python's packages (where PyTorch puts them) rather than where the loader looks.
found="$(python3 -c '
import importlib.util, pathlib
spec = importlib.util.find_spec("nvidia")
roots = spec.submodule_search_locations if spec else []
print(":".join(sorted(str(p) for root in roots for p in pathlib.Path(root).glob("*/lib"))))' 2> /dev/null || true)"
export LD_LIBRARY_PATH="${found:+$found:}${LD_LIBRARY_PATH:-}"

java=("$kit/jre/bin/java" "-Dorg.bytedeco.javacpp.cachedir=$results/javacpp" "-Dgradus.cuda.cache=$results/kernels")
paths="${GRADUS_CUDA_LIBRARIES:-$found}"
[ -z "$paths" ] || java+=("-Dorg.bytedeco.javacpp.platform.linkpath=$paths")
[ "$("$kit/jre/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')" -lt 22 ] || java+=(--enable-native-access=ALL-UNNAMED)
java+=(-Dgradus.gpu.required=true -cp "$kit/lib/*:$kit/training-tests")
console=(org.junit.platform.console.ConsoleLauncher execute --fail-if-no-tests --details=summary --disable-ansi-colors --disable-banner)

tests() {
  "${java[@]}" "${console[@]}" "--scan-classpath=$kit/lib/gradus-backend-cuda-tests.jar" --include-tag=gpu "--reports-dir=$results/tests"
}

training() {
  "${java[@]}" -Dgradus.test.backend=cuda "${console[@]}" "--reports-dir=$results/training" \
    --select-package=gradus.{doctor,metric,optim,predict,schedule,train}
}

memcheck() {
  compute-sanitizer --tool memcheck --error-exitcode 9 \
    "${java[@]}" "${console[@]}" "--select-class=gradus.backend.cuda.${1:-GpuBackendTest}"
}

speed() {
  "${java[@]}" gradus.examples.Gradus backends --verbose
  local workloads
  for workloads in "--workloads W1,W2,W4,W5" "--workloads W4 --batch 512" "--workloads W5 --batch 128"; do
    for precision in fp32 tf32 bf16 fp16; do
      "${java[@]}" gradus.examples.Gradus bench --backend cuda --mode train $workloads --precision "$precision" "$@"
    done
  done
  [ $# = 0 ] || return 0
  echo "without graphs:"
  "${java[@]}" gradus.examples.Gradus bench --backend cuda --mode train --workloads W1,W2,W4 --cuda-graph off
  echo "with algorithms chosen by measurement:"
  for precision in fp32 tf32 bf16 fp16; do
    "${java[@]}" -Dgradus.cuda.algorithms=measured gradus.examples.Gradus bench --backend cuda --mode train --workloads W1,W2,W4,W5 --precision "$precision"
  done
  ! python3 -c 'import torch' 2> /dev/null || python3 "$kit/gpu-pytorch.py"
}

profile() {
  local precision
  for precision in fp32 tf32 bf16 fp16; do
    "${java[@]}" gradus.bench.Bench profile --backend cuda --threads 1 --workloads W1,W2,W4,W5 --precision "$precision" \
      --seconds 2 --limit-seconds 0.5 --wait 0 --tries 1
  done
  "${java[@]}" gradus.bench.Bench profile --backend cuda --threads 1 --workloads W4 --batch 512 --precision tf32 --seconds 2 \
    --limit-seconds 0.5 --wait 0 --tries 1
}

train() {
  "${java[@]}" gradus.examples.Gradus train "$@" --backend cuda
}

run() {
  local name="${*//[^a-zA-Z0-9]/-}"
  local log="$results/${name:0:60}.log"
  nvidia-smi > "$log" 2>&1
  "$@" 2>&1 | tee -a "$log"
  local status=$?
  echo "$1 ended with $status" | tee -a "$log"
  {
    echo "### $*, $(date -u +%Y-%m-%d), commit $(cat "$kit/commit")"
    echo
    echo '```'
    grep -E '^(\*| ) cuda |\[ +[0-9]+ tests (found|successful|failed|aborted|skipped)|^peer=|^W[0-9].* a step,|^  roof: |^with algorithms|^without graphs|^Test accuracy|^Trained|ERROR SUMMARY' "$log"
    tail -n 1 "$log"
    echo '```'
  } >> "$results/gpu-results.md"
  return $status
}

if [ $# -gt 0 ]; then
  run "$@"
else
  status=0
  for part in tests training speed; do
    run "$part" || status=1
  done
  exit $status
fi
