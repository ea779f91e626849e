// The gradient of the weights from pairs of images, with input channels in the lanes: conv_weights_wide.cpp tells how. A
// product here is one of two images, and there are kernels for few channels too.
#include "bf16.h"

#include "bands.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

bool fits_bf16_weights(const Conv2dSpec& s) { return fits_bf16(s) && s.r * s.s <= kMostTaps; }

// With half of the lanes idle it is no faster than float32.
bool prefers_bf16_weights(const Conv2dSpec& s) { return fits_bf16_weights(s) && s.c > kLanes / 2; }

}  // namespace gradus::GRADUS_TIER_NAMESPACE

#if GRADUS_LANES == 16
#include "bf16_pairs.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

constexpr int kPairs = kLanes / 2;  // of images in a group

// A chunk's input is X [channel block][image group][line][column][pair of images][channel of the block], its gradients are
// G [filter block][image group][filter of the block][row][column][pair of images]. A register block is of Filters filters
// times Vectors vectors of channels.
template <int Filters, int Vectors>
struct PairCut : Bands {
  static constexpr int kChannels = Vectors * kLanes;
  static constexpr int kPixelFloats = kPairs * kChannels;

  explicit PairCut(const Geometry& g)
      : Bands(g, 1280 / Vectors),
        channelBlocks(ceil_div(g.c, kChannels)),
        filterBlocks(ceil_div(g.k, Filters)),
        splits(min(filterBlocks, max(1, ceil_div(kWantedTasks, channelBlocks)))),
        tapSplits(min(g.r * g.s, max(1, ceil_div(kWantedTasks, channelBlocks * splits)))),
        parts(max(1, min(8, ceil_div(kWantedTasks, channelBlocks + filterBlocks)))),
        inputFloats(static_cast<int64_t>(lines) * columns * kPixelFloats),
        filterStep((ceil_div(bandRows * g.outW, 2) | 1) * static_cast<int64_t>(kLanes)),
        gradientFloats(filterStep * Filters) {}

  const int channelBlocks, filterBlocks;
  const int splits, tapSplits;  // of the filters of a channel block, and of the taps
  const int parts;              // that a block is arranged in
  const int64_t inputFloats;    // of one image group of a channel block
  // Whole vectors, two pixels each, and an odd number of them, so that filters do not compete for the same cache set.
  const int64_t filterStep;
  const int64_t gradientFloats;  // of one image group of a filter block
};

// to: the channel block's; lines: those to do. Two pixels fill a vector with pairs of images, and one transposition serves both.
template <int Filters, int Vectors, class E>
void arrange_channels(const Geometry& g, const PairCut<Filters, Vectors>& cut, const Chunk& chunk, Range lines, const E* x,
                      int channelBlock, float* to) {
  const int64_t channelFloats = static_cast<int64_t>(g.h) * g.w * kLanes;
  const int64_t pixelStep = static_cast<int64_t>(cut.columnStep) * kLanes;
  const Range columns = meeting(cut.columns, -g.padLeft, cut.columnStep, g.w);
  for (int group = chunk.groups.begin; group < chunk.groups.end; group++, to += cut.inputFloats) {
    for (int line = lines.begin; line < lines.end; line++) {
      const int row = chunk.rows.begin * g.strideH - g.padTop + line * cut.lineStep;
      if (row < 0 || row >= g.h) continue;
      for (int vector = 0; vector < Vectors; vector++) {
        const int first = channelBlock * cut.kChannels + vector * kLanes, channels = max(0, min(kLanes, g.c - first));
        const E* from = x + group * g.x_group_floats() + first * channelFloats +
                            (static_cast<int64_t>(row) * g.w + columns.begin * cut.columnStep - g.padLeft) * kLanes;
        float* target = to + (static_cast<int64_t>(line) * cut.columns + columns.begin) * cut.kPixelFloats + vector * kLanes;
        for (int i = columns.begin; i < columns.end; i += 2, from += 2 * pixelStep, target += 2 * cut.kPixelFloats) {
          const bool both = i + 1 < columns.end;
          const int64_t second = both ? pixelStep : 0;
          Vector lanes[kLanes];
#pragma GCC unroll 16
          for (int c = 0; c < kLanes; c++) {
            const E* p = from + c * channelFloats;
            lanes[c] = c < channels ? lane_pairs(load(p), load(p + second)) : zero();
          }
          transpose(lanes);
#pragma GCC unroll 16
          for (int pair = 0; pair < kPairs; pair++) store(target + pair * cut.kChannels, lanes[pair]);
          if (!both) break;
#pragma GCC unroll 16
          for (int pair = 0; pair < kPairs; pair++) {
            store(target + cut.kPixelFloats + pair * cut.kChannels, lanes[kPairs + pair]);
          }
        }
      }
    }
  }
}

