// What the direct kernels of floats and those of bfloat16 pairs share: where the weights of a block go, what rows of the
// output are made of, and how the register kernel finds it.
#pragma once
#include "../thread_pool.h"
#include "correlate.h"
#include "panel.h"
#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Calls pack(block, 0) for every block, on all threads where that is worth it.
template <class Pack>
void for_each_block(ThreadPool& pool, const Geometry& g, int blocks, const Pack& pack) {
  if (g.weight_count() < 16384) {
    for (int block = 0; block < blocks; block++) pack(block, 0);
  } else {
    parallel(pool, blocks, pack);
  }
}

// The input pixels that output rows [begin, end) and columns [0, columns) are made of.
GRADUS_INLINE Window input_window(const Geometry& g, int begin, int end, int columns) {
  return Window{begin * g.strideH - g.padTop, (end - 1) * g.strideH - g.padTop + (g.r - 1) * g.dilationH + 1, -g.padLeft,
                max(g.w, (columns - 1) * g.strideW - g.padLeft + (g.s - 1) * g.dilationW + 1)};
}

// Of the panel's channels, or pairs of channels.
GRADUS_INLINE Correlation correlation(const Geometry& g, const Panel& panel, int channels) {
  Correlation c{};
  c.channels = channels;
  c.tapRows = g.r;
  c.tapColumns = g.s;
  c.channelStep = panel.channelStep;
  c.tapRowStep = panel.rowStep * g.dilationH;
  c.tapColumnStep = static_cast<int64_t>(kLanes) * g.dilationW;
  c.pixelStep = static_cast<int64_t>(kLanes) * g.strideW;
  c.targetPixelStep = kLanes;
  return c;
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
