// Runs of channels copied between tensors, and channels times a factor: concatenation, gates, their gradients.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

inline void copy_channels(int64_t context, int64_t spec, int64_t x, int64_t y, float beta) {
  Context& c = context_at(context);
  const ChannelCopySpec& s = *at<ChannelCopySpec>(spec);
  in_layout_of(c, s.n, [&](auto element) {
    using T = decltype(element);
    int64_t pixel_floats = static_cast<int64_t>(s.pixels) * Lane<T>::width, run = pixel_floats * s.channels;
    for_items(c, groups_of<T>(s.n), run, [&](int64_t g) {
      const float* source = at<float>(x) + (g * s.fromChannels + s.fromOffset) * pixel_floats;
      float* destination = at<float>(y) + (g * s.toChannels + s.toOffset) * pixel_floats;
      if (beta == 0) {
        memcpy(destination, source, static_cast<size_t>(run) * 4);
      } else {
        along(0, run, [=](auto place) GRADUS_LAMBDA { place.put(destination, place(destination) + place(source)); });
      }
    });
  });
}

// f(plane) of each channel of each group, in parallel; a plane of x has `pixels` elements of T.
template <class F>
inline void for_channels(int64_t context, const ChannelScaleSpec& s, const F& f) {
  Context& c = context_at(context);
  in_layout_of(c, s.n, [&](auto element) {
    using T = decltype(element);
    int64_t floats = static_cast<int64_t>(s.pixels) * Lane<T>::width;
    for_items(c, static_cast<int64_t>(groups_of<T>(s.n)) * s.c, floats, [&](int64_t plane) { f(element, plane); });
  });
}

inline void scale_channels(int64_t context, int64_t spec, int64_t x, int64_t s, int64_t y, float beta) {
  const ChannelScaleSpec& scale = *at<ChannelScaleSpec>(spec);
  for_channels(context, scale, [&](auto element, int64_t plane) {
    using T = decltype(element);
    const T factor = at<T>(s)[plane], *from = at<T>(x) + plane * scale.pixels;
    T* to = at<T>(y) + plane * scale.pixels;
    if (beta == 0) {
      for (int i = 0; i < scale.pixels; i++) to[i] = factor * from[i];
    } else {
      for (int i = 0; i < scale.pixels; i++) to[i] += factor * from[i];
    }
  });
}

inline void dot_channels(int64_t context, int64_t spec, int64_t a, int64_t b, int64_t out, float beta) {
  const ChannelScaleSpec& scale = *at<ChannelScaleSpec>(spec);
  for_channels(context, scale, [&](auto element, int64_t plane) {
    using T = decltype(element);
    const T *left = at<T>(a) + plane * scale.pixels, *right = at<T>(b) + plane * scale.pixels;
    T even{}, odd{};  // two sums: the additions of one would wait for each other
    int i = 0;
    for (; i + 1 < scale.pixels; i += 2) {
      even += left[i] * right[i];
      odd += left[i + 1] * right[i + 1];
    }
    if (i < scale.pixels) even += left[i] * right[i];
    T& sum = at<T>(out)[plane];
    sum = beta == 0 ? even + odd : sum + even + odd;
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
