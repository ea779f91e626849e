// A window of a batch tensor that register kernels read without looking at borders: either the tensor itself or a copy in a
// worker's scratch with zeros around the image.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

struct Panel {
  const float* data;
  int64_t channelStep, rowStep;  // in floats
  int row0, column0;             // the image pixel at data

  const float* at(int channel, int row, int column) const {
    return data + channel * channelStep + (row - row0) * rowStep + static_cast<int64_t>(column - column0) * kLanes;
  }
};

// Rows and columns of an image, possibly beyond its borders. The columns must include the whole image.
struct Window {
  int rowBegin, rowEnd, columnBegin, columnEnd;

  bool inside(int height, int width) const {
    return rowBegin >= 0 && rowEnd <= height && columnBegin >= 0 && columnEnd <= width;
  }
  int columns() const { return columnEnd - columnBegin; }
  // An odd number of cache lines from channel to channel, so that they do not compete for the same cache set.
  int64_t channel_floats() const {
    return (static_cast<int64_t>(max(0, rowEnd - rowBegin)) * columns() | 1) * kLanes;
  }
};

GRADUS_INLINE void fill_zero(float* p, int vectors) {
  for (int i = 0; i < vectors; i++) store(p + static_cast<int64_t>(i) * kLanes, zero());
}

// image: the first channel of one image group.
GRADUS_INLINE Panel whole_image(const float* image, int height, int width) {
  return Panel{image, static_cast<int64_t>(height) * width * kLanes, static_cast<int64_t>(width) * kLanes, 0, 0};
}

// fill(channel, row, target) writes the width vectors of one image row; done(channel, panel) is called as soon as a channel is
// complete and still in the nearest cache.
template <class Fill, class Done>
GRADUS_INLINE Panel make_panel(int channels, int height, int width, Window window, float* scratch, const Fill& fill,
                               const Done& done) {
  const Panel panel{scratch, window.channel_floats(), static_cast<int64_t>(window.columns()) * kLanes, window.rowBegin,
                    window.columnBegin};
  const int left = -window.columnBegin, right = window.columnEnd - width;
  for (int channel = 0; channel < channels; channel++) {
    float* row = scratch + channel * panel.channelStep;
    for (int y = window.rowBegin; y < window.rowEnd; y++, row += panel.rowStep) {
      if (y < 0 || y >= height) {
        fill_zero(row, window.columns());
        continue;
      }
      fill_zero(row, left);
      fill(channel, y, row + static_cast<int64_t>(left) * kLanes);
      fill_zero(row + static_cast<int64_t>(left + width) * kLanes, right);
    }
    done(channel, panel);
  }
  return panel;
}

// The tensor itself where the window does not leave the image, otherwise a padded copy.
GRADUS_INLINE Panel padded_panel(const float* image, int channels, int height, int width, Window window, float* scratch) {
  const Panel source = whole_image(image, height, width);
  if (window.inside(height, width)) return source;
  return make_panel(
      channels, height, width, window, scratch,
      [&](int channel, int row, float* target) {
        const float* p = source.at(channel, row, 0);
        for (int64_t i = 0; i < width; i++) store(target + i * kLanes, load(p + i * kLanes));
      },
      [](int, const Panel&) {});
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
