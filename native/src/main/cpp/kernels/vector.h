// Vectors of one instruction set: GRADUS_LANES floats, written with the compiler's vector types so that one source serves
// every set. Everything here lives in the namespace of its tier, because the same code is compiled several times into one
// library; for the same reason nothing here instantiates a template of the standard library.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#if !defined(GRADUS_LANES) || !defined(GRADUS_TIER_NAMESPACE)
#error "compile kernels with -DGRADUS_LANES=16|8|4 -DGRADUS_TIER_NAMESPACE=avx512|avx2|baseline"
#endif

#define GRADUS_INLINE inline __attribute__((always_inline))
#define GRADUS_LAMBDA __attribute__((always_inline))

#include "../byte_lanes.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kLanes = GRADUS_LANES;

typedef float V __attribute__((vector_size(4 * kLanes)));
typedef int32_t I __attribute__((vector_size(4 * kLanes)));
typedef uint32_t U __attribute__((vector_size(4 * kLanes)));
typedef uint8_t B __attribute__((vector_size(kLanes)));
typedef float H __attribute__((vector_size(2 * kLanes)));
typedef double D __attribute__((vector_size(4 * kLanes)));

typedef V UnalignedV __attribute__((aligned(4), may_alias));
typedef H UnalignedH __attribute__((aligned(4), may_alias));

GRADUS_INLINE V load(const float* p) { return *reinterpret_cast<const UnalignedV*>(p); }
GRADUS_INLINE void store(float* p, V v) { *reinterpret_cast<UnalignedV*>(p) = v; }
GRADUS_INLINE V splat(float x) { return V{} + x; }
GRADUS_INLINE I iota() {
  I r{};
  for (int i = 0; i < kLanes; i++) r[i] = i;
  return r;
}

// Between bytes and integers from 0 to 255.
GRADUS_INLINE I widen(B b) { return reinterpret_cast<I>(load_bytes(reinterpret_cast<const uint8_t*>(&b))); }
GRADUS_INLINE B narrow(I i) {
  B b;
  store_bytes(reinterpret_cast<uint8_t*>(&b), reinterpret_cast<ByteLanes>(i));
  return b;
}

// The first n floats at p, zeros behind them.
GRADUS_INLINE V load_first(const float* p, int n) {
  V v{};
  memcpy(&v, p, static_cast<size_t>(n) * 4);
  return v;
}
GRADUS_INLINE void store_first(float* p, V v, int n) { memcpy(p, &v, static_cast<size_t>(n) * 4); }

// All ones in the first n lanes.
GRADUS_INLINE I first_lanes(int n) { return iota() < n; }

GRADUS_INLINE V bits_to_float(I i) { return reinterpret_cast<V>(i); }
GRADUS_INLINE I float_to_bits(V v) { return reinterpret_cast<I>(v); }
GRADUS_INLINE V keep(I mask, V v) { return bits_to_float(mask & float_to_bits(v)); }

template <class T>
GRADUS_INLINE T smaller(T a, T b) {
  return a < b ? a : b;
}
template <class T>
GRADUS_INLINE T larger(T a, T b) {
  return a > b ? a : b;
}

GRADUS_INLINE float sum_of_lanes(V v) {
  // Pairwise, so that the order is the same whatever the compiler makes of it.
  float s[kLanes];
  memcpy(s, &v, sizeof s);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) s[i] += s[i + width];
  }
  return s[0];
}

GRADUS_INLINE V square_root(V v) {
#if GRADUS_LANES == 16
  return reinterpret_cast<V>(_mm512_maskz_sqrt_ps(0xffff, reinterpret_cast<__m512>(v)));
#elif GRADUS_LANES == 8
  return reinterpret_cast<V>(_mm256_sqrt_ps(reinterpret_cast<__m256>(v)));
#else
  return reinterpret_cast<V>(_mm_sqrt_ps(reinterpret_cast<__m128>(v)));
#endif
}

// Sums of floats in double precision.
struct DoubleSum {
  D low{}, high{};

  static GRADUS_INLINE D widen(H h) { return __builtin_convertvector(h, D); }
  static GRADUS_INLINE D low_half(V v) {
    H h;
    memcpy(&h, &v, sizeof h);
    return widen(h);
  }
  static GRADUS_INLINE D high_half(V v) {
    H h[2];
    memcpy(h, &v, sizeof h);
    return widen(h[1]);
  }

  GRADUS_INLINE void add(V v) {
    low += low_half(v);
    high += high_half(v);
  }
  GRADUS_INLINE void add_product(V a, V b) {
    low += low_half(a) * low_half(b);
    high += high_half(a) * high_half(b);
  }
  double total() const {
    D both = low + high;
    double s = 0;
    for (int i = 0; i < kLanes / 2; i++) s += both[i];
    return s;
  }
};

// Transposes kLanes vectors in place: lane j of v[i] becomes lane i of v[j].
template <int Step>
GRADUS_INLINE void transpose_step(V* v) {
  const I upper = (iota() & Step) != 0;
  const I low_mask = iota() + (upper & (kLanes - Step));
  const I high_mask = iota() + Step + (upper & (kLanes - Step));
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) {
    if ((i & Step) == 0) {
      V a = v[i], b = v[i + Step];
      v[i] = __builtin_shuffle(a, b, low_mask);
      v[i + Step] = __builtin_shuffle(a, b, high_mask);
    }
  }
}
GRADUS_INLINE void transpose(V (&v)[kLanes]) {
  transpose_step<1>(v);
  transpose_step<2>(v);
  if constexpr (kLanes > 4) transpose_step<4>(v);
  if constexpr (kLanes > 8) transpose_step<8>(v);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
