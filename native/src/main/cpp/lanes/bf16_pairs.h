// Pairs of bfloat16 values in the place of one float each: what vdpbf16ps multiplies.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

typedef uint32_t Bits __attribute__((vector_size(4 * GRADUS_LANES), may_alias));

// Lane by lane, `first` in the lower half. Their lower halves are 0, as of all that was rounded to bfloat16.
GRADUS_INLINE Vector pairs(Vector first, Vector second) {
  return reinterpret_cast<Vector>(reinterpret_cast<Bits>(first) >> 16 | reinterpret_cast<Bits>(second));
}

GRADUS_INLINE float pair(float first, float second) {
  uint32_t low, high;
  __builtin_memcpy(&low, &first, 4);
  __builtin_memcpy(&high, &second, 4);
  high |= low >> 16;
  float both;
  __builtin_memcpy(&both, &high, 4);
  return both;
}

// Neighbouring lanes of one vector as pairs: those of `first` in the lower half of the vector, those of `second` behind.
GRADUS_INLINE Vector lane_pairs(Vector first, Vector second) {
  return (Vector)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
}

// Lane by lane, rounded to bfloat16, `first` in the lower half.
GRADUS_INLINE Vector rounded_pairs(Vector first, Vector second) {
  static const uint16_t kInterleave[2 * kLanes] = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
                                                   8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512i halves = (__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
  return (Vector)_mm512_permutexvar_epi16(_mm512_loadu_si512(kInterleave), halves);
}

// Neighbouring lanes as pairs, rounded to bfloat16: half a vector.
GRADUS_INLINE void store_pairs(float* to, Vector v) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh((__m512)v));
}

// How pairs of pixels meet pairs of weights (see FloatProducts).
struct PairProducts {
  GRADUS_INLINE Vector add(Vector sum, Vector weight, Vector pixels) {
    return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)weight, (__m512bh)pixels);
  }
};

}  // namespace gradus::GRADUS_TIER_NAMESPACE
