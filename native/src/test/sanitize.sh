#!/bin/sh
# Runs the kernels' tests under the address and undefined-behaviour sanitizers and under the thread sanitizer: small shapes,
# every instruction set tier this machine has, 1, 2 and 4 threads.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "address and undefined behaviour"
"$here/build_conv_test.sh" "$work/conv_test_memory" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
"$work/conv_test_memory" small
echo "threads"
"$here/build_conv_test.sh" "$work/conv_test_threads" -O1 -fsanitize=thread
TSAN_OPTIONS=halt_on_error=1 "$work/conv_test_threads" small
echo "sanitizers: passed"
