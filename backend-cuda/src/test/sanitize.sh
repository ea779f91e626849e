#!/usr/bin/env bash
# Runs the conformance kit over the fake CUDA with its kernels under the address and undefined-behaviour sanitizers, then with a watch for races of
# their threads, of which one is made to see that it is found: sanitize.sh CLASS_PATH [address|races], where the class path holds this module's
# classes and test classes, what they depend on, and JUnit's console.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
classes="$1"
what="${2:-all}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

kit() {  # FOLDER_OF_FAKE_LIBRARIES [PRELOADED_LIBRARIES]
  LD_PRELOAD="${2:-}" LD_LIBRARY_PATH="$1" \
    java "-Dorg.bytedeco.javacpp.platform.linkpath=$1" "-Dorg.bytedeco.javacpp.cachedir=$1/javacpp" "-Dgradus.cuda.cache=$1/kernels" \
    -cp "$classes" org.junit.platform.console.ConsoleLauncher execute --select-class=gradus.backend.cuda.FakeBackendTest \
    --select-class=gradus.backend.cuda.FakeChannelsLastTest --fail-if-no-tests --details=summary --disable-banner --disable-ansi-colors
}

if [ "$what" != races ]; then
  "$here/cuda/build.sh" "$work/address" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
  # The Java machine handles signals of its own and frees little before it ends.
  export ASAN_OPTIONS=handle_segv=0:allow_user_segv_handler=1:detect_leaks=0:detect_stack_use_after_return=0
  kit "$work/address" "$("${CXX:-g++}" -print-file-name=libasan.so):$("${CXX:-g++}" -print-file-name=libubsan.so)"
fi

if [ "$what" != address ]; then
  cp -r "$here/../../../native/src/main/cuda" "$work/kernels"
  sed -i '0,/__syncthreads();/s///' "$work/kernels/common.cuh"
  KERNELS="$work/kernels" "$here/cuda/build.sh" "$work/raced" -DFAKE_CUDA_RACES
  if kit "$work/raced" > "$work/raced.log" 2>&1 || ! grep -q 'a race in partial_moments' "$work/raced.log"; then
    tail -n 20 "$work/raced.log" >&2
    echo "A barrier was taken from block_sum, and no race was found." >&2
    exit 1
  fi
  "$here/cuda/build.sh" "$work/races" -DFAKE_CUDA_RACES
  kit "$work/races"
fi
