#!/usr/bin/env bash
# Runs the unpacked kit on a GPU machine: run.sh RESULTS_FOLDER [PART [ARGUMENTS...]]; without a part: smoke, tests, training and speed.
#   smoke     what the machine has, the tests of graphs, and training steps in two layouts: shows in a minute whether anything works, and fails
#             where graphs are left out, without which every other number would be another
#   tests     every test tagged gpu; a skip is a failure, but where several GPUs are needed. With JUnit's arguments: what these select
#   training  the tests of optimizers, the loop, metrics, prediction and the doctor, with their backend swapped to cuda; or what arguments select
#   memcheck  the conformance kit under NVIDIA's compute-sanitizer, where it is installed; or what arguments select of it, such as a part of its ops,
#             --select-iteration='method:gradus.backend.cuda.GpuBackendTest#opsAgreeWithTheReference()[0..999]'
#   speed     training steps in every precision. With --memory-format channels-last: in that layout, and nothing else
#   pytorch   PyTorch's steps on the same card, where it is installed; arguments as gpu-pytorch.py takes them
#   profile   where the time of a step goes, call by call, and how near that is to what the device can do
#   train     `gradus train ARGUMENTS... --backend cuda`, such as a recipe
# Made for a machine that lends its GPU for ten minutes a command and gives back few files: a part ends after GRADUS_GPU_SECONDS (540), and a call
# leaves in RESULTS_FOLDER a log of each part, JUnit's XML in one archive, and gpu-results.md, sections for docs/gpu-results.md; those of parts that
# did not end too. Everything else lies below TMPDIR.
set -uo pipefail
kit="$(cd "$(dirname "$0")" && pwd)"
results="$(mkdir -p "${1:?run.sh RESULTS_FOLDER [PART [ARGUMENTS...]]}" && cd "$1" && pwd)"
shift
work="$(mktemp -d "${TMPDIR:-/tmp}/gradus-gpu-XXXXXX")"
limit="${GRADUS_GPU_SECONDS:-540}"
most_log_bytes=15000000
all="${*:-all}"
open=""      # the part that runs
log=""       # its
deadline=0   # and when it is to end, in SECONDS

# CUDA's libraries may lie in Python's packages (where PyTorch puts them) rather than where the loader looks.
found="$(python3 -c '
import importlib.util, pathlib
spec = importlib.util.find_spec("nvidia")
roots = spec.submodule_search_locations if spec else []
print(":".join(sorted(str(p) for root in roots for p in pathlib.Path(root).glob("*/lib"))))' 2> /dev/null || true)"
export LD_LIBRARY_PATH="${found:+$found:}${LD_LIBRARY_PATH:-}"

# NCCL wants a network interface even for one GPU.
ip link set lo up 2> /dev/null || true
export NCCL_SOCKET_IFNAME="${NCCL_SOCKET_IFNAME:-lo}" NCCL_DEBUG="${NCCL_DEBUG:-WARN}"

