#include "winograd.h"

#include "correlate.h"
#include "plan.h"
#include "vector.h"
#include "winograd_tiles.h"
#include "winograd_transform.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

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
constexpr int kMostTiles = 16;  // of a task

// How the work is cut: tasks are blocks of tiles times ranges of targets. Transformed inputs of a task are
// V [36][tiles / width][source][tile of the width], kernels U [36][target block][source][target of the block], products
// M [36][target][tile]; a position is an odd number of vectors long, so that positions do not compete for a cache set.
struct Cut {
  explicit Cut(const Filtering& f)
      : down(ceil_div(f.targetH, kTile)), across(ceil_div(f.targetW, kTile)), tiles(f.imageGroups * down * across) {
    constexpr int64_t kInputBytes = 640 * 1024, kProductBytes = 320 * 1024;
    const int64_t tileBytes = static_cast<int64_t>(kPositions) * kLanes * 4;
    width = tiles <= 2 ? 2 : kWide;
    const int fitting = static_cast<int>(min64(kMostTiles / 2, kInputBytes / (tileBytes * f.sources())));
    block = max(width, min(fitting, static_cast<int>(round_up(tiles, width))) / width * width);
    blocks = ceil_div(tiles, block);
    targetBlocks = ceil_div(f.targets, kTargets);
    splits = max(1, min(kWantedTasks / blocks, f.targets / 32));
    // Products of a few targets stay in the cache beside the inputs; where those do not fit, each position's do, and
    // they meet all targets before the next position's come.
    const bool fits = tileBytes * f.sources() * block <= kInputBytes;
    const int64_t chunk = fits ? max64(1, kProductBytes / (tileBytes * block * kTargets)) : targetBlocks;
    chunkBlocks = static_cast<int>(min64(chunk, ceil_div(targetBlocks, splits)));
    sourcesPadded = static_cast<int>(round_up(f.sources(), kLanes / kTargets));
    inputStep = odd(static_cast<int64_t>(f.sources()) * block);
    kernelStep = odd(static_cast<int64_t>(targetBlocks) * sourcesPadded * kTargets / kLanes);
    productStep = odd(static_cast<int64_t>(chunkBlocks) * kTargets * block);
  }

  size_t kernel_bytes() const { return static_cast<size_t>(kPositions * kernelStep) * sizeof(float); }
  size_t worker_bytes() const { return static_cast<size_t>(kPositions * (inputStep + productStep)) * sizeof(float); }

  int down, across, tiles;
  int width, block, blocks;
  int targetBlocks, splits, chunkBlocks, sourcesPadded;
  int64_t inputStep, kernelStep, productStep;

 private:
  static int64_t odd(int64_t vectors) { return (vectors | 1) * kLanes; }
};

struct Tile {
  int64_t target;   // its first output in the first channel, in floats
  int row, column;  // of its first output
};

