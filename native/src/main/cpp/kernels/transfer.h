// Between the host's row-major order and the layout of the device. In lanes a transfer is a transposition of
// [examples][features] blocks, kLanes by kLanes.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Vectors of features one task handles.
constexpr int64_t kTransferBlocks = 64;

// Calls f(group, first feature, how many features) for every kLanes x kLanes block.
template <class F>
inline void for_blocks(Context& context, int n, int64_t features, const F& f) {
  int64_t blocks = (features + kLanes - 1) / kLanes;
  int64_t parts = (blocks + kTransferBlocks - 1) / kTransferBlocks;
  parallel(context.pool, static_cast<int>(groups_of<V>(n) * parts), [&](int task, int) {
    int group = static_cast<int>(task / parts);
    int64_t first = task % parts * kTransferBlocks, last = smaller(first + kTransferBlocks, blocks);
    for (int64_t b = first; b < last; b++) {
      f(group, b * kLanes, static_cast<int>(smaller<int64_t>(kLanes, features - b * kLanes)));
    }
  });
}

inline void copy_in(int64_t context, int64_t source, int64_t y, int32_t n, int64_t features) {
  Context& c = context_at(context);
  if (n < c.lanes_from) {
    for_ranges(c, n * features, kGrainFloats, [=](int64_t begin, int64_t end) {
      memcpy(at<float>(y) + begin, at<float>(source) + begin, static_cast<size_t>(end - begin) * 4);
    });
    return;
  }
  const float* host = at<float>(source);
  float* device = at<float>(y);
  for_blocks(c, n, features, [=](int group, int64_t feature, int count) {
    int examples = smaller(kLanes, n - group * kLanes);
    const float* rows = host + group * kLanes * features + feature;
    V v[kLanes];
    if (count == kLanes && examples == kLanes) {
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) v[i] = load(rows + i * features);
    } else {
      for (int i = 0; i < kLanes; i++) v[i] = i < examples ? load_first(rows + i * features, count) : V{};
    }
    transpose(v);
    float* destination = device + (group * features + feature) * kLanes;
    if (count == kLanes) {
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) store(destination + i * kLanes, v[i]);
    } else {
      for (int i = 0; i < count; i++) store(destination + i * kLanes, v[i]);
    }
  });
}

// kLanes bytes as floats, or the first n.
GRADUS_INLINE V floats_of(const uint8_t* p, int n = kLanes) {
  B bytes{};
  memcpy(&bytes, p, static_cast<size_t>(n));
  return __builtin_convertvector(widen(bytes), V);
}

// y = byte * scales[c] + scales[channels + c]; the idle lanes of the last group become zero.
inline void copy_in_bytes(int64_t context, int64_t source, int64_t scales, int64_t y, int32_t n, int32_t channels,
                          int64_t pixels) {
  Context& c = context_at(context);
  const uint8_t* host = at<uint8_t>(source);
  const float *scale = at<float>(scales), *shift = scale + channels;
  float* device = at<float>(y);
  if (n < c.lanes_from) {
    parallel(c.pool, n * channels, [=](int plane, int) {
      const uint8_t* from = host + plane * pixels;
      float* to = device + plane * pixels;
      const V s = splat(scale[plane % channels]), t = splat(shift[plane % channels]);
      int64_t i = 0;
      for (; i + kLanes <= pixels; i += kLanes) store(to + i, floats_of(from + i) * s + t);
      store_first(to + i, floats_of(from + i, static_cast<int>(pixels - i)) * s + t, static_cast<int>(pixels - i));
    });
    return;
  }
  const int64_t features = channels * pixels;
  for_blocks(c, n, features, [=](int group, int64_t feature, int count) {
    int examples = smaller(kLanes, n - group * kLanes);
    const uint8_t* rows = host + group * kLanes * features + feature;
    V v[kLanes];
    if (count == kLanes && examples == kLanes) {
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) v[i] = floats_of(rows + i * features);
    } else {
      for (int i = 0; i < kLanes; i++) v[i] = i < examples ? floats_of(rows + i * features, count) : V{};
    }
    transpose(v);
    float* destination = device + (group * features + feature) * kLanes;
    const I used = first_lanes(examples);
    int64_t channel = feature / pixels;
    if (count == kLanes && examples == kLanes && feature + kLanes <= (channel + 1) * pixels) {
      const V s = splat(scale[channel]), t = splat(shift[channel]);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) store(destination + i * kLanes, v[i] * s + t);
    } else {
      for (int i = 0; i < count; i++) {
        channel = (feature + i) / pixels;
        store(destination + i * kLanes, keep(used, v[i] * scale[channel] + shift[channel]));
      }
    }
  });
}

inline void copy_out(int64_t context, int64_t x, int64_t destination, int32_t n, int64_t features) {
  Context& c = context_at(context);
  if (n < c.lanes_from) {
    memcpy(at<float>(destination), at<float>(x), static_cast<size_t>(n * features) * 4);
    return;
  }
  const float* device = at<float>(x);
  float* host = at<float>(destination);
  for_blocks(c, n, features, [=](int group, int64_t feature, int count) {
    const float* source = device + (group * features + feature) * kLanes;
    V v[kLanes];
    for (int i = 0; i < kLanes; i++) v[i] = i < count ? load(source + i * kLanes) : V{};
    transpose(v);
    int examples = smaller(kLanes, n - group * kLanes);
    float* rows = host + group * kLanes * features + feature;
    for (int i = 0; i < examples; i++) store_first(rows + i * features, v[i], count);
  });
}

inline void copy_out_bytes(int64_t context, int64_t x, int64_t destination, int32_t n, int64_t features) {
  int width = n >= context_at(context).lanes_from ? kLanes : 1;
  const uint8_t* device = at<uint8_t>(x);
  int32_t* host = at<int32_t>(destination);
  for (int64_t example = 0; example < n; example++) {
    const uint8_t* source = device + example / width * width * features + example % width;
    for (int64_t f = 0; f < features; f++) host[example * features + f] = source[f * width];
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
