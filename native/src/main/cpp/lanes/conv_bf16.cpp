// Forward and the gradient of the input from pairs of channels: the panels and weights of the direct kernels hold two
// channels where those hold one, so that the same register kernels do with half of the steps.
#include "bf16.h"

#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

bool fits_bf16(const Conv2dSpec& s) { return kLanes == 16 && s.groups == 1; }

}  // namespace gradus::GRADUS_TIER_NAMESPACE

#if GRADUS_LANES == 16
#include "bf16_pairs.h"
#include "forward.h"
#include "phase.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// Which rows and columns of the image the kernel meets: with one tap, every stride-th.
struct Met {
  int firstRow, rowStep, firstColumn, columnStep;
};

// A panel of channel pairs; valueAt(channel, offset) are the pixels of the image.
template <class ValueAt>
Panel pair_panel(int channels, int height, int width, Window window, Met met, float* scratch, const ValueAt& valueAt) {
  const Panel panel = scratch_panel(window, scratch);
  const Window rows = window.clip_rows(height);
  const int firstRow = met.firstRow + (max(0, rows.rowBegin - met.firstRow) + met.rowStep - 1) / met.rowStep * met.rowStep;
  for (int channel = 0; channel < channels; channel += 2) {
    zero_border(panel, channel / 2, height, width, window);
    for (int row = firstRow; row < rows.rowEnd; row += met.rowStep) {
      float* target = panel_row(panel, channel / 2, row);
      const int64_t line = static_cast<int64_t>(row) * width;
      if (channel + 1 < channels) {
        for (int i = met.firstColumn; i < width; i += met.columnStep) {
          const int64_t at = (line + i) * kLanes;
          store(target + static_cast<int64_t>(i) * kLanes, pairs(valueAt(channel, at), valueAt(channel + 1, at)));
        }
      } else {
        for (int i = met.firstColumn; i < width; i += met.columnStep) {
          store(target + static_cast<int64_t>(i) * kLanes, pairs(valueAt(channel, (line + i) * kLanes), zero()));
        }
      }
    }
  }
  return panel;
}

// [block][channel pair][tap row][tap column][filter of the block]
void pack_forward(ThreadPool& pool, const Geometry& g, const Blocks& blocks, const float* w, float* packed) {
  const int64_t taps = static_cast<int64_t>(g.r) * g.s, filterFloats = g.c * taps, packedFloats = ceil_div(g.c, 2) * taps;
  for_each_block(pool, g, blocks, [&](int block, int) {
    const int filters = blocks.size(block);
    float* target = packed + blocks.begin(block) * packedFloats;
    for (int c = 0; c < g.c; c += 2) {
      const float* source = w + blocks.begin(block) * filterFloats + c * taps;
      for (int64_t tap = 0; tap < taps; tap++) {
        for (int f = 0; f < filters; f++) {
          const float* first = source + f * filterFloats + tap;
          *target++ = pair(*first, c + 1 < g.c ? first[taps] : 0);
        }
      }
    }
  });
}

// For every phase of rows and of columns: [block of input channels][filter pair][tap row][tap column][channel of the block].
void pack_data(ThreadPool& pool, const Geometry& g, const Blocks& blocks, const float* w, float* packed) {
  const int64_t channelFloats = static_cast<int64_t>(g.r) * g.s, filterFloats = g.c * channelFloats;
  const int filterPairs = ceil_div(g.k, 2);
  for_each_block(pool, g, blocks, [&](int block, int) {
    const int c0 = blocks.begin(block), channels = blocks.size(block);
    float* phaseBegin = packed;
    for (int a = 0; a < g.strideH; a++) {
      const Phase rows = phase(a, g.strideH, g.dilationH, g.r);
      for (int b = 0; b < g.strideW; b++) {
        const Phase columns = phase(b, g.strideW, g.dilationW, g.s);
        const int64_t taps = static_cast<int64_t>(rows.taps) * columns.taps;
        float* target = phaseBegin + c0 * filterPairs * taps;
        for (int filter = 0; filter < g.k; filter += 2) {
          const float* source = w + filter * filterFloats + c0 * channelFloats;
          for (int i = 0; i < rows.taps; i++) {
            for (int j = 0; j < columns.taps; j++) {
              const float* first = source + (rows.lastTap - i * rows.tapStep) * g.s + columns.lastTap - j * columns.tapStep;
              for (int c = 0; c < channels; c++, first += channelFloats) {
                *target++ = pair(*first, filter + 1 < g.k ? first[filterFloats] : 0);
              }
            }
          }
        }
        phaseBegin += g.c * filterPairs * taps;
      }
    }
  });
}

