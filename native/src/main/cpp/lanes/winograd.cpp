#include "winograd.h"

#include "plan.h"
#include "vector.h"
#include "winograd_transform.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// A 3x3 correlation of stride 1: the convolution itself, or, with turned weights, the gradient of its input.
struct Filtering {
  int imageGroups;
  int sources, targets;  // channels
  int sourceH, sourceW, targetH, targetW;
  int padTop, padLeft;                   // zeros before the source; negative where it is cut
  int64_t targetWeights, sourceWeights;  // from channel to channel, in floats
  bool turned;                           // the kernel by 180 degrees
  bool relu, accumulate;
  const float *source, *mask, *weights, *bias;  // mask, if any: the source counts where it is > 0
  float* target;

  int64_t source_channel() const { return static_cast<int64_t>(sourceH) * sourceW * kLanes; }
  int64_t target_channel() const { return static_cast<int64_t>(targetH) * targetW * kLanes; }
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
    const int fitting = static_cast<int>(min64(kMostTiles / 2, kInputBytes / (tileBytes * f.sources)));
    block = max(width, min(fitting, static_cast<int>(round_up(tiles, width))) / width * width);
    blocks = ceil_div(tiles, block);
    targetBlocks = ceil_div(f.targets, kTargets);
    splits = max(1, min(kWantedTasks / blocks, f.targets / 32));
    // Products of a few targets stay in the cache beside the inputs; where those do not fit, each position's do, and
    // they meet all targets before the next position's come.
    const bool fits = tileBytes * f.sources * block <= kInputBytes;
    const int64_t chunk = fits ? max64(1, kProductBytes / (tileBytes * block * kTargets)) : targetBlocks;
    chunkBlocks = static_cast<int>(min64(chunk, ceil_div(targetBlocks, splits)));
    sourcesPadded = static_cast<int>(round_up(f.sources, kLanes / kTargets));
    inputStep = odd(static_cast<int64_t>(f.sources) * block);
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
  int64_t source, target;  // of its first pixel in the first channel, in floats
  int row, column;         // of its first output
  Range rows, columns;     // of its inputs that are pixels of the source

  bool inside() const {
    return rows.begin == 0 && rows.end == kPoints && columns.begin == 0 && columns.end == kPoints;
  }
};

// Those of `kPoints` places from `first` on that lie in [0, size).
Range present(int first, int size) {
  const int begin = min(kPoints, max(0, -first));
  return Range{begin, max(begin, min(kPoints, size - first))};
}

Tile tile_at(const Filtering& f, const Cut& cut, int index) {
  const int inGroup = cut.down * cut.across, group = index / inGroup, place = index % inGroup;
  const int row = place / cut.across * kTile, column = place % cut.across * kTile;
  const int sourceRow = row - f.padTop, sourceColumn = column - f.padLeft;
  return Tile{group * f.sources * f.source_channel() + (static_cast<int64_t>(sourceRow) * f.sourceW + sourceColumn) * kLanes,
              group * f.targets * f.target_channel() + (static_cast<int64_t>(row) * f.targetW + column) * kLanes,
              row,
              column,
              present(sourceRow, f.sourceH),
              present(sourceColumn, f.sourceW)};
}

// Where tile t of channel 0 begins in V.
int64_t input_at(const Filtering& f, const Cut& cut, int t) {
  return (static_cast<int64_t>(t / cut.width) * f.sources * cut.width + t % cut.width) * kLanes;
}

// A tile that leaves the source, or whose source is masked: by way of a copy, with zeros for what does not count.
template <bool Masked>
void transform_copies(const Filtering& f, const Cut& cut, const Tile& tile, float* v) {
  alignas(64) float inputs[kPositions * kLanes] = {};
  const int columns = tile.columns.end - tile.columns.begin;
  const int64_t rowStep = static_cast<int64_t>(f.sourceW) * kLanes;
  int64_t channel = tile.source + tile.columns.begin * kLanes;
  for (int c = 0; c < f.sources; c++, channel += f.source_channel(), v += cut.width * kLanes) {
    for (int i = tile.rows.begin; i < tile.rows.end; i++) {
      const int64_t from = channel + i * rowStep;
      float* to = inputs + (i * kPoints + tile.columns.begin) * kLanes;
      for (int64_t j = 0; j < static_cast<int64_t>(columns) * kLanes; j += kLanes) {
        Vector value = load(f.source + from + j);
        if constexpr (Masked) value = load(f.mask + from + j) > zero() ? value : zero();
        store(to + j, value);
      }
    }
    transform_input(inputs, kPoints * kLanes, v, cut.inputStep);
  }
}

void transform_inputs(const Filtering& f, const Cut& cut, const Tile* tiles, int count, float* v) {
  for (int t = 0; t < count; t++) {
    if (f.mask != nullptr) {
      transform_copies<true>(f, cut, tiles[t], v + input_at(f, cut, t));
    } else if (!tiles[t].inside()) {
      transform_copies<false>(f, cut, tiles[t], v + input_at(f, cut, t));
    }
  }
  // Channel by channel, because neighbouring tiles share pixels.
  for (int c = 0; c < f.sources && f.mask == nullptr; c++) {
    const float* channel = f.source + c * f.source_channel();
    for (int t = 0; t < count; t++) {
      if (!tiles[t].inside()) continue;
      transform_input(channel + tiles[t].source, static_cast<int64_t>(f.sourceW) * kLanes,
                      v + input_at(f, cut, t) + static_cast<int64_t>(c) * cut.width * kLanes, cut.inputStep);
    }
  }
  for (int t = count; t < round_up(count, cut.width); t++) {
    for (int c = 0; c < f.sources; c++) {
      float* to = v + input_at(f, cut, t) + static_cast<int64_t>(c) * cut.width * kLanes;
      for (int p = 0; p < kPositions; p++) store(to + p * cut.inputStep, zero());
    }
  }
}

