// A window of a batch tensor that register kernels read without looking at borders: either the tensor itself or a copy
// in a worker's scratch with zeros around the image.
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
  // Without the rows above and below the image.
  Window clip_rows(int height) const {
    return Window{min(max(rowBegin, 0), height), max(0, min(rowEnd, height)), columnBegin, columnEnd};
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

// A panel over scratch memory of channels x window.channel_floats(), to be filled channel by channel.
GRADUS_INLINE Panel scratch_panel(Window window, float* scratch) {
  return Panel{scratch, window.channel_floats(), static_cast<int64_t>(window.columns()) * kLanes, window.rowBegin,
               window.columnBegin};
}

// The first vector of an image row in a scratch panel.
GRADUS_INLINE float* panel_row(const Panel& panel, int channel, int row) {
  return const_cast<float*>(panel.at(channel, row, 0));
}

// Writes the zeros around the image rows of one channel.
GRADUS_INLINE void zero_border(const Panel& panel, int channel, int height, int width, Window window) {
  for (int row = window.rowBegin; row < window.rowEnd; row++) {
    float* begin = panel_row(panel, channel, row) + static_cast<int64_t>(window.columnBegin) * kLanes;
    if (row < 0 || row >= height) {
      fill_zero(begin, window.columns());
    } else {
      fill_zero(begin, -window.columnBegin);
      fill_zero(panel_row(panel, channel, row) + static_cast<int64_t>(width) * kLanes, window.columnEnd - width);
    }
  }
}

// The tensor itself where the window does not leave the image, otherwise a padded copy.
GRADUS_INLINE Panel padded_panel(const float* image, int channels, int height, int width, Window window, float* scratch) {
  const Panel source = whole_image(image, height, width);
  if (window.inside(height, width)) return source;
  const Panel panel = scratch_panel(window, scratch);
  const Window rows = window.clip_rows(height);
  for (int channel = 0; channel < channels; channel++) {
    zero_border(panel, channel, height, width, window);
    for (int row = rows.rowBegin; row < rows.rowEnd; row++) {
      const float* p = source.at(channel, row, 0);
      float* target = panel_row(panel, channel, row);
      for (int64_t i = 0; i < width; i++) store(target + i * kLanes, load(p + i * kLanes));
    }
  }
  return panel;
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
