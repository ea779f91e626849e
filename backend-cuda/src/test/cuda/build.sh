#!/usr/bin/env bash
# Builds the fake CUDA libraries: build.sh OUTPUT_FOLDER [MORE_COMPILER_FLAGS]. One library holds everything; the others are empty and lead to it.
# With -DFAKE_CUDA_RACES kernels fail where their threads race (races.cpp). KERNELS may name another folder of kernels.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
kernels="${KERNELS:-$here/../../../../native/src/main/cuda}"
out="$(mkdir -p "$1" && cd "$1" && pwd)"
shift
cxx="${CXX:-g++}"

if [ "$out/libcudart.so.13" -nt "$here/build.sh" ] && [ "$(cat "$out/flags" 2> /dev/null)" = "$*" ] \
  && [ -z "$(find "$here" "$kernels" -newer "$out/libcudart.so.13" -type f)" ]; then
  exit 0
fi

unit="$out/kernels.cpp"
{
  echo '#include "cuda_on_cpu.h"'
  for file in common.cuh elementwise.cu reduction.cu channels.cu pooling.cu batch_norm.cu group_norm.cu softmax.cu losses.cu optimizers.cu; do
    echo "#line 1 \"$file\""
    cat "$kernels/$file"
  done
  echo 'const gradus_fake::Kernel gradus_fake::kernels[] = {'
  # A kernel that waits for its block runs as fibers; the others one call after the other, which is quicker.
  sed -n -e 's/^GRADUS_KERNEL \([a-z0-9_]*\)(.*/    {"\1", gradus_fake::run<\&\1>, gradus_fake::sizes<\&\1>, false},/p' \
    -e 's/^GRADUS_BLOCK_KERNEL \([a-z0-9_]*\)(.*/    {"\1", gradus_fake::run<\&\1>, gradus_fake::sizes<\&\1>, true},/p' "$kernels"/*.cu
  echo '};'
  echo 'const int gradus_fake::kernel_count = sizeof(gradus_fake::kernels) / sizeof(gradus_fake::kernels[0]);'
} > "$unit"

flags=(-std=c++20 -O2 -g -fPIC -Wall -Wextra -Werror -ffp-contract=off -fno-strict-aliasing "-I$here")
if [[ " $* " = *" -DFAKE_CUDA_RACES "* ]]; then  # the compiler tells races.cpp what they touch; the sanitizer's own library stays out
  "$cxx" "${flags[@]}" "$@" -fsanitize=thread -fvisibility=hidden -c "$unit" -o "$out/kernels.o"
  unit="$out/kernels.o"
fi
# Kernels take the places of other functions' names (add, scale, pad); hidden, they disturb nobody.
"$cxx" "${flags[@]}" "$@" -fvisibility=hidden -shared -Wl,-soname,libcudart.so.13 \
  "$unit" "$here/cuda_on_cpu.cpp" "$here/fake_cuda.cpp" "$here/fake_cudnn.cpp" "$here/fake_graph.cpp" "$here/fake_nccl.cpp" \
  "$here/fake_streams.cpp" "$here/races.cpp" -o "$out/libcudart.so.13"
for name in libcuda.so.1 libcublas.so.13 libcublasLt.so.13 libnvrtc.so.13 libnvrtc-builtins.so.13.0 libnccl.so.2 \
  libcudnn_ops.so.9 libcudnn_cnn.so.9 libcudnn_adv.so.9 libcudnn_graph.so.9 libcudnn_engines_tensor_ir.so.9; do
  "$cxx" -shared -Wl,-soname,"$name" -Wl,--no-as-needed -L"$out" -l:libcudart.so.13 -Wl,-rpath,'$ORIGIN' -o "$out/$name"
done
echo "$*" > "$out/flags"