// Runs a task for every image group, band of `rows` rows and share of the blocks, with a pair panel over the window of its
// band: compute(image group, panel, band of rows, share of the blocks).
template <class RowWindow, class ValueAt, class Compute>
void for_each_panel(ThreadPool& pool, const Geometry& g, const Tasks& tasks, int blocks, int rows, int channels, int height,
                    int width, Met met, const RowWindow& rowWindow, const ValueAt& valueAt, const Compute& compute) {
  int64_t panelFloats = 0;
  for (int band = 0; band < tasks.bands; band++) {
    panelFloats = max64(panelFloats, rowWindow(part(rows, band, tasks.bands)).channel_floats() * ceil_div(channels, 2));
  }
  const size_t bytes = static_cast<size_t>(panelFloats) * sizeof(float);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, bytes);
  const int64_t channelFloats = static_cast<int64_t>(height) * width * kLanes;
  parallel(pool, tasks.count(g.imageGroups), [&](int task, int worker) {
    const int imageGroup = task / (tasks.bands * tasks.splits);
    const Range band = part(rows, task / tasks.splits % tasks.bands, tasks.bands);
    const int64_t image = imageGroup * channels * channelFloats;
    const Panel panel = pair_panel(
        channels, height, width, rowWindow(band), met, static_cast<float*>(pool.scratch(worker, bytes)),
        [&](int channel, int64_t at) { return valueAt(image + channel * channelFloats + at); });
    compute(imageGroup, panel, band, part(blocks, task % tasks.splits, tasks.splits));
  });
}

Met met_by_forward(const Geometry& g) {
  return Met{g.r == 1 ? floor_mod(-g.padTop, g.strideH) : 0, g.r == 1 ? g.strideH : 1,
             g.s == 1 ? floor_mod(-g.padLeft, g.strideW) : 0, g.s == 1 ? g.strideW : 1};
}

Tasks forward_tasks(const Geometry& g, int lines, const Blocks& blocks) {
  return plan_tasks(g.imageGroups, g.group_work() / 2, static_cast<int64_t>(g.c) * g.h * g.w * kLanes / 2, lines,
                    static_cast<int64_t>(g.k) * g.r * g.s / (g.strideH * g.strideW) / 2, blocks.count);
}

}  // namespace

template <class E>
void conv2d_of(ThreadPool& pool, const Conv2dSpec& spec, const E* x, const float* w, const float* b, bool relu, float* y) {
  const Geometry g(spec);
  const Blocks blocks(1, g.k, kFilterBlock);
  const int64_t filterFloats = static_cast<int64_t>(ceil_div(g.c, 2)) * g.r * g.s;
  float* packed = static_cast<float*>(pool.shared_scratch(g.k * filterFloats * sizeof(float)));
  pack_forward(pool, g, blocks, w, packed);
  for_each_panel(
      pool, g, forward_tasks(g, g.outH, blocks), blocks.count, g.outH, g.c, g.h, g.w, met_by_forward(g),
      [&](Range rows) { return input_window(g, rows.begin, rows.end, g.outW).clip_rows(g.h); },
      [&](int64_t at) { return load(x + at); },
      [&](int imageGroup, const Panel& panel, Range rows, Range mine) {
        for (int row = rows.begin; row < rows.end; row++) {
          for (int block = mine.begin; block < mine.end; block++) {
            Correlation c = correlation(g, panel, ceil_div(g.c, 2));
            c.targetChannelStep = static_cast<int64_t>(g.outH) * g.outW * kLanes;
            c.pixels = g.outW;
            c.relu = relu;
            const int k = blocks.begin(block), filters = blocks.size(block), firstRow = row * g.strideH - g.padTop;
            const int dropped = clip_tap_rows(c, firstRow, g.dilationH, g.h);
            correlate<PairProducts>(
                filters, c, panel.at(0, firstRow + dropped * g.dilationH, -g.padLeft),
                packed + k * filterFloats + dropped * g.s * filters, b == nullptr ? nullptr : b + k,
                y + imageGroup * g.y_group_floats() + k * c.targetChannelStep + static_cast<int64_t>(row) * g.outW * kLanes);
          }
        }
      });
}

void bf16_conv2d(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, bool relu, float* y) {
  if (x.packed) {
    conv2d_of(pool, spec, x.as<uint16_t>(), w, b, relu, y);
  } else {
    conv2d_of(pool, spec, x.as<float>(), w, b, relu, y);
  }
}

