// How a convolution is cut into tasks and blocks. Everything here depends on the spec alone, never on the number of
// threads: partial sums are added in the order of the tasks, so the cut decides the bits of a weight gradient.
#pragma once
#include "../specs.h"
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

struct Geometry : Conv2dSpec {
  explicit Geometry(const Conv2dSpec& spec)
      : Conv2dSpec(spec),
        imageGroups(ceil_div(n, kLanes)),
        outH((h + padTop + padBottom - dilationH * (r - 1) - 1) / strideH + 1),
        outW((w + padLeft + padRight - dilationW * (s - 1) - 1) / strideW + 1),
        inputs(c / groups),
        filters(k / groups) {}

  const int imageGroups;      // groups of kLanes images
  const int outH, outW;
  const int inputs, filters;  // channels and filters of one of the spec's groups

  int64_t x_group_floats() const { return static_cast<int64_t>(c) * h * w * kLanes; }
  int64_t y_group_floats() const { return static_cast<int64_t>(k) * outH * outW * kLanes; }
  int64_t weight_count() const { return static_cast<int64_t>(k) * inputs * r * s; }
  // Vector multiply-adds of one image group.
  int64_t group_work() const { return static_cast<int64_t>(k) * inputs * r * s * outH * outW; }
};

// Channels cut into register blocks of nearly equal size, none of which crosses the border of a convolution group.
struct Blocks {
  Blocks(int groups, int channelsPerGroup, int largest)
      : channels(channelsPerGroup), perGroup(ceil_div(channelsPerGroup, largest)), count(groups * perGroup) {}

  const int channels, perGroup, count;

  int group(int block) const { return block / perGroup; }
  int begin(int block) const { return group(block) * channels + offset(block % perGroup); }
  int size(int block) const { return offset(block % perGroup + 1) - offset(block % perGroup); }

 private:
  int offset(int i) const { return static_cast<int>(static_cast<int64_t>(channels) * i / perGroup); }
};

struct Range {
  int begin, end;
};

// Part i of `parts` nearly equal ones.
GRADUS_INLINE Range part(int total, int i, int parts) {
  return Range{static_cast<int>(static_cast<int64_t>(total) * i / parts),
               static_cast<int>(static_cast<int64_t>(total) * (i + 1) / parts)};
}

// The tasks of one kernel: image groups x bands of rows x splits of the channel blocks.
struct Tasks {
  int bands, splits;

  int count(int imageGroups) const { return imageGroups * bands * splits; }
};

// Enough tasks for a machine with many cores, yet none shorter than some microseconds.
constexpr int kWantedTasks = 32;
constexpr int64_t kSmallestTask = 50000;  // vector multiply-adds

// bandFloats: what a task with all rows touches, which should stay in the second-level cache; `largestBands` bounds the
// bands; copyShare: vector multiply-adds per vector copied by the preparation that every split repeats.
GRADUS_INLINE Tasks plan_tasks(int imageGroups, int64_t groupWork, int64_t bandFloats, int largestBands, int64_t copyShare,
                               int blocks) {
  constexpr int64_t kCacheFloats = 384 * 1024 / 4;
  const int wanted = static_cast<int>(min64(ceil_div(kWantedTasks, imageGroups), groupWork / kSmallestTask));
  const int forCache = static_cast<int>(min64((bandFloats + kCacheFloats - 1) / kCacheFloats, 1 << 20));
  const int bands = max(1, min(largestBands, max(wanted, forCache)));
  const int splits = max(1, min(min(blocks, static_cast<int>(copyShare / 100)), wanted / bands));
  return Tasks{bands, splits};
}

GRADUS_INLINE int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace gradus::GRADUS_TIER_NAMESPACE
