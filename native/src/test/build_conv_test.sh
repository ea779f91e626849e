#!/bin/sh
# Builds cpp/conv with every tier of the lane convolutions: build_conv_test.sh OUTPUT [more compiler flags]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cpp=$here/../main/cpp
output=$1
shift
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
flags="-std=c++17 -O3 -g1 -fPIC -pthread -fno-strict-aliasing -fno-math-errno -fno-trapping-math -Wall -Wextra -Werror -Wno-missing-field-initializers"

tier() { # namespace lanes flags
  for source in conv_bf16 conv_weights_bf16 conv_tiles conv_weights_tiles conv_forward conv_backward conv_weights_wide filters winograd winograd_bf16 spread_pooled winograd_weights; do
    bf16=
    case $name-$source in avx512-*_bf16 | avx512-*_tiles) bf16=-mavx512bf16 ;; esac
    # shellcheck disable=SC2086
    ${CXX:-g++} $flags "$@" $bf16 -c "$cpp/lanes/$source.cpp" -o "$objects/$name-$source.o"
  done
}
name=avx512
tier "$@" -march=x86-64-v4 -mprefer-vector-width=512 -DGRADUS_LANES=16 -DGRADUS_TIER_NAMESPACE=avx512 &
first=$!
name=avx2
tier "$@" -march=x86-64-v3 -DGRADUS_LANES=8 -DGRADUS_TIER_NAMESPACE=avx2 &
second=$!
wait $first
wait $second
for source in conv_tiles conv_weights_tiles; do # once more, with tiles computed in memory
  # shellcheck disable=SC2086
  ${CXX:-g++} $flags "$@" -march=x86-64-v4 -mprefer-vector-width=512 -mavx512bf16 -DGRADUS_LANES=16 -DGRADUS_EMULATED_TILES \
    -DGRADUS_TIER_NAMESPACE=emulated -c "$cpp/lanes/$source.cpp" -o "$objects/emulated-$source.o"
done
name=baseline
tier "$@" -march=x86-64 -DGRADUS_LANES=4 -DGRADUS_TIER_NAMESPACE=baseline
# One thread runs what the kernels are held against: watching its every load takes most of an hour and finds nothing.
for source in "$here"/cpp/conv/*.cpp; do
  # shellcheck disable=SC2086
  ${CXX:-g++} $flags "$@" -fno-sanitize=thread -Wno-psabi -c "$source" -o "$objects/$(basename "$source" .cpp).o"
done
# shellcheck disable=SC2086
${CXX:-g++} $flags "$@" "$cpp/thread_pool.cpp" "$cpp/products.cpp" "$objects"/*.o -o "$output"
