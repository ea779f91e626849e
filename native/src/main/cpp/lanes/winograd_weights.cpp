// The gradient of a 3x3 kernel by F(3x3, 4x4): the kernel's nine taps are the outputs of filtering 6x6 pixels of the
// input with 4x4 pixels of the output's gradient, 36 multiplications for 144.
#include "plan.h"
#include "vector.h"
#include "winograd.h"
#include "winograd_tiles.h"
#include "winograd_transform.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// A register block: kLanes pairs of a filter and an input, so that summing over the lanes leaves one vector.
constexpr int kInputs = 4, kFilters = kLanes / kInputs;
constexpr int kMostTiles = 8;

// From here on transposing the inputs costs less than summing over lanes: measured from 16 to 512 channels.
constexpr int kWideChannels = 64;

// How the work is cut: tasks are chunks of blocks of tiles times ranges of filters. A task's transformed inputs are
// V [36][c / kInputs][tile][kInputs], gradients G [36][k / kFilters][tile][kFilters]; the sums of a chunk are
// S [36][k / kFilters][c / kInputs][kLanes]. Chunks depend on the spec alone, for they decide the order of a sum.
struct GradientCut {
  explicit GradientCut(const Geometry& g)
      : down(ceil_div(g.outH, kTile)),
        across(ceil_div(g.outW, kTile)),
        tiles(g.imageGroups * down * across),
        block(min(kMostTiles, tiles)),
        blocks(ceil_div(tiles, block)),
        filterBlocks(ceil_div(g.k, kFilters)),
        inputBlocks(ceil_div(g.c, kInputs)),
        sumFloats(static_cast<int64_t>(kPositions) * filterBlocks * inputBlocks * kLanes),
        chunks(max(1, min(min(blocks, kWantedTasks), static_cast<int>(min64(kWantedTasks, kMostSums / sumFloats))))),
        splits(max(1, min(kWantedTasks / chunks, g.k / 32))),
        inputStep((static_cast<int64_t>(inputBlocks) * kInputs * block | 1) * kLanes),
        gradientStep((static_cast<int64_t>(ceil_div(filterBlocks, splits)) * kFilters * block | 1) * kLanes) {}

  size_t worker_bytes() const { return static_cast<size_t>(kPositions * (inputStep + gradientStep)) * sizeof(float); }

  const int down, across, tiles, block, blocks;
  const int filterBlocks, inputBlocks;
  const int64_t sumFloats;
  const int chunks, splits;
  const int64_t inputStep, gradientStep;

 private:
  static constexpr int64_t kMostSums = int64_t{8} << 20;  // floats
};

// sums += the products of G and V of one register block, summed over tiles and lanes.
GRADUS_INLINE void multiply_block(const float* gradients, const float* inputs, int tiles, float* sums, bool add) {
  Vector sum[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) sum[i] = zero();
  for (int t = 0; t < tiles; t++, gradients += kFilters * kLanes, inputs += kInputs * kLanes) {
    Vector x[kInputs];
#pragma GCC unroll 4
    for (int c = 0; c < kInputs; c++) x[c] = load_once(inputs + c * kLanes);
#pragma GCC unroll 4
    for (int k = 0; k < kFilters; k++) {
      const Vector g = load_once(gradients + k * kLanes);
#pragma GCC unroll 4
      for (int c = 0; c < kInputs; c++) sum[k * kInputs + c] += g * x[c];
    }
  }
  const Vector total = sum_lanes(sum);
  store(sums, add ? load(sums) + total : total);
}

// Puts zeros where a block of `width` channels goes beyond `channels`.
GRADUS_INLINE void clear_beyond(int channels, int width, int tiles, float* v, int64_t step) {
  for (int c = channels; c % width != 0; c++) {
    for (int t = 0; t < tiles; t++) {
      float* to = v + ((static_cast<int64_t>(c / width) * tiles + t) * width + c % width) * kLanes;
      for (int p = 0; p < kPositions; p++) store(to + p * step, zero());
    }
  }
}

