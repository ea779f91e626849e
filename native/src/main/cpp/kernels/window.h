// A stretch of rows or columns.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// The rows (or columns) of the input under output position o.
struct Window {
  int begin, end;
  static GRADUS_INLINE Window sliding(int o, int stride, int pad, int kernel, int size) {
    int first = o * stride - pad;
    return {larger(first, 0), smaller(first + kernel, size)};
  }
  static GRADUS_INLINE Window adaptive(int o, int size, int out) {
    int64_t from = static_cast<int64_t>(o) * size, to = static_cast<int64_t>(o + 1) * size;
    return {static_cast<int>(from / out), static_cast<int>((to + out - 1) / out)};
  }
};

}  // namespace gradus::GRADUS_TIER_NAMESPACE
