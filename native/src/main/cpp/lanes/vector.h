// The vector of one instruction set tier: lane i holds image i of a group of kLanes images, so every kernel is a loop
// over whole vectors. The file is compiled once per tier with GRADUS_LANES = 16 (AVX-512), 8 (AVX2 + FMA) or 4
// (baseline x86-64) and GRADUS_TIER_NAMESPACE = avx512, avx2 or baseline.
#pragma once
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#if !defined(GRADUS_LANES) || !defined(GRADUS_TIER_NAMESPACE)
#error "compile lane kernels with -DGRADUS_LANES=16|8|4 -DGRADUS_TIER_NAMESPACE=avx512|avx2|baseline"
#endif

#include "../byte_lanes.h"

#define GRADUS_INLINE static inline __attribute__((always_inline))

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kLanes = GRADUS_LANES;
constexpr bool kManyRegisters = GRADUS_LANES == 16;  // 32 vector registers, otherwise 16

typedef float Vector __attribute__((vector_size(4 * GRADUS_LANES), may_alias));
typedef int32_t Ints __attribute__((vector_size(4 * GRADUS_LANES), may_alias));

GRADUS_INLINE Vector load(const float* p) { return *reinterpret_cast<const Vector*>(p); }
// Of bfloat16 values.
GRADUS_INLINE Vector load(const uint16_t* p) {
  typedef uint16_t Halves __attribute__((vector_size(2 * GRADUS_LANES), may_alias));
  typedef uint32_t Bits __attribute__((vector_size(4 * GRADUS_LANES)));
  return reinterpret_cast<Vector>(__builtin_convertvector(*reinterpret_cast<const Halves*>(p), Bits) << 16);
}
GRADUS_INLINE void store(float* p, Vector v) { *reinterpret_cast<Vector*>(p) = v; }
GRADUS_INLINE Vector zero() { return Vector{}; }
GRADUS_INLINE Vector broadcast(float value) { return value - Vector{}; }

// Asks for the cache line at p: to be read, into the second-level cache, or to be written. Not __builtin_prefetch: the
// compiler takes a function with nothing else in it for one without effect, and leaves it out.
template <class E>
GRADUS_INLINE void prefetch(const E* p) { asm volatile("prefetcht1 %0" : : "m"(*p)); }
template <class E>
GRADUS_INLINE void prefetch_to_write(const E* p) { asm volatile("prefetchw %0" : : "m"(*p)); }

// Keeps the compiler from folding a load into each of the multiply-adds that use it: two loads a cycle are no more than
// two multiply-adds a cycle, so repeated loads become the bottleneck.
template <class E>
GRADUS_INLINE Vector load_once(const E* p) {
  Vector v = load(p);
  asm("" : "+v"(v));
  return v;
}

// a > b ? a : b, so b where one of them is NaN. The compiler makes a comparison and a blend of that expression.
GRADUS_INLINE Vector larger(Vector a, Vector b) {
#if GRADUS_LANES == 16
  return _mm512_maskz_max_ps(0xffff, a, b);  // the form without a mask draws a false warning from gcc 12
#elif GRADUS_LANES == 8
  return _mm256_max_ps(a, b);
#else
  return _mm_max_ps(a, b);
#endif
}

GRADUS_INLINE bool has_nan(Vector v) {
#if GRADUS_LANES == 16
  return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) != 0;
#elif GRADUS_LANES == 8
  return _mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) != 0;
#else
  return _mm_movemask_ps(_mm_cmpunord_ps(v, v)) != 0;
#endif
}

// NaN passes through.
GRADUS_INLINE Vector relu(Vector v) { return larger(zero(), v); }

// How factors become sums: vectors of pixels, one of each image, and of weights, both in the place of floats.
struct FloatProducts {
  GRADUS_INLINE Vector add(Vector sum, Vector weight, Vector pixels) { return sum + weight * pixels; }
};

// Own versions: an instantiation of a std:: template here could be the one the linker keeps for every tier.
GRADUS_INLINE int min(int a, int b) { return a < b ? a : b; }
GRADUS_INLINE int max(int a, int b) { return a > b ? a : b; }
GRADUS_INLINE int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
GRADUS_INLINE int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
GRADUS_INLINE int ceil_div(int a, int b) { return (a + b - 1) / b; }
GRADUS_INLINE int floor_div(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
GRADUS_INLINE int floor_mod(int a, int b) { return a - floor_div(a, b) * b; }

// Lane i of the result is a[i] + a[i + H] where bit H of i is clear and b[i - H] + b[i] where it is set.
template <int H>
GRADUS_INLINE Vector fold(Vector a, Vector b) {
  Ints low{}, high{};
  for (int i = 0; i < kLanes; i++) {
    low[i] = i & H ? kLanes + i - H : i;
    high[i] = i & H ? kLanes + i : i + H;
  }
  return __builtin_shuffle(a, b, low) + __builtin_shuffle(a, b, high);
}

// Lane i of the result is the sum over the lanes of v[i]; v is overwritten.
GRADUS_INLINE Vector sum_lanes(Vector (&v)[kLanes]) {
#if GRADUS_LANES == 16
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) v[i] = fold<8>(v[i], v[i + 8]);
#endif
#if GRADUS_LANES >= 8
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) v[i] = fold<4>(v[i], v[i + 4]);
#endif
  v[0] = fold<2>(v[0], v[2]);
  v[1] = fold<2>(v[1], v[3]);
  return fold<1>(v[0], v[1]);
}

// Transposes kLanes vectors: lane j of v[i] becomes lane i of v[j].
template <int Step>
GRADUS_INLINE void transpose_step(Vector (&v)[kLanes]) {
  Ints low{}, high{};
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) {
    low[i] = i & Step ? kLanes + i - Step : i;
    high[i] = i & Step ? kLanes + i : i + Step;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) {
    if ((i & Step) == 0) {
      const Vector a = v[i], b = v[i + Step];
      v[i] = __builtin_shuffle(a, b, low);
      v[i + Step] = __builtin_shuffle(a, b, high);
    }
  }
}
GRADUS_INLINE void transpose(Vector (&v)[kLanes]) {
  transpose_step<1>(v);
  transpose_step<2>(v);
  if constexpr (kLanes > 4) transpose_step<4>(v);
  if constexpr (kLanes > 8) transpose_step<8>(v);
}

// The sum of one vector's lanes.
GRADUS_INLINE float sum_lanes(Vector v) {
  float sum = 0;
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) v[i] += v[i + half];
  }
  sum = v[0];
  return sum;
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
