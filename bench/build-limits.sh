#!/usr/bin/env bash
# Compiles the program that measures the machine's limits: build-limits.sh OUTPUT. Needs g++ (or $CXX) alone.
set -euo pipefail

sources="$(cd "$(dirname "$0")" && pwd)/src/main/cpp"
out="$1"
if [ -f "$out" ] && [ -z "$(find "$sources" "$0" -newer "$out" -print -quit)" ]; then
  exit 0
fi
mkdir -p "$(dirname "$out")"
"${CXX:-g++}" -std=c++17 -O3 -Wall -Wextra -Werror -pthread "$sources/limits.cpp" -o "$out"