template <class GradientAt>
void put_gradients(const GradientAt& gradientAt, int64_t at, int64_t pixels, float* to) {
  int64_t i = 0;
  for (; i + 2 <= pixels; i += 2, at += 2 * kLanes, to += kLanes) store(to, lane_pairs(gradientAt(at), gradientAt(at + kLanes)));
  if (i < pixels) store(to, lane_pairs(gradientAt(at), zero()));
}

// to: the filter block's; filters: those of it to do.
template <int Filters, int Vectors>
void arrange_gradients(const Geometry& g, const PairCut<Filters, Vectors>& cut, const Chunk& chunk, Range filters,
                       const float* y, const float* dy, int filterBlock, float* to) {
  const int64_t pixels = static_cast<int64_t>(chunk.rows.end - chunk.rows.begin) * g.outW;
  for (int group = chunk.groups.begin; group < chunk.groups.end; group++, to += cut.gradientFloats) {
    for (int k = filters.begin; k < filters.end; k++) {
      float* target = to + k * cut.filterStep;
      const int filter = filterBlock * Filters + k;
      const int64_t at = group * g.y_group_floats() +
                         (static_cast<int64_t>(filter) * g.outH + chunk.rows.begin) * g.outW * kLanes;
      if (filter >= g.k) {
        put_gradients([](int64_t) { return zero(); }, at, pixels, target);
      } else if (y == nullptr) {
        put_gradients([&](int64_t i) { return load(dy + i); }, at, pixels, target);
      } else {
        put_gradients([&](int64_t i) { return load(y + i) > zero() ? load(dy + i) : zero(); }, at, pixels, target);
      }
    }
  }
}

// sum += the products over `pixels` neighbouring pixels of a group of images.
template <int Filters, int Vectors>
GRADUS_INLINE void add_pair_products(int pixels, const float* gradients, int64_t filterStep, const float* channels,
                                     int64_t pixelStep, Vector (&sum)[Filters][Vectors]) {
  for (int pixel = 0; pixel < pixels; pixel++, gradients += kPairs, channels += pixelStep) {
#pragma GCC unroll 2
    for (int pair = 0; pair < kPairs; pair++) {
      Vector x[Vectors];
#pragma GCC unroll 2
      for (int c = 0; c < Vectors; c++) x[c] = load_once(channels + (pair * Vectors + c) * kLanes);
#pragma GCC unroll 16
      for (int k = 0; k < Filters; k++) {
        const Vector gradient = broadcast(gradients[k * filterStep + pair]);
#pragma GCC unroll 2
        for (int c = 0; c < Vectors; c++) sum[k][c] = PairProducts::add(sum[k][c], gradient, x[c]);
      }
    }
  }
}

