#!/bin/sh
# Runs the tests of the thread pool and of the kernels under the address and undefined-behaviour sanitizers and under the thread
# sanitizer: small shapes, every instruction set tier this machine has, 1, 2 and 4 threads, convolutions under the thread sanitizer 2 and 4. The
# thread pool's also without any.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernel_test() { # name flags: every other kernel, through the C interface
  name=$1
  shift
  "$here/../../build.sh" "$work/$name" -O1 -g1 "$@"
  "${CXX:-g++}" -std=c++17 -O1 -g1 -Wall -Wextra -Werror -Wno-missing-field-initializers -pthread "$@" "$here/cpp/kernel_test.cpp" "$work/$name"/*.o -ldl \
    -o "$work/$name/kernel_test"
  "$work/$name/kernel_test"
}
pool_test() { # name flags: the thread pool
  name=$1
  shift
  "${CXX:-g++}" -std=c++17 -g1 -Wall -Wextra -Werror -pthread "$@" "$here/cpp/thread_pool_test.cpp" "$here/../main/cpp/thread_pool.cpp" -o "$work/$name"
  TSAN_OPTIONS=halt_on_error=1 "$work/$name"
}
pool_test pool -O2
pool_test pool_memory -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
pool_test pool_threads -O1 -fsanitize=thread
echo "address and undefined behaviour"
"$here/build_conv_test.sh" "$work/conv_test_memory" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
"$work/conv_test_memory" small
kernel_test memory -fsanitize=address,undefined -fno-sanitize-recover=all
echo "threads"
"$here/build_conv_test.sh" "$work/conv_test_threads" -O1 -fsanitize=thread
TSAN_OPTIONS=halt_on_error=1 "$work/conv_test_threads" threads
TSAN_OPTIONS=halt_on_error=1 kernel_test threads -fsanitize=thread
echo "sanitizers: passed"
