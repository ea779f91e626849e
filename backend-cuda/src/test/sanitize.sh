#!/usr/bin/env bash
# Runs the conformance kit over the fake CUDA with its kernels under the address and undefined-behaviour sanitizers: sanitize.sh CLASS_PATH, where the
# class path holds this module's classes and test classes, what they depend on, and JUnit's console.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$here/cuda/build.sh" "$work/fake" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
# The Java machine handles signals of its own and frees little before it ends.
export ASAN_OPTIONS=handle_segv=0:allow_user_segv_handler=1:detect_leaks=0:detect_stack_use_after_return=0
LD_PRELOAD="$("${CXX:-g++}" -print-file-name=libasan.so):$("${CXX:-g++}" -print-file-name=libubsan.so)" \
  LD_LIBRARY_PATH="$work/fake" \
  java "-Dorg.bytedeco.javacpp.platform.linkpath=$work/fake" "-Dorg.bytedeco.javacpp.cachedir=$work/javacpp" \
  "-Dgradus.cuda.cache=$work/kernels" -cp "$1" org.junit.platform.console.ConsoleLauncher execute \
  --select-class=gradus.backend.cuda.FakeBackendTest --fail-if-no-tests --details=summary --disable-banner --disable-ansi-colors
