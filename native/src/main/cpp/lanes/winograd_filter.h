// What the two ways of filtering by F(4x4, 3x3) share: winograd_narrow.h keeps the transformed tiles of a task in the cache and
// lets all kernels pass, winograd_wide.h keeps kernels of a task there and lets tiles pass.
#pragma once
#include "../thread_pool.h"
#include "correlate.h"
#include "plan.h"
#include "vector.h"
#include "winograd_tiles.h"
#include "winograd_products.h"
#include "winograd_transform.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// A 3x3 correlation of stride 1: the convolution itself, or, with turned weights, the gradient of its input.
struct Filtering {
  int imageGroups;
  TileSource source;
  int targets, targetH, targetW;
  int padTop, padLeft;                   // zeros before the source; negative where it is cut
  int64_t targetWeights, sourceWeights;  // from channel to channel, in floats
  bool turned;                           // the kernel by 180 degrees
  bool relu, accumulate;
  const float *weights, *bias;
  float* target;
  bool pooled;     // the maxima of 2x2 outputs behind the ReLU, and their places in index, unless null
  uint8_t* index;

  int targetRows() const { return pooled ? targetH / 2 : targetH; }
  int targetColumns() const { return pooled ? targetW / 2 : targetW; }
  int sources() const { return source.channels; }
  int64_t target_channel() const { return static_cast<int64_t>(targetRows()) * targetColumns() * kLanes; }
};

// Targets of a register block; its tiles are kWide, or 2 where there are no more.
constexpr int kTargets = 4;
constexpr int kWide = kManyRegisters ? 4 : 2;
constexpr int kKernelSteps = kLanes / kTargets;  // that a vector of kernels holds
constexpr int kMostTiles = 16;  // of a task

// The tiles of all images.
struct TileGrid {
  explicit TileGrid(const Filtering& f)
      : down(ceil_div(f.targetH, kTile)), across(ceil_div(f.targetW, kTile)), tiles(f.imageGroups * down * across) {}

  const int down, across, tiles;
};

struct Tile {
  int64_t target;   // its first output in the first channel, in floats
  int row, column;  // of its first output
};

// What a task works on.
struct Tiles {
  // `most` tiles from `first` on, or what there are.
  Tiles(const Filtering& f, const TileGrid& grid, int first, int most) : count(min(most, grid.tiles - first)) {
    const int inGroup = grid.down * grid.across;
    for (int t = 0; t < count; t++) {
      const int group = (first + t) / inGroup, place = (first + t) % inGroup;
      const int row = place / grid.across * kTile, column = place % grid.across * kTile;
      inputs[t] = SourceTile<kPoints>::at(f.source, group, row - f.padTop, column - f.padLeft);
      const int scale = f.pooled ? 2 : 1;
      outputs[t] = Tile{group * f.targets * f.target_channel() +
                            (static_cast<int64_t>(row / scale) * f.targetColumns() + column / scale) * kLanes,
                        row, column};
    }
  }

  const int count;
  SourceTile<kPoints> inputs[kMostTiles];
  Tile outputs[kMostTiles];
};

// Channels [sources) of some tiles to v [tiles / width][step][tile of the width], position by position; a step of the
// products is of Products::kFactors channels.
template <class Products>
inline void transform_inputs(const Filtering& f, const Tiles& tiles, Range sources, int width, float* v, int64_t positionStep) {
  const int count = sources.end - sources.begin, steps = ceil_div(count, Products::kFactors);
  const auto place = [&](int t, int step) {
    return v + ((static_cast<int64_t>(t / width) * steps + step) * width + t % width) * kLanes;
  };
  TileSource some = f.source;
  some.channels = count;
  SourceTile<kPoints> from[kMostTiles] = {};
  for (int t = 0; t < tiles.count; t++) {
    from[t] = tiles.inputs[t];
    from[t].first += sources.begin * f.source.channel_floats();
  }
  for_tiles<kPoints, Products::kPacks>(some, from, tiles.count, [&](int t, int c, const auto& pixels) {
    Products::template transform_factor<kPoints>(pixels, c, place(t, c / Products::kFactors), positionStep);
  });
  if (count % Products::kFactors != 0) {
    for (int t = 0; t < tiles.count; t++) Products::fill(place(t, steps - 1), positionStep);
  }
  for (int t = tiles.count; t < round_up(tiles.count, width); t++) {
    for (int step = 0; step < steps; step++) {
      for (int p = 0; p < kPositions; p++) store(place(t, step) + p * positionStep, zero());
    }
  }
}