// Adds the sums of one block of tiles for some filter blocks to those of its chunk.
void add_tiles(const Geometry& g, const GradientCut& cut, const float* x, const float* y, const float* dy, int firstTile,
               Range filterBlocks, float* scratch, float* sums, bool add) {
  float *inputs = scratch, *gradients = scratch + kPositions * cut.inputStep;
  const int tiles = min(cut.block, cut.tiles - firstTile), inGroup = cut.down * cut.across;
  const int firstFilter = filterBlocks.begin * kFilters;
  const int filters = min(g.k, filterBlocks.end * kFilters) - firstFilter;
  const int64_t firstPixel = static_cast<int64_t>(firstFilter) * g.outH * g.outW * kLanes;
  const TileSource xSource{x, nullptr, g.c, g.h, g.w};
  SourceTile<kPoints> xTiles[kMostTiles];
  SourceTile<kTile> dyTiles[kMostTiles];
  TileSource dySource{dy, y, g.k, g.outH, g.outW};
  for (int t = 0; t < tiles; t++) {
    const int group = (firstTile + t) / inGroup, place = (firstTile + t) % inGroup;
    const int row = place / cut.across * kTile, column = place % cut.across * kTile;
    xTiles[t] = SourceTile<kPoints>::at(xSource, group, row - g.padTop, column - g.padLeft);
    dyTiles[t] = SourceTile<kTile>::at(dySource, group, row, column);
    dyTiles[t].first += firstPixel;
  }
  dySource.channels = filters;
  for_tiles(xSource, xTiles, tiles, [&](int t, int c, const float* pixels, int64_t rowStep) {
    transform<kPoints>(pixels, rowStep,
                       inputs + ((static_cast<int64_t>(c / kInputs) * tiles + t) * kInputs + c % kInputs) * kLanes, cut.inputStep);
  });
  clear_beyond(g.c, kInputs, tiles, inputs, cut.inputStep);
  for_tiles(dySource, dyTiles, tiles, [&](int t, int k, const float* pixels, int64_t rowStep) {
    transform<kTile>(pixels, rowStep,
                     gradients + ((static_cast<int64_t>(k / kFilters) * tiles + t) * kFilters + k % kFilters) * kLanes,
                       cut.gradientStep);
  });
  clear_beyond(filters, kFilters, tiles, gradients, cut.gradientStep);
  for (int p = 0; p < kPositions; p++, inputs += cut.inputStep, gradients += cut.gradientStep) {
    for (int k = filterBlocks.begin; k < filterBlocks.end; k++) {
      float* to = sums + ((static_cast<int64_t>(p) * cut.filterBlocks + k) * cut.inputBlocks) * kLanes;
      const float* from = gradients + static_cast<int64_t>(k - filterBlocks.begin) * tiles * kFilters * kLanes;
      for (int c = 0; c < cut.inputBlocks; c++) {
        multiply_block(from, inputs + static_cast<int64_t>(c) * tiles * kInputs * kLanes, tiles, to + c * kLanes, add);
      }
    }
  }
}

// dw = beta dw + the chunks' sums, in their order, taken back from positions to taps.
void finish(ThreadPool& pool, const Geometry& g, const GradientCut& cut, float* sums, float* dw, bool accumulate) {
  parallel(pool, cut.filterBlocks, [&](int k, int) {
    const int64_t positionFloats = static_cast<int64_t>(cut.filterBlocks) * cut.inputBlocks * kLanes;
    for (int c = 0; c < cut.inputBlocks; c++) {
      float* own = sums + (static_cast<int64_t>(k) * cut.inputBlocks + c) * kLanes;
      alignas(64) float totals[kPositions * kLanes];
      for (int p = 0; p < kPositions; p++) {
        Vector total = load(own + p * positionFloats);
        for (int chunk = 1; chunk < cut.chunks; chunk++) total += load(own + chunk * cut.sumFloats + p * positionFloats);
        store(totals + p * kLanes, total);
      }
      Vector taps[3][3];
      transform_output(totals, kLanes, taps);
      for (int tap = 0; tap < 9; tap++) {
        for (int lane = 0; lane < kLanes; lane++) {
          const int filter = k * kFilters + lane / kInputs, input = c * kInputs + lane % kInputs;
          if (filter >= g.k || input >= g.c) continue;
          float* to = dw + (static_cast<int64_t>(filter) * g.c + input) * 9 + tap;
          *to = (accumulate ? *to : 0) + taps[tap / 3][tap % 3][lane];
        }
      }
    }
  });
}

}  // namespace

void winograd_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy, float* dw,
                             float beta) {
  if (spec.c >= kWideChannels) {
    winograd_conv2d_weights_wide(pool, spec, x, y, dy, dw, beta);
    return;
  }
  const Geometry g(spec);
  const GradientCut cut(g);
  float* sums = static_cast<float*>(pool.shared_scratch(static_cast<size_t>(cut.chunks * cut.sumFloats) * sizeof(float)));
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, cut.worker_bytes());
  parallel(pool, cut.chunks * cut.splits, [&](int task, int worker) {
    const int chunk = task / cut.splits;
    const Range blocks = part(cut.blocks, chunk, cut.chunks);
    const Range filters = part(cut.filterBlocks, task % cut.splits, cut.splits);
    for (int b = blocks.begin; b < blocks.end; b++) {
      add_tiles(g, cut, x, y, dy, b * cut.block, filters, static_cast<float*>(pool.scratch(worker, cut.worker_bytes())),
                sums + chunk * cut.sumFloats, b > blocks.begin);
    }
  });
  finish(pool, g, cut, sums, dw, beta != 0);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
