#!/usr/bin/env bash
# Compiles the kernels into one shared library: build.sh OUTPUT_DIRECTORY [MORE_COMPILER_FLAGS]. Every file under kernels/ and lanes/ is compiled
# once per instruction set. Only what changed since the last call is compiled again. Needs g++ (or $CXX) alone.
set -euo pipefail

sources="$(cd "$(dirname "$0")" && pwd)/src/main/cpp"
out="$(mkdir -p "$1" && cd "$1" && pwd)"
shift
more="$*"
cxx="${CXX:-g++}"
common="-std=c++17 -O3 -fPIC -fvisibility=hidden -fno-strict-aliasing -fno-math-errno -fno-trapping-math -pthread
  -Wall -Wextra -Werror $more"

# A change of compiler or flags makes everything old.
fingerprint="$("$cxx" --version | head -n 1) $common $(cksum < "$0")"
if [ "$(cat "$out/fingerprint" 2> /dev/null)" != "$fingerprint" ]; then
  rm -f "$out"/*.o "$out"/*.d
  printf '%s\n' "$fingerprint" > "$out/fingerprint"
fi

is_current() {  # object
  [ -f "$1" ] && [ -f "${1%.o}.d" ] || return 1
  local file
  for file in $(sed -e 's/^[^:]*://' -e 's/\\$//' "${1%.o}.d"); do
    [ -e "$file" ] && [ ! "$file" -nt "$1" ] || return 1
  done
}

objects=()
pending=()
compile() {  # object source flags...
  local object="$out/$1" source="$2"
  shift 2
  objects+=("$object")
  is_current "$object" && return
  rm -f "$object"
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  # shellcheck disable=SC2086
  "$cxx" $common "$@" -MMD -c "$source" -o "$object" &
  pending+=("$object")
}

tier() {  # name lanes flags...
  local name="$1" lanes="$2" source
  shift 2
  for source in "$sources"/kernels/*.cpp "$sources"/lanes/*.cpp; do
    [ -e "$source" ] || continue
    # These alone may use the products of bfloat16 pairs: they are called where the processor has them.
    local bf16=
    case "$name-$source" in avx512-*_bf16.cpp | avx512-*_tiles.cpp) bf16=-mavx512bf16 ;; esac
    # shellcheck disable=SC2086
    compile "$name-$(basename "$(dirname "$source")")-$(basename "${source%.cpp}").o" "$source" \
      "-DGRADUS_LANES=$lanes" "-DGRADUS_TIER_NAMESPACE=$name" "$@" $bf16
  done
}

tier avx512 16 -march=x86-64-v4 -mprefer-vector-width=512
tier avx2 8 -march=x86-64-v3
tier baseline 4 -march=x86-64
for source in "$sources"/*.cpp; do
  compile "$(basename "${source%.cpp}").o" "$source" -march=x86-64
done
wait
for object in ${pending[@]+"${pending[@]}"}; do
  [ -f "$object" ] || { echo "$object was not built: see the compiler's messages above." >&2; exit 1; }
done

library="$out/libgradus.so"
if [ ! -f "$library" ] || [ "${#pending[@]}" -gt 0 ]; then
  # shellcheck disable=SC2086
  "$cxx" -shared -pthread $more -Wl,--no-undefined -Wl,-soname,libgradus.so "${objects[@]}" -ldl -o "$library"
fi
