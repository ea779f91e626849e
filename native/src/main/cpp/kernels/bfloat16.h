// Between float32 and bfloat16, its upper half, over whole buffers: every physical element, idle lanes included, so the
// layout plays no part.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

typedef uint16_t Half __attribute__((vector_size(2 * kLanes)));
typedef Half UnalignedHalf __attribute__((aligned(2), may_alias));

GRADUS_INLINE Half load(const uint16_t* p) { return *reinterpret_cast<const UnalignedHalf*>(p); }
GRADUS_INLINE void store(uint16_t* p, Half v) { *reinterpret_cast<UnalignedHalf*>(p) = v; }

GRADUS_INLINE Half at_place(Whole place, const uint16_t* p) { return load(p + place.offset); }
GRADUS_INLINE Half at_place(Rest place, const uint16_t* p) {
  Half v{};
  memcpy(&v, p + place.offset, static_cast<size_t>(place.count) * 2);
  return v;
}
GRADUS_INLINE void put_at(Whole place, uint16_t* p, Half v) { store(p + place.offset, v); }
GRADUS_INLINE void put_at(Rest place, uint16_t* p, Half v) {
  memcpy(p + place.offset, &v, static_cast<size_t>(place.count) * 2);
}

// The bits of the nearest value bfloat16 can hold, of two the even one; the lower half is 0. NaN stays NaN: it is made
// quiet, because the bits that say so may all lie in the lower half.
GRADUS_INLINE U rounded_bits(V v) {
  U bits = reinterpret_cast<U>(v);
  U nearest = bits + 0x7fff + ((bits >> 16) & 1);
  return (v != v ? bits | 0x400000 : nearest) & 0xffff0000;
}

GRADUS_INLINE Half upper_half(U bits) { return __builtin_convertvector(bits >> 16, Half); }

// What T, a vector or a float, lies in memory as among values of E: itself, or as bfloat16.
template <class T, class E>
struct Stored {
  using Type = T;
};
template <>
struct Stored<V, uint16_t> {
  using Type = Half;
};
template <>
struct Stored<float, uint16_t> {
  using Type = uint16_t;
};

GRADUS_INLINE V wide(V v) { return v; }
GRADUS_INLINE float wide(float v) { return v; }
GRADUS_INLINE V wide(Half v) { return reinterpret_cast<V>(__builtin_convertvector(v, U) << 16); }
GRADUS_INLINE float wide(uint16_t v) {
  const uint32_t bits = static_cast<uint32_t>(v) << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// *to = v, rounded where that is bfloat16.
GRADUS_INLINE void put_stored(V* to, V v) { *to = v; }
GRADUS_INLINE void put_stored(float* to, float v) { *to = v; }
GRADUS_INLINE void put_stored(Half* to, V v) { *to = upper_half(rounded_bits(v)); }
GRADUS_INLINE void put_stored(uint16_t* to, float v) { *to = upper_half(rounded_bits(splat(v)))[0]; }

// A tensor's values in either format.
template <class Place>
GRADUS_INLINE V value_at(Place place, const float* p) {
  return place(p);
}
template <class Place>
GRADUS_INLINE V value_at(Place place, const uint16_t* p) {
  return wide(at_place(place, p));
}
template <class Place>
GRADUS_INLINE void put_value(Place place, float* p, V v) {
  place.put(p, v);
}
template <class Place>
GRADUS_INLINE void put_value(Place place, uint16_t* p, V v) {
  put_at(place, p, upper_half(rounded_bits(v)));
}

// y = x rounded, and the same packed; one of them may be 0.
inline void round_bf16(int64_t context, int64_t x, int64_t y, int64_t packed, int64_t count) {
  const float* px = at<float>(x);
  float* py = at<float>(y);
  uint16_t* half = at<uint16_t>(packed);
  if (py != nullptr) context_at(context).weights.touched(py, count * 4);
  for_ranges(context_at(context), count, kGrainFloats, [=](int64_t begin, int64_t end) {
    along(begin, end, [=](auto place) GRADUS_LAMBDA {
      U bits = rounded_bits(place(px));
      if (py != nullptr) place.put(py, reinterpret_cast<V>(bits));
      if (half != nullptr) put_at(place, half, upper_half(bits));
    });
  });
}

inline void expand_bf16(int64_t context, int64_t packed, int64_t y, int64_t count) {
  const uint16_t* half = at<uint16_t>(packed);
  float* py = at<float>(y);
  context_at(context).weights.touched(py, count * 4);
  for_ranges(context_at(context), count, kGrainFloats, [=](int64_t begin, int64_t end) {
    along(begin, end, [=](auto place) GRADUS_LAMBDA {
      place.put(py, value_at(place, half));
    });
  });
}

// Gradients, of so many values, as floats: f(dy, dx), with packed ones expanded into scratch, and what f leaves of dx rounded again.
template <class F>
inline void with_float_gradients(int64_t context, int64_t dy, bool dy_packed, int64_t dy_count, int64_t dx, bool dx_packed,
                                 int64_t dx_count, bool accumulate, const F& f) {
  ThreadPool& pool = context_at(context).pool;
  int64_t from = dy, to = dx;
  if (dy_packed) {
    from = reinterpret_cast<int64_t>(pool.tensor_scratch(static_cast<size_t>(dy_count) * sizeof(float)));
    expand_bf16(context, dy, from, dy_count);
  }
  const bool rounds = dx_packed && dx != 0;
  if (rounds) {
    to = reinterpret_cast<int64_t>(pool.output_scratch(static_cast<size_t>(dx_count) * sizeof(float)));
    if (accumulate) expand_bf16(context, dx, to, dx_count);
  }
  f(from, to);
  if (rounds) round_bf16(context, to, 0, dx, dx_count);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
