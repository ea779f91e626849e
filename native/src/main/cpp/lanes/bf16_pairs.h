// Pairs of bfloat16 values in the place of one float each: what vdpbf16ps multiplies.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// The upper half of the bits is the nearest bfloat16 value, of two the even one. NaN stays NaN.
GRADUS_INLINE uint32_t rounded_bits(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  return value == value ? bits + 0x7fff + (bits >> 16 & 1) : bits | 0x400000;
}

// Both rounded, `first` in the lower half.
GRADUS_INLINE float pair(float first, float second) {
  const uint32_t bits = (rounded_bits(second) & 0xffff0000) | rounded_bits(first) >> 16;
  float both;
  __builtin_memcpy(&both, &bits, 4);
  return both;
}

// Neighbouring lanes of one vector as pairs, rounded: those of `first` in the lower half of the vector, those of `second` behind.
GRADUS_INLINE Vector lane_pairs(Vector first, Vector second) {
  return (Vector)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
}

// Lane by lane, rounded, `first` in the lower half.
GRADUS_INLINE Vector pairs(Vector first, Vector second) {
  static const uint16_t kInterleave[2 * kLanes] = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
                                                   8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512i halves = (__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
  return (Vector)_mm512_permutexvar_epi16(_mm512_loadu_si512(kInterleave), halves);
}

// Neighbouring lanes as pairs, rounded: half a vector.
GRADUS_INLINE void store_pairs(float* to, Vector v) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh((__m512)v));
}

// As bfloat16 values, rounded, one vector behind the other or alone.
GRADUS_INLINE void store_halves(uint16_t* to, Vector first, Vector second) {
  _mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first));
}
GRADUS_INLINE void store_half(uint16_t* to, Vector v) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh((__m512)v));
}

// How pairs of pixels meet pairs of weights (see FloatProducts).
struct PairProducts {
  GRADUS_INLINE Vector add(Vector sum, Vector weight, Vector pixels) {
    return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)weight, (__m512bh)pixels);
  }
};

}  // namespace gradus::GRADUS_TIER_NAMESPACE