template <class E>
void conv2d_relu_max_pool_of(ThreadPool& pool, const Conv2dSpec& spec, const E* x, const float* w, const float* b, float* y,
                               uint8_t* index) {
  const Geometry g(spec);
  const Blocks blocks(1, g.k, kPooledFilterBlock);
  const int rows = g.outH / 2, columns = g.outW / 2;
  const int64_t filterFloats = static_cast<int64_t>(ceil_div(g.c, 2)) * g.r * g.s;
  float* packed = static_cast<float*>(pool.shared_scratch(g.k * filterFloats * sizeof(float)));
  pack_forward(pool, g, blocks, w, packed);
  for_each_panel(
      pool, g, forward_tasks(g, rows, blocks), blocks.count, rows, g.c, g.h, g.w, met_by_forward(g),
      [&](Range lines) { return input_window(g, 2 * lines.begin, 2 * lines.end, 2 * columns); },
      [&](int64_t at) { return load(x + at); },
      [&](int imageGroup, const Panel& panel, Range lines, Range mine) {
        PooledCorrelation c{correlation(g, panel, ceil_div(g.c, 2)), panel.rowStep * g.strideH};
        c.taps.targetChannelStep = static_cast<int64_t>(rows) * columns * kLanes;
        c.taps.pixels = columns;
        for (int line = lines.begin; line < lines.end; line++) {
          for (int block = mine.begin; block < mine.end; block++) {
            const int k = blocks.begin(block);
            const int64_t at = (static_cast<int64_t>(imageGroup) * g.k + k) * c.taps.targetChannelStep +
                               static_cast<int64_t>(line) * columns * kLanes;
            correlate_pooled<PairProducts>(blocks.size(block), c, panel.at(0, 2 * line * g.strideH - g.padTop, -g.padLeft),
                                           packed + k * filterFloats, b == nullptr ? nullptr : b + k, y + at,
                                           index == nullptr ? nullptr : index + at);
          }
        }
      });
}

void bf16_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, float* y,
                               uint8_t* index) {
  if (x.packed) {
    conv2d_relu_max_pool_of(pool, spec, x.as<uint16_t>(), w, b, y, index);
  } else {
    conv2d_relu_max_pool_of(pool, spec, x.as<float>(), w, b, y, index);
  }
}

void bf16_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                      float beta) {
  const Geometry g(spec);
  const Blocks blocks(1, g.c, kFilterBlock);
  const int64_t packedFloats = static_cast<int64_t>(g.c) * ceil_div(g.k, 2) * g.r * g.s;
  float* packed = static_cast<float*>(pool.shared_scratch(packedFloats * sizeof(float)));
  pack_data(pool, g, blocks, w, packed);
  const Tasks tasks =
      plan_tasks(g.imageGroups, g.group_work() / 2,
                 (static_cast<int64_t>(g.k) * g.outH * g.outW / 2 + static_cast<int64_t>(g.c) * g.h * g.w) * kLanes, g.h,
                 static_cast<int64_t>(g.c) * g.r * g.s / 2, blocks.count);
  const auto rowWindow = [&](Range rows) {
    Window window{0, 0, min(0, floor_div(g.padLeft - (g.s - 1) * g.dilationW, g.strideW)),
                  max(g.outW, floor_div(g.w - 1 + g.padLeft, g.strideW) + 1)};
    const Range needed = rows.begin < rows.end ? dy_rows(g, rows) : Range{0, 0};
    if (needed.begin < needed.end) window.rowBegin = needed.begin, window.rowEnd = needed.end;
    return window;
  };
  const auto compute = [&](int imageGroup, const Panel& panel, Range rows, Range mine) {
    data_gradient<PairProducts>(g, blocks, mine, ceil_div(g.k, 2), rows, panel, packed, dx + imageGroup * g.x_group_floats(), beta != 0);
  };
  const Met all{0, 1, 0, 1};
  if (y == nullptr) {
    for_each_panel(pool, g, tasks, blocks.count, g.h, g.k, g.outH, g.outW, all, rowWindow, [&](int64_t at) { return load(dy + at); },
                   compute);
  } else {
    for_each_panel(pool, g, tasks, blocks.count, g.h, g.k, g.outH, g.outW, all, rowWindow,
                   [&](int64_t at) { return load(y + at) > zero() ? load(dy + at) : zero(); }, compute);
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
#endif