void transform_weights(ThreadPool& pool, const Filtering& f, const Cut& cut, float* u) {
  constexpr int kSources = kLanes / kTargets;  // a vector is so many sources of the targets of a block
  const auto transform = [&](int targetBlock, int) {
    float* to = u + static_cast<int64_t>(targetBlock) * cut.sourcesPadded * kTargets;
    for (int c0 = 0; c0 < f.sources; c0 += kSources, to += kLanes) {
      alignas(64) float taps[9][kLanes];
      for (int lane = 0; lane < kLanes; lane++) {
        const int k = targetBlock * kTargets + lane % kTargets, c = c0 + lane / kTargets;
        const bool present = k < f.targets && c < f.sources;
        const float* from = f.weights + (present ? k * f.targetWeights + c * f.sourceWeights : 0);
        for (int tap = 0; tap < 9; tap++) taps[tap][lane] = present ? from[f.turned ? 8 - tap : tap] : 0;
      }
      transform_kernels(taps, to, cut.kernelStep);
    }
  };
  if (static_cast<int64_t>(f.sources) * f.targets < 1024) {
    for (int block = 0; block < cut.targetBlocks; block++) transform(block, 0);
  } else {
    parallel(pool, cut.targetBlocks, transform);
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
    for (int t = 0; t < Width; t++) sum[k][t] = add ? load(m + k * targetStep + t * kLanes) : zero();
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
#pragma GCC unroll 8
  for (int k = 0; k < Blocks * kTargets; k++)
#pragma GCC unroll 4
    for (int t = 0; t < Width; t++) store(m + k * targetStep + t * kLanes, sum[k][t]);
}

// The products of some target blocks at every position.
template <int Blocks, int Width>
void multiply(const Filtering& f, const Cut& cut, Range targetBlocks, int count, const float* v, const float* u, float* m) {
  constexpr int kNearest = 64;  // sources whose tiles stay in the first-level cache from block to block
  const int64_t blockStep = static_cast<int64_t>(cut.sourcesPadded) * kTargets;
  const int64_t targetStep = static_cast<int64_t>(cut.block) * kLanes;
  for (int p = 0; p < kPositions; p++, v += cut.inputStep, u += cut.kernelStep, m += cut.productStep) {
    for (int t = 0; t < count; t += Width) {
      for (int c = 0; c < f.sources; c += kNearest) {
        const int sources = min(kNearest, f.sources - c);
        const float* x = v + (static_cast<int64_t>(t) * f.sources + c * Width) * kLanes;
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

void transform_outputs(const Filtering& f, const Cut& cut, Range targets, const Tile* tiles, int count, const float* m) {
  const int64_t rowStep = static_cast<int64_t>(f.targetW) * kLanes;
  for (int k = targets.begin; k < targets.end; k++) {
    const Vector bias = f.bias == nullptr ? zero() : broadcast(f.bias[k]);
    for (int t = 0; t < count; t++) {
      Vector y[kTile][kTile];
      transform_output(m + (static_cast<int64_t>(k - targets.begin) * cut.block + t) * kLanes, cut.productStep, y);
      float* to = f.target + tiles[t].target + k * f.target_channel();
      const int rows = min(kTile, f.targetH - tiles[t].row), columns = min(kTile, f.targetW - tiles[t].column);
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
    const int first = task / cut.splits * cut.block, count = min(cut.block, cut.tiles - first);
    Tile tiles[kMostTiles];
    for (int t = 0; t < count; t++) tiles[t] = tile_at(f, cut, first + t);
    transform_inputs(f, cut, tiles, count, v);
    const Range mine = part(cut.targetBlocks, task % cut.splits, cut.splits);
    for (int b = mine.begin; b < mine.end; b += cut.chunkBlocks) {
      const Range blocks{b, min(b + cut.chunkBlocks, mine.end)};
      if (cut.width == kWide) {
        multiply<1, kWide>(f, cut, blocks, count, v, u, m);
      } else {
        multiply<kManyRegisters ? 2 : 1, 2>(f, cut, blocks, count, v, u, m);
      }
      transform_outputs(f, cut, Range{b * kTargets, min(blocks.end * kTargets, f.targets)}, tiles, count, m);
    }
  });
}

}  // namespace

bool fits_winograd(const Conv2dSpec& s) {
  return s.r == 3 && s.s == 3 && s.strideH == 1 && s.strideW == 1 && s.dilationH == 1 && s.dilationW == 1 && s.groups == 1;
}

bool prefers_winograd(const Conv2dSpec& s) {
  if (!fits_winograd(s) || s.c < 16 || s.k < 16) return false;
  const Geometry g(s);
  const int64_t direct = static_cast<int64_t>(g.outH) * g.outW * 9;
  const int64_t multiplied = static_cast<int64_t>(ceil_div(g.outH, kTile)) * ceil_div(g.outW, kTile) * kPositions;
  return 2 * direct >= 5 * multiplied;
}

void winograd_conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* b, bool relu,
                     float* y) {
  const Geometry g(spec);
  filter(pool, Filtering{g.imageGroups, g.c, g.k, g.h, g.w, g.outH, g.outW, g.padTop, g.padLeft,
                         static_cast<int64_t>(g.c) * 9, 9, false, relu, false, x, nullptr, w, b, y});
}

void winograd_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                          float dx_beta) {
  const Geometry g(spec);
  filter(pool, Filtering{g.imageGroups, g.k, g.c, g.outH, g.outW, g.h, g.w, 2 - g.padTop, 2 - g.padLeft, 9,
                         static_cast<int64_t>(g.c) * 9, true, false, dx_beta != 0, dy, y, w, nullptr, dx});
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
