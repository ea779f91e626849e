#include "winograd.h"

#include "winograd_filter.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// How the work is cut: tasks are blocks of tiles times ranges of targets. Transformed inputs of a task are
// V [36][tiles / width][source][tile of the width], kernels U [36][target block][source][target of the block], products
// M [36][target][tile]; a position is an odd number of vectors long, so that positions do not compete for a cache set.
struct Cut : TileGrid {
  explicit Cut(const Filtering& f) : TileGrid(f) {
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
    inputStep = odd_step(static_cast<int64_t>(f.sources()) * block);
    kernelStep = odd_step(static_cast<int64_t>(targetBlocks) * sourcesPadded * kTargets / kLanes);
    productStep = odd_step(static_cast<int64_t>(chunkBlocks) * kTargets * block);
  }

  size_t kernel_bytes() const { return static_cast<size_t>(kPositions * kernelStep) * sizeof(float); }
  size_t worker_bytes() const { return static_cast<size_t>(kPositions * (inputStep + productStep)) * sizeof(float); }

  int width, block, blocks;
  int targetBlocks, splits, chunkBlocks, sourcesPadded;
  int64_t inputStep, kernelStep, productStep;
};

void transform_weights(ThreadPool& pool, const Filtering& f, const Cut& cut, float* u) {
  constexpr int kSources = kLanes / kTargets;  // a vector is so many sources of the targets of a block
  const auto transformBlock = [&](int targetBlock, int) {
    float* to = u + static_cast<int64_t>(targetBlock) * cut.sourcesPadded * kTargets;
    for (int c0 = 0; c0 < f.sources(); c0 += kSources, to += kLanes) {
      transform_kernels(f, targetBlock * kTargets, c0, to, cut.kernelStep);
    }
  };
  if (static_cast<int64_t>(f.sources()) * f.targets < 1024) {
    for (int block = 0; block < cut.targetBlocks; block++) transformBlock(block, 0);
  } else {
    parallel(pool, cut.targetBlocks, transformBlock);
  }
}

// The products of some target blocks at every position, each after lookahead(position).
template <int Blocks, int Width, class F>
void multiply(const Filtering& f, const Cut& cut, Range targetBlocks, int count, const float* v, const float* u, float* m,
              const F& lookahead) {
  constexpr int kNearest = 64;  // sources whose tiles stay in the first-level cache from block to block
  const int64_t blockStep = static_cast<int64_t>(cut.sourcesPadded) * kTargets;
  const int64_t targetStep = static_cast<int64_t>(cut.block) * kLanes;
  for (int p = 0; p < kPositions; p++, v += cut.inputStep, u += cut.kernelStep, m += cut.productStep) {
    lookahead(p);
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

// From here on the transformed tiles of a task leave the second-level cache, and there are targets enough to share those
// of all tasks: measured from 64 to 512 channels.
constexpr int kWideChannels = 128;

void filter(ThreadPool& pool, const Filtering& f) {
  if (min(f.sources(), f.targets) >= kWideChannels) {
    filter_wide(pool, f);
    return;
  }
  const Cut cut(f);
  float* u = static_cast<float*>(pool.shared_scratch(cut.kernel_bytes()));
  transform_weights(pool, f, cut, u);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, cut.worker_bytes());
  parallel(pool, cut.blocks * cut.splits, [&](int task, int worker) {
    float* v = static_cast<float*>(pool.scratch(worker, cut.worker_bytes()));
    float* m = v + kPositions * cut.inputStep;
    const Tiles tiles(f, cut, task / cut.splits * cut.block, cut.block);
    transform_inputs(f, tiles, Range{0, f.sources()}, cut.width, v, cut.inputStep);
    const Range mine = part(cut.targetBlocks, task % cut.splits, cut.splits);
    const int following = min((task + 1) / cut.splits * cut.block, cut.tiles);  // most often this worker's next
    const Tiles next(f, cut, following, following == task / cut.splits * cut.block ? 0 : cut.block);
    const Lookahead toInputs{kPositions * ceil_div(mine.end - mine.begin, cut.chunkBlocks)}, toOutputs{kPositions};
    int step = 0;
    for (int b = mine.begin; b < mine.end; b += cut.chunkBlocks) {
      const Range blocks{b, min(b + cut.chunkBlocks, mine.end)};
      const Range targets{b * kTargets, min(blocks.end * kTargets, f.targets)};
      const auto lookahead = [&](int position) {
        toOutputs.outputs(f, tiles, targets, position);
        toInputs.inputs(f, next, step++);
      };
      if (cut.width == kWide) {
        multiply<1, kWide>(f, cut, blocks, tiles.count, v, u, m, lookahead);
      } else {
        multiply<kManyRegisters ? 2 : 1, 2>(f, cut, blocks, tiles.count, v, u, m, lookahead);
      }
      transform_outputs(f, targets, tiles, m, cut.productStep, static_cast<int64_t>(cut.block) * kLanes);
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