java=("$kit/jre/bin/java" "-Dorg.bytedeco.javacpp.cachedir=$work/javacpp" "-Dgradus.cuda.cache=${TMPDIR:-/tmp}/gradus-gpu-kernels-$(id -u)")
paths="${GRADUS_CUDA_LIBRARIES:-$found}"
[ -z "$paths" ] || java+=("-Dorg.bytedeco.javacpp.platform.linkpath=$paths")
[ "$("$kit/jre/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')" -lt 22 ] || java+=(--enable-native-access=ALL-UNNAMED)
java+=(-Dgradus.gpu.required=true -cp "$kit/lib/*:$kit/training-tests")

# A command, as long as its part may last.
limited() {
  local left=$((deadline - SECONDS))
  if [ "$left" -le 0 ]; then
    echo "no time is left for: ${*: -8}"
    return 124
  fi
  timeout -k 5 "$left" "$@"
}

gradus() {
  limited "${java[@]}" gradus.examples.Gradus "$@"
}

junit=(org.junit.platform.console.ConsoleLauncher execute --fail-if-no-tests --details=testfeed --disable-ansi-colors --disable-banner)

smoke() {
  local status=0
  echo "loopback: $(cat /sys/class/net/lo/operstate 2>&1); found: $(command -v ip compute-sanitizer python3 nvcc | tr '\n' ' ')"
  gradus backends --verbose || status=$?
  limited "${java[@]}" "${junit[@]}" "--reports-dir=$work/reports/smoke" --select-class=gradus.backend.cuda.GpuGraphTest || status=$?
  bench --workloads W1,W4 --seconds 0.5 || status=$?
  bench --workloads W1,W4 --seconds 0.5 --precision bf16 --memory-format channels-last || status=$?
  ! grep -q "cannot be started as one CUDA graph" "$log" || status=8
  return $status
}

bench() {
  gradus bench --backend cuda --mode train "$@"
}

tests() {
  [ $# -gt 0 ] || set -- "--scan-classpath=$kit/lib/gradus-backend-cuda-tests.jar"
  limited "${java[@]}" "${junit[@]}" --include-tag=gpu "--reports-dir=$work/reports/tests" "$@"
}

training() {
  [ $# -gt 0 ] || set -- --select-package=gradus.{doctor,metric,optim,predict,schedule,train}
  limited "${java[@]}" -Dgradus.test.backend=cuda "${junit[@]}" "--reports-dir=$work/reports/training" "$@"
}

memcheck() {
  [ $# -gt 0 ] || set -- --select-class=gradus.backend.cuda.GpuBackendTest
  limited compute-sanitizer --tool memcheck --report-api-errors no --error-exitcode 9 "${java[@]}" "${junit[@]}" "$@"
}

speed() {
  gradus backends --verbose
  local status=0 workloads precision
  for workloads in "--workloads W1,W2,W4,W5" "--workloads W4 --batch 512" "--workloads W5 --batch 128"; do
    for precision in fp32 tf32 bf16 fp16; do
      bench $workloads --precision "$precision" "$@" || status=$?
    done
  done
  [ $# = 0 ] || return $status
  echo "without graphs:"
  bench --workloads W1,W2,W4 --cuda-graph off || status=$?
  echo "with algorithms chosen by measurement:"
  java+=(-Dgradus.cuda.algorithms=measured)
  for precision in fp32 tf32 bf16 fp16; do
    bench --workloads W1,W2,W4,W5 --precision "$precision" || status=$?
  done
  return $status
}

pytorch() {
  limited python3 "$kit/gpu-pytorch.py" "$@"
}

profile() {
  local status=0 precision
  measure() {
    limited "${java[@]}" gradus.bench.Bench profile --backend cuda --threads 1 --seconds 2 --limit-seconds 0.5 --wait 0 --tries 1 "$@" || status=$?
  }
  for precision in fp32 tf32 bf16 fp16; do
    measure --workloads W1,W2,W4,W5 --precision "$precision"
  done
  measure --workloads W4 --batch 512 --precision tf32
  return $status
}

train() {
  gradus train "$@" --backend cuda
}

# Of files: the machine may give back no others than plain ones.
name_of() {
  local name="$*"
  name="${name//[^a-zA-Z0-9]/-}"
  [ "${#name}" -le 60 ] || name="${name:0:30}-${name: -29}"
  echo "$name"
}

run() {
  open="$*"
  log="$work/$(name_of "$@").log"
  deadline=$((SECONDS + limit))
  nvidia-smi > "$log" 2>&1
  "$@" 2>&1 | tee -a "$log"
  close_part $?
}

# Writes the section of the part that runs, and returns its status.
close_part() {
  local status="$1" words=""
  case "$status" in
    124 | 137) words=", as it had run for $limit seconds" ;;
    143) words=", as the run was stopped" ;;
  esac
  echo "${open%% *} ended with $status$words" | tee -a "$log"
  {
    echo "### $open, $(date -u +%Y-%m-%d), commit $(cat "$kit/commit")"
    echo
    echo '```'
    grep -aE '^(\*| ) cuda |\[ +[0-9]+ tests (found|successful|failed|aborted|skipped)|^peer=|^W[0-9].* a step,|^  roof: |^with algorithms|^without graphs|^Test accuracy|^Trained|ERROR SUMMARY|^no time is left' "$log"
    tail -n 1 "$log"
    echo '```'
  } >> "$work/gpu-results.md"
  open=""
  return "$status"
}

# Hands over what there is, also if the run is stopped in the middle.
hand_over() {
  [ -z "$open" ] || close_part 143
  local file
  for file in "$work"/*.log; do
    [ ! -f "$file" ] || tail -c "$most_log_bytes" "$file" > "$results/$(basename "$file")"
  done
  [ ! -f "$work/gpu-results.md" ] || cat "$work/gpu-results.md" >> "$results/gpu-results.md"
  [ ! -d "$work/reports" ] || tar -C "$work" -czf "$results/$(name_of "$all")-reports.tar.gz" reports
  rm -rf "$work"
}
trap hand_over EXIT

if [ $# -gt 0 ]; then
  case "$1" in
    smoke | tests | training | memcheck | speed | pytorch | profile | train) run "$@" ;;
    *) echo "There is no part $1: see the head of $0." >&2; exit 2 ;;
  esac
else
  run smoke || exit
  status=0
  for part in tests training speed; do
    run "$part" || status=1
  done
  exit $status
fi
