// How what was transformed lies in memory to be multiplied, as floats. PairTiles of winograd_bf16.cpp are the same for bfloat16.
#pragma once
#include "winograd_transform.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

struct FloatTiles : FloatProducts {
  static constexpr int kFactors = 1;  // in the place of a float
  static constexpr bool kPacks = false;  // whether inputs may be bfloat16

  // A square whose products are to be added to those of its neighbours in sum: it is number `index` of these.
  template <int Size, class Pixel>
  GRADUS_INLINE void transform_factor(const Pixel& pixel, int index, float* v, int64_t positionStep) {
    static_cast<void>(index);
    transform<Size>(pixel, v, positionStep);
  }
  // After the last, unless there were a multiple of kFactors.
  GRADUS_INLINE void fill(float*, int64_t) {}

  // A square whose sums run over its lanes.
  template <int Size, class Pixel>
  GRADUS_INLINE void transform_lanes(const Pixel& pixel, float* v, int64_t positionStep) {
    transform<Size>(pixel, v, positionStep);
  }
  // The same from kFactors positions that are transformed already.
  GRADUS_INLINE Vector lanes(const float* v, int64_t positionStep) {
    static_cast<void>(positionStep);
    return load(v);
  }
};

}  // namespace gradus::GRADUS_TIER_NAMESPACE