// kTargets targets of each of kLanes / kTargets sources, `sourceStep` apart.
GRADUS_INLINE void gather_taps(const Filtering& f, int target, int firstSource, int sourceStep, float* taps) {
  const bool whole = target + kTargets <= f.targets && firstSource + kKernelSteps * sourceStep <= f.sources();
  for (int lane = 0; lane < kLanes; lane++) {
    const int k = target + lane % kTargets, c = firstSource + lane / kTargets * sourceStep;
    const bool present = whole || (k < f.targets && c < f.sources());
    const float* from = f.weights + (present ? k * f.targetWeights + c * f.sourceWeights : 0);
    if (f.turned) {
      for (int tap = 0; tap < 9; tap++) taps[tap * kLanes + lane] = present ? from[8 - tap] : 0;
    } else {
      for (int tap = 0; tap < 9; tap++) taps[tap * kLanes + lane] = present ? from[tap] : 0;
    }
  }
}

// A vector of kernels at every position: kTargets targets of each of kKernelSteps steps.
template <class Products>
GRADUS_INLINE void transform_kernels(const Filtering& f, int target, int source, float* u, int64_t positionStep) {
  alignas(64) float taps[9 * kLanes];
  for (int i = 0; i < Products::kFactors; i++) {
    gather_taps(f, target, source + i, Products::kFactors, taps);
    const auto tap = [&](int row, int column) __attribute__((always_inline)) { return load(taps + (row * 3 + column) * kLanes); };
    Products::template transform_factor<3>(tap, i, u, positionStep);
  }
}

// m [target][tile] (+)= the sum over steps of u [step][target] v [step][tile].
template <class Products, int Blocks, int Width>
GRADUS_INLINE void multiply_block(const float* v, const float* u, int64_t blockStep, int steps, float* m, int64_t targetStep,
                                  bool add) {
  Vector sum[Blocks * kTargets][Width];
#pragma GCC unroll 8
  for (int k = 0; k < Blocks * kTargets; k++)
#pragma GCC unroll 4
    for (int t = 0; t < Width; t++) sum[k][t] = zero();
  for (int c = 0; c < steps; c++, v += Width * kLanes, u += kTargets) {
    Vector x[Width];
#pragma GCC unroll 4
    for (int t = 0; t < Width; t++) x[t] = load_once(v + t * kLanes);
#pragma GCC unroll 8
    for (int k = 0; k < Blocks * kTargets; k++) {
      const Vector weight = broadcast(u[k / kTargets * blockStep + k % kTargets]);
#pragma GCC unroll 4
      for (int t = 0; t < Width; t++) sum[k][t] = Products::add(sum[k][t], weight, x[t]);
    }
  }
  // Added at the end, not begun with: short sums round less than one long one.
#pragma GCC unroll 8
  for (int k = 0; k < Blocks * kTargets; k++)
#pragma GCC unroll 4
    for (int t = 0; t < Width; t++) {
      float* to = m + k * targetStep + t * kLanes;
      store(to, add ? load(to) + sum[k][t] : sum[k][t]);
    }
}

GRADUS_INLINE void put(const Filtering& f, Vector value, float* to) {
  if (f.accumulate) value += load(to);
  store(to, f.relu ? relu(value) : value);
}

// The maxima of a tile's windows, as correlate_pooled_row finds them.
GRADUS_INLINE void put_pooled(const Filtering& f, const Vector (&y)[kTile][kTile], Vector bias, int rows, int columns, int64_t at) {
  Vector all = zero();
#pragma GCC unroll 4
  for (int i = 0; i < kTile; i++) all += (y[i][0] + y[i][1]) + (y[i][2] + y[i][3]);
  const bool nan = __builtin_expect(has_nan(all + bias), 0);
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < 2; j++) {
      if (i >= rows || j >= columns) continue;
      const Vector window[4] = {y[2 * i][2 * j] + bias, y[2 * i][2 * j + 1] + bias, y[2 * i + 1][2 * j] + bias,
                                y[2 * i + 1][2 * j + 1] + bias};
      const Maximum m = nan ? maximum_or_nan(window[0], window[1], window[2], window[3]) : maximum(window);
      const int64_t to = at + (static_cast<int64_t>(i) * f.targetColumns() + j) * kLanes;
      store(f.target + to, relu(m.value));
      if (f.index != nullptr) {
        const Ints place = m.value <= zero() ? Ints{} : m.place;
        store_bytes(f.index + to, reinterpret_cast<ByteLanes>(place));
      }
    }
  }
}

