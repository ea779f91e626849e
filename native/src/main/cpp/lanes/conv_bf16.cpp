// Forward and the gradient of the input from pairs of channels: the panels and weights of the direct kernels hold two
// channels where those hold one, so that the same register kernels do with half of the steps.
#include "bf16.h"

#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

bool fits_bf16(const Conv2dSpec& s) { return kLanes == 16 && s.groups == 1; }

}  // namespace gradus::GRADUS_TIER_NAMESPACE

#if GRADUS_LANES == 16
#include "pair_panel.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// [block][channel pair][tap row][tap column][filter of the block]
void pack_forward(ThreadPool& pool, const Geometry& g, const Blocks& blocks, const float* w, float* packed) {
  const int64_t taps = static_cast<int64_t>(g.r) * g.s, filterFloats = g.c * taps, packedFloats = ceil_div(g.c, 2) * taps;
  for_each_block(pool, g, blocks.count, [&](int block, int) {
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
  for_each_block(pool, g, blocks.count, [&](int block, int) {
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

}  // namespace

template <class E>
void conv2d_of(ThreadPool& pool, const Conv2dSpec& spec, const E* x, const float* w, const float* b, bool relu, float* y) {
  const Geometry g(spec);
  const Blocks blocks(1, g.k, kFilterBlock);
  const int64_t filterFloats = static_cast<int64_t>(ceil_div(g.c, 2)) * g.r * g.s;
  float* packed = static_cast<float*>(pool.shared_scratch(g.k * filterFloats * sizeof(float)));
  pack_forward(pool, g, blocks, w, packed);
  for_each_panel(
      pool, g, forward_tasks(g, g.outH, blocks.count), blocks.count, g.outH, input_image(g, ceil_div(g.c, 2)),
      [&](Range rows) { return input_window(g, rows.begin, rows.end, g.outW).clip_rows(g.h); }, PairsOf<E>{x},
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
  x.visit([&](auto* from) { conv2d_of(pool, spec, from, w, b, relu, y); });
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
      pool, g, forward_tasks(g, rows, blocks.count), blocks.count, rows, input_image(g, ceil_div(g.c, 2)),
      [&](Range lines) { return input_window(g, 2 * lines.begin, 2 * lines.end, 2 * columns); }, PairsOf<E>{x},
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
  x.visit([&](auto* from) { conv2d_relu_max_pool_of(pool, spec, from, w, b, y, index); });
}

void bf16_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                      float beta) {
  const Geometry g(spec);
  const Blocks blocks(1, g.c, kFilterBlock);
  const int64_t packedFloats = static_cast<int64_t>(g.c) * ceil_div(g.k, 2) * g.r * g.s;
  float* packed = static_cast<float*>(pool.shared_scratch(packedFloats * sizeof(float)));
  pack_data(pool, g, blocks, w, packed);
  const Tasks tasks = data_tasks(g, blocks.count);
  const PairedImage gradients = gradient_image(g, ceil_div(g.k, 2));
  const auto rowWindow = [&](Range rows) { return gradient_window(g, rows); };
  const auto compute = [&](int imageGroup, const Panel& panel, Range rows, Range mine) {
    data_gradient(g, GradientRows<PairProducts>{g, blocks, mine, ceil_div(g.k, 2), panel}, rows, Range{0, g.w}, panel, packed,
                  dx + imageGroup * g.x_group_floats(), beta != 0);
  };
  if (y == nullptr) {
    for_each_panel(pool, g, tasks, blocks.count, g.h, gradients, rowWindow, PairsOf<float>{dy}, compute);
  } else {
    for_each_panel(pool, g, tasks, blocks.count, g.h, gradients, rowWindow, PairsOfPassed<float>{y, dy}, compute);
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
#endif
