// Filtering of few sources: the transformed tiles of a task stay in the cache, and all kernels pass by.
#pragma once
#include "winograd_filter.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// How the work is cut: tasks are blocks of tiles times ranges of targets. Transformed inputs of a task are
// V [36][tiles / width][step][tile of the width], kernels U [36][target block][step][target of the block], products
// M [36][target][tile]; a position is an odd number of vectors long, so that positions do not compete for a cache set.
struct NarrowCut : TileGrid {
  NarrowCut(const Filtering& f, int theSteps) : TileGrid(f), steps(theSteps) {
    constexpr int64_t kInputBytes = 640 * 1024, kProductBytes = 320 * 1024;
    const int64_t tileBytes = static_cast<int64_t>(kPositions) * kLanes * 4;
    width = tiles <= 2 ? 2 : kWide;
    const int fitting = static_cast<int>(min64(kMostTiles / 2, kInputBytes / (tileBytes * steps)));
    block = max(width, min(fitting, static_cast<int>(round_up(tiles, width))) / width * width);
    blocks = ceil_div(tiles, block);
    targetBlocks = ceil_div(f.targets, kTargets);
    splits = max(1, min(kWantedTasks / blocks, f.targets / 32));
    // Products of a few targets stay in the cache beside the inputs; where those do not fit, each position's do, and
    // they meet all targets before the next position's come.
    const bool fits = tileBytes * steps * block <= kInputBytes;
    const int64_t chunk = fits ? max64(1, kProductBytes / (tileBytes * block * kTargets)) : targetBlocks;
    chunkBlocks = static_cast<int>(min64(chunk, ceil_div(targetBlocks, splits)));
    stepsPadded = static_cast<int>(round_up(steps, kLanes / kTargets));
    inputStep = odd_step(static_cast<int64_t>(steps) * block);
    kernelStep = odd_step(static_cast<int64_t>(targetBlocks) * stepsPadded * kTargets / kLanes);
    productStep = odd_step(static_cast<int64_t>(chunkBlocks) * kTargets * block);
  }

  size_t kernel_bytes() const { return static_cast<size_t>(kPositions * kernelStep) * sizeof(float); }
  size_t worker_bytes() const { return static_cast<size_t>(kPositions * (inputStep + productStep)) * sizeof(float); }

  int steps;  // of the products: sources, or pairs of them
  int width, block, blocks;
  int targetBlocks, splits, chunkBlocks, stepsPadded;
  int64_t inputStep, kernelStep, productStep;
};

template <class Products>
void transform_weights(ThreadPool& pool, const Filtering& f, const NarrowCut& cut, float* u) {
  const auto transformBlock = [&](int targetBlock, int) {
    float* to = u + static_cast<int64_t>(targetBlock) * cut.stepsPadded * kTargets;
    for (int step = 0; step < cut.steps; step += kKernelSteps, to += kLanes) {
      transform_kernels<Products>(f, targetBlock * kTargets, step * Products::kFactors, to, cut.kernelStep);
    }
  };
  if (static_cast<int64_t>(f.sources()) * f.targets < 1024) {
    for (int block = 0; block < cut.targetBlocks; block++) transformBlock(block, 0);
  } else {
    parallel(pool, cut.targetBlocks, transformBlock);
  }
}

// The products of some target blocks at every position, each after lookahead(position).
template <class Products, int Blocks, int Width, class F>
void multiply(const NarrowCut& cut, Range targetBlocks, int count, const float* v, const float* u, float* m,
              const F& lookahead) {
  constexpr int kNearest = 64;  // steps whose tiles stay in the first-level cache from block to block
  const int64_t blockStep = static_cast<int64_t>(cut.stepsPadded) * kTargets;
  const int64_t targetStep = static_cast<int64_t>(cut.block) * kLanes;
  for (int p = 0; p < kPositions; p++, v += cut.inputStep, u += cut.kernelStep, m += cut.productStep) {
    lookahead(p);
    for (int t = 0; t < count; t += Width) {
      for (int c = 0; c < cut.steps; c += kNearest) {
        const int steps = min(kNearest, cut.steps - c);
        const float* x = v + (static_cast<int64_t>(t) * cut.steps + c * Width) * kLanes;
        int b = targetBlocks.begin;
        for (; b + Blocks <= targetBlocks.end; b += Blocks) {
          multiply_block<Products, Blocks, Width>(x, u + b * blockStep + c * kTargets, blockStep, steps,
                                                  m + (b - targetBlocks.begin) * kTargets * targetStep + t * kLanes, targetStep, c > 0);
        }
        for (; b < targetBlocks.end; b++) {
          multiply_block<Products, 1, Width>(x, u + b * blockStep + c * kTargets, blockStep, steps,
                                             m + (b - targetBlocks.begin) * kTargets * targetStep + t * kLanes, targetStep, c > 0);
        }
      }
    }
  }
}

template <class Products>
void filter_narrow(ThreadPool& pool, const Filtering& f) {
  const NarrowCut cut(f, ceil_div(f.sources(), Products::kFactors));
  float* u = static_cast<float*>(pool.shared_scratch(cut.kernel_bytes()));
  transform_weights<Products>(pool, f, cut, u);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, cut.worker_bytes());
  parallel(pool, cut.blocks * cut.splits, [&](int task, int worker) {
    float* v = static_cast<float*>(pool.scratch(worker, cut.worker_bytes()));
    float* m = v + kPositions * cut.inputStep;
    const Tiles tiles(f, cut, task / cut.splits * cut.block, cut.block);
    transform_inputs<Products>(f, tiles, Range{0, f.sources()}, cut.width, v, cut.inputStep);
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
        multiply<Products, 1, kWide>(cut, blocks, tiles.count, v, u, m, lookahead);
      } else {
        multiply<Products, kManyRegisters ? 2 : 1, 2>(cut, blocks, tiles.count, v, u, m, lookahead);
      }
      transform_outputs(f, targets, tiles, m, cut.productStep, static_cast<int64_t>(cut.block) * kLanes);
    }
  });
}

}  // namespace
}  // namespace gradus::GRADUS_TIER_NAMESPACE
