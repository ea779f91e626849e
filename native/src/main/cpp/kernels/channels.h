// Copies runs of channels between tensors: concatenation and its gradient.
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

}  // namespace gradus::GRADUS_TIER_NAMESPACE
