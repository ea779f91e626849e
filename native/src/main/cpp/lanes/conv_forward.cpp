#include "conv.h"
#include "forward.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// [block][channel][tap row][tap column][filter of the block]
void pack_weights(ThreadPool& pool, const Geometry& g, const Blocks& blocks, const float* w, float* packed) {
  const int64_t taps = static_cast<int64_t>(g.inputs) * g.r * g.s;
  for_each_block(pool, g, blocks.count, [&](int block, int) {
    const int filters = blocks.size(block);
    const float* source = w + blocks.begin(block) * taps;
    float* target = packed + blocks.begin(block) * taps;
    for (int64_t tap = 0; tap < taps; tap++) {
      for (int f = 0; f < filters; f++) *target++ = source[f * taps + tap];
    }
  });
}

// Calls compute(image group, panel of its input, row, block of filters) for every row of the result. rowWindow(begin,
// end) is what some of its rows are made of.
template <class RowWindow, class Row>
void for_each_row(ThreadPool& pool, const Geometry& g, const Blocks& blocks, int rows, const float* x, const RowWindow& rowWindow,
                  const Row& compute) {
  const Tasks tasks = plan_tasks(g.imageGroups, g.group_work(), static_cast<int64_t>(g.c) * g.h * g.w * kLanes, rows,
                                 static_cast<int64_t>(g.filters) * g.r * g.s / (g.strideH * g.strideW), blocks.count);
  int64_t panelFloats = 0;
  for (int band = 0; band < tasks.bands; band++) {
    const Range range = part(rows, band, tasks.bands);
    const Window window = rowWindow(range.begin, range.end);
    if (!window.inside(g.h, g.w)) panelFloats = max64(panelFloats, window.channel_floats() * g.c);
  }
  const size_t bytes = static_cast<size_t>(panelFloats) * sizeof(float);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, bytes);
  parallel(pool, tasks.count(g.imageGroups), [&](int task, int worker) {
    const int imageGroup = task / (tasks.bands * tasks.splits);
    const Range band = part(rows, task / tasks.splits % tasks.bands, tasks.bands);
    const Range mine = part(blocks.count, task % tasks.splits, tasks.splits);
    const Panel panel = padded_panel(x + imageGroup * g.x_group_floats(), g.c, g.h, g.w, rowWindow(band.begin, band.end),
                                     static_cast<float*>(pool.scratch(worker, bytes)));
    for (int row = band.begin; row < band.end; row++) {
      for (int block = mine.begin; block < mine.end; block++) compute(imageGroup, panel, row, block);
    }
  });
}

}  // namespace

void conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* b, bool relu, float* y) {
  const Geometry g(spec);
  const Blocks blocks(g.groups, g.filters, kFilterBlock);
  const int64_t taps = static_cast<int64_t>(g.inputs) * g.r * g.s;
  float* packed = static_cast<float*>(pool.shared_scratch(g.weight_count() * sizeof(float)));
  pack_weights(pool, g, blocks, w, packed);
  const auto rowWindow = [&](int begin, int end) { return input_window(g, begin, end, g.outW).clip_rows(g.h); };
  for_each_row(pool, g, blocks, g.outH, x, rowWindow, [&](int imageGroup, const Panel& panel, int row, int block) {
    Correlation c = correlation(g, panel, g.inputs);
    c.targetChannelStep = static_cast<int64_t>(g.outH) * g.outW * kLanes;
    c.pixels = g.outW;
    c.relu = relu;
    const int k = blocks.begin(block), filters = blocks.size(block);
    const int firstRow = row * g.strideH - g.padTop;
    const int dropped = clip_tap_rows(c, firstRow, g.dilationH, g.h);
    correlate(filters, c, panel.at(blocks.group(block) * g.inputs, firstRow + dropped * g.dilationH, -g.padLeft),
              packed + k * taps + dropped * g.s * filters, b == nullptr ? nullptr : b + k,
              y + imageGroup * g.y_group_floats() + k * c.targetChannelStep + static_cast<int64_t>(row) * g.outW * kLanes);
  });
}

bool fuses_max_pool(const Conv2dSpec& conv, const PoolSpec& p) {
  const Geometry g(conv);
  return p.kernelH == 2 && p.kernelW == 2 && p.strideH == 2 && p.strideW == 2 && p.padH == 0 && p.padW == 0 && g.outH >= 2 &&
         g.outW >= 2;
}

void conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& conv, const PoolSpec&, const float* x, const float* w,
                          const float* b, float* y, uint8_t* index) {
  const Geometry g(conv);
  const Blocks blocks(g.groups, g.filters, kPooledFilterBlock);
  const int rows = g.outH / 2, columns = g.outW / 2;
  const int64_t taps = static_cast<int64_t>(g.inputs) * g.r * g.s;
  float* packed = static_cast<float*>(pool.shared_scratch(g.weight_count() * sizeof(float)));
  pack_weights(pool, g, blocks, w, packed);
  const auto rowWindow = [&](int begin, int end) { return input_window(g, 2 * begin, 2 * end, 2 * columns); };
  for_each_row(pool, g, blocks, rows, x, rowWindow, [&](int imageGroup, const Panel& panel, int row, int block) {
    PooledCorrelation c{correlation(g, panel, g.inputs), panel.rowStep * g.strideH};
    c.taps.targetChannelStep = static_cast<int64_t>(rows) * columns * kLanes;
    c.taps.pixels = columns;
    const int k = blocks.begin(block);
    const int64_t at = (static_cast<int64_t>(imageGroup) * g.k + k) * c.taps.targetChannelStep +
                       static_cast<int64_t>(row) * columns * kLanes;
    correlate_pooled(blocks.size(block), c,
                     panel.at(blocks.group(block) * g.inputs, 2 * row * g.strideH - g.padTop, -g.padLeft), packed + k * taps,
                     b == nullptr ? nullptr : b + k, y + at, index == nullptr ? nullptr : index + at);
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
