// Filtering of many sources, where neither all transformed kernels nor the transformed tiles of a task stay in a cache: tiles are
// transformed once, a chunk at a time, and meet the kernels of a few targets and sources at a time.
#pragma once
#include "winograd_filter.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

constexpr int kBlockTiles = 8;
constexpr int kTaskTargets = 32;
constexpr int kSlice = 64;  // steps of the products whose tiles, at one position, stay in the first-level cache
constexpr int kSliceKernels = kTaskTargets * kSlice;

// How the work is cut: a chunk is some blocks of tiles; its tasks are blocks times kTaskTargets targets. Transformed inputs are
// V [block][slice of steps][36][tiles / width][step][tile of the width], kernels
// U [targets of a task][slice][36][target block][step][target of the block], products of a task M [36][target][tile].
struct WideCut : TileGrid {
  WideCut(const Filtering& f, int steps)
      : TileGrid(f),
        width(tiles <= 2 ? 2 : kWide),
        block(min(kBlockTiles, static_cast<int>(round_up(tiles, width)))),
        blocks(ceil_div(tiles, block)),
        slices(ceil_div(steps, kSlice)),
        splits(ceil_div(f.targets, kTaskTargets)),
        together(min(blocks, ceil_div(kWantedTasks / 2, splits))),
        inputStep(odd_step(kSlice * block)),
        kernelStep(odd_step(kSliceKernels / kLanes)),
        productStep(odd_step(kTaskTargets * block)) {}

  int64_t input_floats() const { return kPositions * inputStep; }    // of a slice of a block
  int64_t kernel_floats() const { return kPositions * kernelStep; }  // of a slice of a task
  int64_t product_floats() const { return kPositions * productStep; }

  const int width, block, blocks;
  const int slices, splits;
  const int together;  // blocks of a chunk
  const int64_t inputStep, kernelStep, productStep;
};

template <class Products>
Range sources_of(const Filtering& f, int slice) {
  constexpr int kFactors = kSlice * Products::kFactors;
  return Range{slice * kFactors, min((slice + 1) * kFactors, f.sources())};
}
Range targets_of(const Filtering& f, int split) { return Range{split * kTaskTargets, min((split + 1) * kTaskTargets, f.targets)}; }

template <class Products>
void transform_slice(const Filtering& f, const WideCut& cut, Range targets, Range sources, float* u) {
  for (int k = targets.begin; k < targets.end; k += kTargets, u += kSlice * kTargets) {
    float* to = u;
    for (int c = sources.begin; c < sources.end; c += kKernelSteps * Products::kFactors, to += kLanes) {
      transform_kernels<Products>(f, k, c, to, cut.kernelStep);
    }
  }
}

// m (+)= the products of one slice.
template <class Products, int Blocks, int Width>
void multiply_slice(const WideCut& cut, int tiles, int targets, int steps, const float* v, const float* u, float* m, bool add) {
  constexpr int64_t kBlockStep = kSlice * kTargets;
  const int64_t targetStep = static_cast<int64_t>(cut.block) * kLanes;
  const int blocks = ceil_div(targets, kTargets);
  for (int p = 0; p < kPositions; p++, v += cut.inputStep, u += cut.kernelStep, m += cut.productStep) {
    for (int t = 0; t < tiles; t += Width) {
      const float* x = v + static_cast<int64_t>(t) * steps * kLanes;
      float* to = m + t * kLanes;
      int b = 0;
      for (; b + Blocks <= blocks; b += Blocks) {
        multiply_block<Products, Blocks, Width>(x, u + b * kBlockStep, kBlockStep, steps, to + b * kTargets * targetStep,
                                                targetStep, add);
      }
      for (; b < blocks; b++) {
        multiply_block<Products, 1, Width>(x, u + b * kBlockStep, kBlockStep, steps, to + b * kTargets * targetStep,
                                           targetStep, add);
      }
    }
  }
}

// From here on the transformed tiles of a task leave the second-level cache, and there are targets enough to share those
// of all tasks: measured from 64 to 512 channels.
constexpr int kWideChannels = 128;

bool is_wide(const Filtering& f) { return min(f.sources(), f.targets) >= kWideChannels; }

template <class Products>
void filter_wide(ThreadPool& pool, const Filtering& f) {
  const WideCut cut(f, ceil_div(f.sources(), Products::kFactors));
  // Kernels that meet one block of tiles alone are transformed where they are used.
  const bool once = cut.blocks == 1;
  const int64_t inputFloats = cut.together * cut.slices * cut.input_floats();
  const int64_t kernelFloats = once ? 0 : cut.splits * cut.slices * cut.kernel_floats();
  float* inputs = static_cast<float*>(pool.shared_scratch(static_cast<size_t>(inputFloats + kernelFloats) * sizeof(float)));
  float* kernels = inputs + inputFloats;
  const size_t workerBytes = static_cast<size_t>(cut.product_floats() + (once ? cut.kernel_floats() : 0)) * sizeof(float);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, workerBytes);
  if (!once) {
    parallel(pool, cut.splits * cut.slices, [&](int task, int) {
      transform_slice<Products>(f, cut, targets_of(f, task / cut.slices), sources_of<Products>(f, task % cut.slices),
                                kernels + task * cut.kernel_floats());
    });
  }
  for (int first = 0; first < cut.blocks; first += cut.together) {
    const int blocks = min(cut.together, cut.blocks - first);
    parallel(pool, blocks * cut.slices, [&](int task, int) {
      const Tiles tiles(f, cut, (first + task / cut.slices) * cut.block, cut.block);
      transform_inputs<Products>(f, tiles, sources_of<Products>(f, task % cut.slices), cut.width,
                                 inputs + task * cut.input_floats(), cut.inputStep);
    });
    parallel(pool, blocks * cut.splits, [&](int task, int worker) {
      const int block = task / cut.splits, split = task % cut.splits;
      const Tiles tiles(f, cut, (first + block) * cut.block, cut.block);
      const Range targets = targets_of(f, split);
      float* m = static_cast<float*>(pool.scratch(worker, workerBytes));
      for (int slice = 0; slice < cut.slices; slice++) {
        const Range sources = sources_of<Products>(f, slice);
        float* u = once ? m + cut.product_floats() : kernels + (split * cut.slices + slice) * cut.kernel_floats();
        if (once) transform_slice<Products>(f, cut, targets, sources, u);
        const float* v = inputs + (block * cut.slices + slice) * cut.input_floats();
        const int targetCount = targets.end - targets.begin, steps = ceil_div(sources.end - sources.begin, Products::kFactors);
        if (cut.width == kWide) {
          multiply_slice<Products, 1, kWide>(cut, tiles.count, targetCount, steps, v, u, m, slice > 0);
        } else {
          multiply_slice<Products, kManyRegisters ? 2 : 1, 2>(cut, tiles.count, targetCount, steps, v, u, m, slice > 0);
        }
      }
      transform_outputs(f, targets, tiles, m, cut.productStep, static_cast<int64_t>(cut.block) * kLanes);
    });
  }
}

}  // namespace
}  // namespace gradus::GRADUS_TIER_NAMESPACE