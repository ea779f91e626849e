// Dropout by a hash of the seed and the logical index: no stored mask, and the same elements in every layout.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// All ones where the element of that logical index is dropped (DropoutSpec.isDropped).
GRADUS_INLINE I is_dropped(U index, uint32_t seed, uint32_t threshold) {
  U x = index * 0x9E3779B9u + seed;
  x ^= x >> 16;
  x *= 0x85EBCA6Bu;
  x ^= x >> 13;
  x *= 0xC2B2AE35u;
  x ^= x >> 16;
  return reinterpret_cast<I>(x >> 8) < static_cast<int32_t>(threshold);
}

inline void dropout(int64_t context, int32_t n, int32_t features, int32_t threshold, int32_t seed, float scale,
                    int64_t x, int64_t y, float beta) {
  Context& c = context_at(context);
  const float* px = at<float>(x);
  float* py = at<float>(y);
  auto put = [=](auto place, U index) GRADUS_LAMBDA {
    V v = keep(~is_dropped(index, static_cast<uint32_t>(seed), static_cast<uint32_t>(threshold)), place(px) * scale);
    place.put(py, beta == 0 ? v : place(py) + v);
  };
  const U lane_index = reinterpret_cast<U>(iota());
  if (n < c.lanes_from) {
    for_ranges(c, static_cast<int64_t>(n) * features, kGrainFloats, [=](int64_t begin, int64_t end) {
      along(begin, end, [=](auto place) GRADUS_LAMBDA { put(place, lane_index + static_cast<uint32_t>(place.offset)); });
    });
    return;
  }
  // Vector i of group g holds feature i of the examples g kLanes, g kLanes + 1, ...
  const U steps = lane_index * static_cast<uint32_t>(features);
  for_ranges(c, static_cast<int64_t>(groups_of<V>(n)) * features, kGrainFloats / kLanes,
             [=](int64_t begin, int64_t end) {
               for (int64_t i = begin; i < end; i++) {
                 int64_t group = i / features, feature = i % features;
                 put(Whole{i * kLanes}, steps + static_cast<uint32_t>(group * kLanes * features + feature));
               }
             });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
