// How kernels see tensors and share work. A batch tensor [N, rest] lies in memory as [groups][rest] elements of T, where T
// is a vector of kLanes examples (lanes layout) or a single float (plain layout); most kernels are written once over T.
#pragma once
#include "../context.h"
#include "../specs.h"
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

template <class T>
struct Lane {  // T = V
  static constexpr int width = kLanes;
  using Int = I;
  using Byte = B;
  static GRADUS_INLINE Int valid(int n, int group) { return first_lanes(n - group * kLanes); }
  static GRADUS_INLINE Byte to_byte(Int i) { return narrow(i); }
  static GRADUS_INLINE Int from_byte(Byte b) { return widen(b); }
  static GRADUS_INLINE Int integer(int i) { return Int{} + i; }
  static GRADUS_INLINE T value(float x) { return splat(x); }
  static GRADUS_INLINE T where(Int mask, T v) { return keep(mask, v); }
};
template <>
struct Lane<float> {
  static constexpr int width = 1;
  using Int = int32_t;
  using Byte = uint8_t;
  static GRADUS_INLINE Int valid(int, int) { return -1; }
  static GRADUS_INLINE Byte to_byte(Int i) { return static_cast<uint8_t>(i); }
  static GRADUS_INLINE Int from_byte(Byte b) { return b; }
  static GRADUS_INLINE Int integer(int i) { return i; }
  static GRADUS_INLINE float value(float x) { return x; }
  static GRADUS_INLINE float where(Int mask, float v) { return mask ? v : 0.0f; }
};

template <class T>
GRADUS_INLINE int groups_of(int n) {
  return (n + Lane<T>::width - 1) / Lane<T>::width;
}

GRADUS_INLINE Context& context_at(int64_t address) { return *reinterpret_cast<Context*>(address); }
template <class T>
GRADUS_INLINE T* at(int64_t address) {
  return reinterpret_cast<T*>(address);
}

// Idle lanes included.
inline int64_t physical_examples(const Context& context, int n) {
  return n >= context.lanes_from ? static_cast<int64_t>(groups_of<V>(n)) * kLanes : n;
}

// Calls f with a value of the element type in which a batch of n is stored.
template <class F>
inline void in_layout_of(const Context& context, int n, F f) {
  if (n >= context.lanes_from) {
    f(V{});
  } else {
    f(0.0f);
  }
}

// Calls f(begin, end) on consecutive ranges of 0..count-1 of at most `grain`, in parallel. The ranges do not depend on the
// number of threads, so a result per range is the same for any.
template <class F>
inline void for_ranges(Context& context, int64_t count, int64_t grain, const F& f) {
  if (grain < 1) grain = 1;
  int tasks = static_cast<int>((count + grain - 1) / grain);
  parallel(context.pool, tasks, [&](int task, int) {
    int64_t begin = task * grain;
    f(begin, smaller(begin + grain, count));
  });
}

// Work of about this many floats outweighs handing it to another thread.
constexpr int64_t kGrainFloats = 8192;

// Calls f(i) for each of `count` equal items of `floats` floats, several to a task where they are small.
template <class F>
inline void for_items(Context& context, int64_t count, int64_t floats, const F& f) {
  for_ranges(context, count, kGrainFloats / (floats < 1 ? 1 : floats), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) f(i);
  });
}

// Whole vectors at an offset, and the last, shorter one: f is written once over both.
struct Whole {
  int64_t offset;
  GRADUS_INLINE V operator()(const float* p) const { return load(p + offset); }
  GRADUS_INLINE void put(float* p, V v) const { store(p + offset, v); }
};
struct Rest {
  int64_t offset;
  int count;
  GRADUS_INLINE V operator()(const float* p) const { return load_first(p + offset, count); }
  GRADUS_INLINE void put(float* p, V v) const { store_first(p + offset, v, count); }
};

// Calls f(place) along `count` consecutive floats.
template <class F>
GRADUS_INLINE void along(int64_t begin, int64_t end, const F& f) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) f(Whole{i});
  if (i < end) f(Rest{i, static_cast<int>(end - i)});
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