// m: the products [36][target][tile] of these targets, with steps in floats.
inline void transform_outputs(const Filtering& f, Range targets, const Tiles& tiles, const float* m, int64_t positionStep,
                              int64_t targetStep) {
  const int64_t rowStep = static_cast<int64_t>(f.targetW) * kLanes;
  for (int k = targets.begin; k < targets.end; k++) {
    const Vector bias = f.bias == nullptr ? zero() : broadcast(f.bias[k]);
    for (int t = 0; t < tiles.count; t++) {
      const Tile& tile = tiles.outputs[t];
      Vector y[kTile][kTile];
      transform_output(m + (k - targets.begin) * targetStep + t * kLanes, positionStep, y);
      const int64_t at = tile.target + k * f.target_channel();
      if (f.pooled) {
        put_pooled(f, y, bias, min(2, (f.targetH - tile.row) / 2), min(2, (f.targetW - tile.column) / 2), at);
        continue;
      }
      float* to = f.target + at;
      const int rows = min(kTile, f.targetH - tile.row), columns = min(kTile, f.targetW - tile.column);
      if (rows == kTile && columns == kTile) {
#pragma GCC unroll 4
        for (int i = 0; i < kTile; i++)
#pragma GCC unroll 4
          for (int j = 0; j < kTile; j++) put(f, y[i][j] + bias, to + i * rowStep + j * kLanes);
      } else {
        for (int i = 0; i < rows; i++)
          for (int j = 0; j < columns; j++) put(f, y[i][j] + bias, to + i * rowStep + j * kLanes);
      }
    }
  }
}

// Asks for memory that a task is going to need, a part at each of `steps` steps of its products: in a training step most
// tensors have left the caches, and waiting for them would cost half as much as the products.
struct Lookahead {
  // The pixels under the next tiles, except those on the left and above that these tiles share with their neighbours.
  void inputs(const Filtering& f, const Tiles& next, int step) const {
    constexpr int kShared = kPoints - kTile;
    const TileSource& source = f.source;
    const Range units = part(source.channels * next.count, step, steps);
    for (int unit = units.begin; unit < units.end; unit++) {
      const SourceTile<kPoints>& tile = next.inputs[unit % next.count];
      const int64_t channel = tile.first + unit / next.count * source.channel_floats();
      for (int i = max(kShared, tile.rows.begin); i < tile.rows.end; i++) {
        for (int j = max(kShared, tile.columns.begin); j < tile.columns.end; j += kLineVectors) {
          const int64_t at = channel + i * source.row_floats() + j * kLanes;
          source.input.packed ? prefetch(source.input.as<uint16_t>() + at) : prefetch(source.input.as<float>() + at);
          if (source.mask != nullptr) prefetch(source.mask + at);
        }
      }
    }
  }

  // The outputs of some targets.
  void outputs(const Filtering& f, const Tiles& tiles, Range targets, int step) const {
    const int scale = f.pooled ? 2 : 1;
    const int64_t rowStep = static_cast<int64_t>(f.targetColumns()) * kLanes;
    const Range units = part((targets.end - targets.begin) * tiles.count, step, steps);
    for (int unit = units.begin; unit < units.end; unit++) {
      const Tile& tile = tiles.outputs[unit % tiles.count];
      const float* to = f.target + tile.target + (targets.begin + unit / tiles.count) * f.target_channel();
      const int rows = min(kTile, f.targetH - tile.row) / scale, columns = min(kTile, f.targetW - tile.column) / scale;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j += kLineVectors) prefetch_to_write(to + i * rowStep + j * kLanes);
      }
    }
  }

  int steps;

 private:
  static constexpr int kLineVectors = 16 / kLanes;
};

// An odd number of vectors, so that the same place of every position does not compete for one cache set.
GRADUS_INLINE int64_t odd_step(int64_t vectors) { return (vectors | 1) * kLanes; }

GRADUS_INLINE Filtering forward_filtering(const Geometry& g, Input x, const float* w, const float* b, bool relu, float* y) {
  return Filtering{g.imageGroups, TileSource{x, nullptr, g.c, g.h, g.w}, g.k, g.outH, g.outW, g.padTop, g.padLeft,
                   static_cast<int64_t>(g.c) * 9, 9, false, relu, false, w, b, y, false, nullptr};
}

GRADUS_INLINE Filtering data_filtering(const Geometry& g, const float* w, const float* y, const float* dy, float* dx, float beta) {
  return Filtering{g.imageGroups, TileSource{dy, y, g.k, g.outH, g.outW}, g.c, g.h, g.w, 2 - g.padTop, 2 - g.padLeft, 9,
                   static_cast<int64_t>(g.c) * 9, true, false, beta != 0, w, nullptr, dx, false, nullptr};
}

GRADUS_INLINE Filtering pooled_filtering(const Geometry& g, Input x, const float* w, const float* b, float* y,
                                         uint8_t* index) {
  Filtering f = forward_filtering(g, x, w, b, true, y);
  f.pooled = true;
  f.index = index;
  return f;
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
