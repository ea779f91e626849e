// The gradient of the weights of many input channels as plain sums, with those channels in the lanes: for each tap it is a
// matrix product whose sums run over pixels and images.
#include "bands.h"
#include "conv.h"
#include "vector.h"
#include "weight_products.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

constexpr int kMostPixels = 320;

// A chunk's input is X [channel block][image group][line][column][image][channel of the block], its gradients are
// G [filter block][image group][filter of the block][row][column][image].
struct WideCut : Bands {
  explicit WideCut(const Geometry& g)
      : Bands(g, kMostPixels),
        channelBlocks(ceil_div(g.c, kProductChannels)),
        filterBlocks(ceil_div(g.k, kProductFilters)),
        splits(min(filterBlocks, max(1, ceil_div(kWantedTasks, channelBlocks)))),
        inputFloats(static_cast<int64_t>(lines) * columns * kLanes * kProductChannels),
        filterStep(static_cast<int64_t>(bandRows) * g.outW * kLanes),
        gradientFloats(filterStep * kProductFilters) {}

  const int channelBlocks, filterBlocks;
  const int splits;           // of the filters of a channel block
  const int64_t inputFloats;  // of one image group of a channel block
  const int64_t filterStep;
  const int64_t gradientFloats;  // of one image group of a filter block
};

// to: the channel block's.
void arrange_channels(const Geometry& g, const WideCut& cut, const Chunk& chunk, const float* x, int channelBlock, float* to) {
  const int64_t channelFloats = static_cast<int64_t>(g.h) * g.w * kLanes;
  for (int group = chunk.groups.begin; group < chunk.groups.end; group++, to += cut.inputFloats) {
    for (int line = 0; line < cut.lines; line++) {
      const int row = chunk.rows.begin * g.strideH - g.padTop + line * cut.lineStep;
      if (row < 0 || row >= g.h) continue;
      for (int vector = 0; vector < kProductVectors; vector++) {
        const int first = channelBlock * kProductChannels + vector * kLanes, channels = max(0, min(kLanes, g.c - first));
        for (int i = 0; i < cut.columns; i++) {
          const int column = i * cut.columnStep - g.padLeft;
          if (column < 0 || column >= g.w) continue;
          const float* from = x + group * g.x_group_floats() + first * channelFloats +
                              (static_cast<int64_t>(row) * g.w + column) * kLanes;
          Vector lanes[kLanes];
#pragma GCC unroll 16
          for (int c = 0; c < kLanes; c++) lanes[c] = c < channels ? load(from + c * channelFloats) : zero();
          put_channels(lanes, to + (static_cast<int64_t>(line) * cut.columns + i) * kLanes * kProductChannels, vector);
        }
      }
    }
  }
}

// to: the filter block's.
void arrange_gradients(const Geometry& g, const WideCut& cut, const Chunk& chunk, const float* y, const float* dy, int filterBlock,
                       float* to) {
  const int64_t count = static_cast<int64_t>(chunk.rows.end - chunk.rows.begin) * g.outW * kLanes;
  for (int group = chunk.groups.begin; group < chunk.groups.end; group++) {
    for (int k = 0; k < kProductFilters; k++, to += cut.filterStep) {
      const int filter = filterBlock * kProductFilters + k;
      const int64_t at = group * g.y_group_floats() +
                         (static_cast<int64_t>(filter) * g.outH + chunk.rows.begin) * g.outW * kLanes;
      if (filter >= g.k) {
        for (int64_t i = 0; i < count; i += kLanes) store(to + i, zero());
      } else if (y == nullptr) {
        for (int64_t i = 0; i < count; i += kLanes) store(to + i, load(dy + at + i));
      } else {
        for (int64_t i = 0; i < count; i += kLanes) store(to + i, load(y + at + i) > zero() ? load(dy + at + i) : zero());
      }
    }
  }
}