// Some taps of the gradient of one block of weights, from one chunk.
template <int Filters, int Vectors>
void multiply(const Geometry& g, const PairCut<Filters, Vectors>& cut, const Chunk& chunk, Range taps, const float* x,
              const float* gradients, int channelBlock, int filterBlock, bool add, float* dw) {
  const int count = taps.end - taps.begin;
  Vector sums[Filters * Vectors * kMostTaps];
  for (int tap = taps.begin; tap < taps.end; tap++) {
    const int tapRow = tap / g.s * g.dilationH, tapColumn = tap % g.s * g.dilationW;
    const int firstRow = chunk.rows.begin * g.strideH - g.padTop + tapRow;
    const Range rows = meeting(chunk.rows.end - chunk.rows.begin, firstRow, g.strideH, g.h);
    const Range columns = meeting(g.outW, tapColumn - g.padLeft, g.strideW, g.w);
    Vector sum[Filters][Vectors];
#pragma GCC unroll 16
    for (int k = 0; k < Filters; k++)
#pragma GCC unroll 2
      for (int c = 0; c < Vectors; c++) sum[k][c] = zero();
    for (int group = 0; group < chunk.groups.end - chunk.groups.begin; group++) {
      for (int row = rows.begin; row < rows.end; row++) {
        const int64_t line = (row * g.strideH + tapRow) / cut.lineStep;
        const int column = (columns.begin * g.strideW + tapColumn) / cut.columnStep;
        add_pair_products<Filters, Vectors>(
            columns.end - columns.begin,
            gradients + group * cut.gradientFloats + (static_cast<int64_t>(row) * g.outW + columns.begin) * kPairs,
            cut.filterStep, x + group * cut.inputFloats + (line * cut.columns + column) * cut.kPixelFloats,
            static_cast<int64_t>(g.strideW / cut.columnStep) * cut.kPixelFloats, sum);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < Filters * Vectors; i++) sums[i * count + tap - taps.begin] = sum[i / Vectors][i % Vectors];
  }
  for (int i = 0; i < Filters * Vectors; i++) {
    const int filter = filterBlock * Filters + i / Vectors;
    const int channel = channelBlock * cut.kChannels + i % Vectors * kLanes;
    if (filter >= g.k || channel >= g.c) continue;
    const float* from = reinterpret_cast<const float*>(sums + i * count);
    float* target = dw + (static_cast<int64_t>(filter) * g.c + channel) * g.r * g.s + taps.begin;
    for (int c = 0; c < min(kLanes, g.c - channel); c++, target += g.r * g.s) {
      for (int tap = 0; tap < count; tap++) target[tap] = (add ? target[tap] : 0) + from[tap * kLanes + c];
    }
  }
}

template <int Filters, int Vectors>
void weights_gradient(ThreadPool& pool, const Geometry& g, Input x, const float* y, const float* dy, float* dw, float beta) {
  const PairCut<Filters, Vectors> cut(g);
  const int64_t inputFloats = cut.together * cut.inputFloats, gradientFloats = cut.together * cut.gradientFloats;
  float* inputs = static_cast<float*>(pool.shared_scratch(
      static_cast<size_t>(cut.channelBlocks * inputFloats + cut.filterBlocks * gradientFloats) * sizeof(float)));
  float* gradients = inputs + cut.channelBlocks * inputFloats;
  for (int i = 0; i < cut.chunks; i++) {
    const Chunk chunk(g, cut, i);
    parallel(pool, (cut.channelBlocks + cut.filterBlocks) * cut.parts, [&](int task, int) {
      const int block = task / cut.parts, p = task % cut.parts;
      if (block < cut.channelBlocks) {
        const Range lines = part(cut.lines, p, cut.parts);
        x.visit([&](auto* from) { arrange_channels(g, cut, chunk, lines, from, block, inputs + block * inputFloats); });
      } else {
        const int filterBlock = block - cut.channelBlocks;
        arrange_gradients(g, cut, chunk, part(Filters, p, cut.parts), y, dy, filterBlock,
                          gradients + filterBlock * gradientFloats);
      }
    });
    parallel(pool, cut.channelBlocks * cut.splits * cut.tapSplits, [&](int task, int) {
      const int channelBlock = task / (cut.splits * cut.tapSplits);
      const Range blocks = part(cut.filterBlocks, task / cut.tapSplits % cut.splits, cut.splits);
      const Range taps = part(g.r * g.s, task % cut.tapSplits, cut.tapSplits);
      for (int block = blocks.begin; block < blocks.end; block++) {
        multiply(g, cut, chunk, taps, inputs + channelBlock * inputFloats, gradients + block * gradientFloats, channelBlock, block,
                 i > 0 || beta != 0, dw);
      }
    });
  }
}

}  // namespace

void bf16_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy, float* dw,
                         float beta) {
  const Geometry g(spec);
  if (g.c > kLanes) {
    weights_gradient<8, 2>(pool, g, x, y, dy, dw, beta);
  } else {
    weights_gradient<16, 1>(pool, g, x, y, dy, dw, beta);
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
#endif