// What a task works on.
struct Tiles {
  Tiles(const Filtering& f, const Cut& cut, int first) : count(min(cut.block, cut.tiles - first)) {
    const int inGroup = cut.down * cut.across;
    for (int t = 0; t < count; t++) {
      const int group = (first + t) / inGroup, place = (first + t) % inGroup;
      const int row = place / cut.across * kTile, column = place % cut.across * kTile;
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

void transform_inputs(const Filtering& f, const Cut& cut, const Tiles& tiles, float* v) {
  const auto place = [&](int t, int c) {
    return v + ((static_cast<int64_t>(t / cut.width) * f.sources() + c) * cut.width + t % cut.width) * kLanes;
  };
  for_tiles(f.source, tiles.inputs, tiles.count, [&](int t, int c, const float* pixels, int64_t rowStep) {
    transform<kPoints>(pixels, rowStep, place(t, c), cut.inputStep);
  });
  for (int t = tiles.count; t < round_up(tiles.count, cut.width); t++) {
    for (int c = 0; c < f.sources(); c++) {
      for (int p = 0; p < kPositions; p++) store(place(t, c) + p * cut.inputStep, zero());
    }
  }
}

void transform_weights(ThreadPool& pool, const Filtering& f, const Cut& cut, float* u) {
  constexpr int kSources = kLanes / kTargets;  // a vector is so many sources of the targets of a block
  const auto transformBlock = [&](int targetBlock, int) {
    float* to = u + static_cast<int64_t>(targetBlock) * cut.sourcesPadded * kTargets;
    for (int c0 = 0; c0 < f.sources(); c0 += kSources, to += kLanes) {
      alignas(64) float taps[9 * kLanes];
      for (int lane = 0; lane < kLanes; lane++) {
        const int k = targetBlock * kTargets + lane % kTargets, c = c0 + lane / kTargets;
        const bool present = k < f.targets && c < f.sources();
        const float* from = f.weights + (present ? k * f.targetWeights + c * f.sourceWeights : 0);
        for (int tap = 0; tap < 9; tap++) taps[tap * kLanes + lane] = present ? from[f.turned ? 8 - tap : tap] : 0;
      }
      transform<3>(taps, 3 * kLanes, to, cut.kernelStep);
    }
  };
  if (static_cast<int64_t>(f.sources()) * f.targets < 1024) {
    for (int block = 0; block < cut.targetBlocks; block++) transformBlock(block, 0);
  } else {
    parallel(pool, cut.targetBlocks, transformBlock);
  }
}

// m [target][tile] (+)= the sum over sources of u [source][target] v [source][tile].
template <int Blocks, int Width>
GRADUS_INLINE void multiply_block(const float* v, const float* u, int64_t blockStep, int sources, float* m, int64_t targetStep,
                                  bool add) {
  Vector sum[Blocks * kTargets][Width];
#pragma GCC unroll 8
  for (int k = 0; k < Blocks * kTargets; k++)
#pragma GCC unroll 4
    for (int t = 0; t < Width; t++) sum[k][t] = zero();
  for (int c = 0; c < sources; c++, v += Width * kLanes, u += kTargets) {
    Vector x[Width];
#pragma GCC unroll 4
    for (int t = 0; t < Width; t++) x[t] = load_once(v + t * kLanes);
#pragma GCC unroll 8
    for (int k = 0; k < Blocks * kTargets; k++) {
      const Vector weight = broadcast(u[k / kTargets * blockStep + k % kTargets]);
#pragma GCC unroll 4
      for (int t = 0; t < Width; t++) sum[k][t] += weight * x[t];
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

// The products of some target blocks at every position.
template <int Blocks, int Width>
void multiply(const Filtering& f, const Cut& cut, Range targetBlocks, int count, const float* v, const float* u, float* m) {
  constexpr int kNearest = 64;  // sources whose tiles stay in the first-level cache from block to block
  const int64_t blockStep = static_cast<int64_t>(cut.sourcesPadded) * kTargets;
  const int64_t targetStep = static_cast<int64_t>(cut.block) * kLanes;
  for (int p = 0; p < kPositions; p++, v += cut.inputStep, u += cut.kernelStep, m += cut.productStep) {
    for (int t = 0; t < count; t += Width) {
      for (int c = 0; c < f.sources(); c += kNearest) {
        const int sources = min(kNearest, f.sources() - c);
        const float* x = v + (static_cast<int64_t>(t) * f.sources() + c * Width) * kLanes;
        int b = targetBlocks.begin;
        for (; b + Blocks <= targetBlocks.end; b += Blocks) {
          multiply_block<Blocks, Width>(x, u + b * blockStep + c * kTargets, blockStep, sources,
                                        m + (b - targetBlocks.begin) * kTargets * targetStep + t * kLanes, targetStep, c > 0);
        }
        for (; b < targetBlocks.end; b++) {
          multiply_block<1, Width>(x, u + b * blockStep + c * kTargets, blockStep, sources,
                                   m + (b - targetBlocks.begin) * kTargets * targetStep + t * kLanes, targetStep, c > 0);
        }
      }
    }
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

void transform_outputs(const Filtering& f, const Cut& cut, Range targets, const Tiles& tiles, const float* m) {
  const int64_t rowStep = static_cast<int64_t>(f.targetW) * kLanes;
  for (int k = targets.begin; k < targets.end; k++) {
    const Vector bias = f.bias == nullptr ? zero() : broadcast(f.bias[k]);
    for (int t = 0; t < tiles.count; t++) {
      const Tile& tile = tiles.outputs[t];
      Vector y[kTile][kTile];
      transform_output(m + (static_cast<int64_t>(k - targets.begin) * cut.block + t) * kLanes, cut.productStep, y);
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

void filter(ThreadPool& pool, const Filtering& f) {
  const Cut cut(f);
  float* u = static_cast<float*>(pool.shared_scratch(cut.kernel_bytes()));
  transform_weights(pool, f, cut, u);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, cut.worker_bytes());
  parallel(pool, cut.blocks * cut.splits, [&](int task, int worker) {
    float* v = static_cast<float*>(pool.scratch(worker, cut.worker_bytes()));
    float* m = v + kPositions * cut.inputStep;
    const Tiles tiles(f, cut, task / cut.splits * cut.block);
    transform_inputs(f, cut, tiles, v);
    const Range mine = part(cut.targetBlocks, task % cut.splits, cut.splits);
    for (int b = mine.begin; b < mine.end; b += cut.chunkBlocks) {
      const Range blocks{b, min(b + cut.chunkBlocks, mine.end)};
      if (cut.width == kWide) {
        multiply<1, kWide>(f, cut, blocks, tiles.count, v, u, m);
      } else {
        multiply<kManyRegisters ? 2 : 1, 2>(f, cut, blocks, tiles.count, v, u, m);
      }
      transform_outputs(f, cut, Range{b * kTargets, min(blocks.end * kTargets, f.targets)}, tiles, m);
    }
  });
}

}  // namespace

bool fits_winograd(const Conv2dSpec& s) {
  return s.r == 3 && s.s == 3 && s.strideH == 1 && s.strideW == 1 && s.dilationH == 1 && s.dilationW == 1 && s.groups == 1;
}

// Measured over layers from 16 to 512 channels and maps from 3x3 to 32x32: with fewer channels the transforms cost more
// than they save, and so do tiles that are mostly beyond the border.
static double saving(const Conv2dSpec& s) {
  if (!fits_winograd(s) || s.c < 16 || s.k < 16) return 0;
  const Geometry g(s);
  const double direct = 9.0 * g.outH * g.outW;
  return direct / (static_cast<double>(kPositions) * ceil_div(g.outH, kTile) * ceil_div(g.outW, kTile));
}

bool prefers_winograd(const Conv2dSpec& spec) { return saving(spec) >= 2.5; }

bool prefers_winograd_weights(const Conv2dSpec& spec) { return saving(spec) >= 2; }

void winograd_conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* b, bool relu,
                     float* y) {
  const Geometry g(spec);
  filter(pool, Filtering{g.imageGroups, TileSource{x, nullptr, g.c, g.h, g.w}, g.k, g.outH, g.outW, g.padTop, g.padLeft,
                         static_cast<int64_t>(g.c) * 9, 9, false, relu, false, w, b, y, false, nullptr});
}

void winograd_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                          float dx_beta) {
  const Geometry g(spec);
  filter(pool, Filtering{g.imageGroups, TileSource{dy, y, g.k, g.outH, g.outW}, g.c, g.h, g.w, 2 - g.padTop, 2 - g.padLeft, 9,
                         static_cast<int64_t>(g.c) * 9, true, false, dx_beta != 0, w, nullptr, dx, false, nullptr});
}

void winograd_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& conv, const float* x, const float* w, const float* b,
                                   float* y, uint8_t* index) {
  const Geometry g(conv);
  filter(pool, Filtering{g.imageGroups, TileSource{x, nullptr, g.c, g.h, g.w}, g.k, g.outH, g.outW, g.padTop, g.padLeft,
                         static_cast<int64_t>(g.c) * 9, 9, false, true, false, w, b, y, true, index});
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