// The gradient of one block of weights, from one chunk.
void multiply(const Geometry& g, const WideCut& cut, const Chunk& chunk, const float* x, const float* gradients, int channelBlock,
              int filterBlock, bool add, float* dw) {
  const int taps = g.r * g.s;
  Vector sums[kProductSums * kMostTaps];
  const int64_t pixelFloats = static_cast<int64_t>(kLanes) * kProductChannels;
  for (int tap = 0; tap < taps; tap++) {
    const int tapRow = tap / g.s * g.dilationH, tapColumn = tap % g.s * g.dilationW;
    const int firstRow = chunk.rows.begin * g.strideH - g.padTop + tapRow;
    const Range rows = meeting(chunk.rows.end - chunk.rows.begin, firstRow, g.strideH, g.h);
    const Range columns = meeting(g.outW, tapColumn - g.padLeft, g.strideW, g.w);
    ProductSums sum;
    clear(sum);
    for (int group = 0; group < chunk.groups.end - chunk.groups.begin; group++) {
      for (int row = rows.begin; row < rows.end; row++) {
        const int64_t line = (row * g.strideH + tapRow) / cut.lineStep;
        const int column = (columns.begin * g.strideW + tapColumn) / cut.columnStep;
        add_products(columns.end - columns.begin,
                     gradients + group * cut.gradientFloats + (static_cast<int64_t>(row) * g.outW + columns.begin) * kLanes,
                     cut.filterStep, x + group * cut.inputFloats + (line * cut.columns + column) * pixelFloats,
                     g.strideW / cut.columnStep * pixelFloats, sum);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < kProductSums; i++) sums[i * taps + tap] = sum[i / kProductVectors][i % kProductVectors];
  }
  for (int i = 0; i < kProductSums; i++) {
    const int filter = filterBlock * kProductFilters + i / kProductVectors;
    const int channel = channelBlock * kProductChannels + i % kProductVectors * kLanes;
    if (filter >= g.k || channel >= g.c) continue;
    put_taps(sums + i * taps, taps, min(kLanes, g.c - channel), add, dw + (static_cast<int64_t>(filter) * g.c + channel) * taps);
  }
}

}  // namespace

bool fits_wide_weights(const Conv2dSpec& s) { return s.groups == 1 && s.r * s.s <= kMostTaps; }

// Measured from 16 to 512 channels: with half of the lanes idle it is slower.
bool prefers_wide_weights(const Conv2dSpec& s) {
  return fits_wide_weights(s) && s.c >= kProductChannels && round_up(s.c, kProductChannels) * 3 <= s.c * 4;
}

void conv2d_weights_wide(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy, float* dw,
                         float beta) {
  const Geometry g(spec);
  const WideCut cut(g);
  const int64_t inputFloats = cut.together * cut.inputFloats, gradientFloats = cut.together * cut.gradientFloats;
  float* inputs = static_cast<float*>(pool.shared_scratch(
      static_cast<size_t>(cut.channelBlocks * inputFloats + cut.filterBlocks * gradientFloats) * sizeof(float)));
  float* gradients = inputs + cut.channelBlocks * inputFloats;
  for (int i = 0; i < cut.chunks; i++) {
    const Chunk chunk(g, cut, i);
    parallel(pool, cut.channelBlocks + cut.filterBlocks, [&](int task, int) {
      if (task < cut.channelBlocks) {
        arrange_channels(g, cut, chunk, x, task, inputs + task * inputFloats);
      } else {
        const int block = task - cut.channelBlocks;
        arrange_gradients(g, cut, chunk, y, dy, block, gradients + block * gradientFloats);
      }
    });
    parallel(pool, cut.channelBlocks * cut.splits, [&](int task, int) {
      const int channelBlock = task / cut.splits;
      const Range blocks = part(cut.filterBlocks, task % cut.splits, cut.splits);
      for (int block = blocks.begin; block < blocks.end; block++) {
        multiply(g, cut, chunk, inputs + channelBlock * inputFloats, gradients + block * gradientFloats, channelBlock, block,
                 i > 0 || beta != 0, dw);
      }
    });
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
