// The gradient of 3x3 kernels of many input channels by F(3x3, 4x4), with those channels in the lanes: at each of the 36
// positions it is a matrix product whose sums run over tiles and images.
#pragma once
#include "plan.h"
#include "vector.h"
#include "weight_products.h"
#include "winograd_products.h"
#include "winograd_tiles.h"
#include "winograd_transform.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

constexpr int kChunkTiles = 8;
constexpr int kTogether = 2;  // tiles of one sum in registers

// How the work is cut: chunks of tiles, one after the other, each transformed by all threads and then multiplied by all.
// Transformed inputs are V [channel block][36][tile][step][channel of the block], gradients
// G [filter block][36][filter of the block][tile][step]. The chunks depend on the spec alone: they decide the order of a sum.
template <class Products>
struct WideGradientCut {
  static constexpr int kSteps = kLanes / Products::kFactors;  // of the products of a tile

  explicit WideGradientCut(const Geometry& g)
      : down(ceil_div(g.outH, kTile)),
        across(ceil_div(g.outW, kTile)),
        tiles(g.imageGroups * down * across),
        block(min(kChunkTiles, tiles)),
        channelBlocks(ceil_div(g.c, kProductChannels)),
        filterBlocks(ceil_div(g.k, kProductFilters)),
        splits(min(filterBlocks, max(1, ceil_div(kWantedTasks, channelBlocks)))) {}

  // From position to position an odd number of vectors, so that the same place of every one does not compete for a cache set.
  int64_t channel_step() const { return (static_cast<int64_t>(block) * kProductVectors * kSteps | 1) * kLanes; }
  int64_t filter_step() const { return (static_cast<int64_t>(block) * kProductFilters * kSteps / kLanes | 1) * kLanes; }
  int64_t channel_floats() const { return kPositions * channel_step(); }
  int64_t filter_floats() const { return kPositions * filter_step(); }

  const int down, across, tiles, block;
  const int channelBlocks, filterBlocks;
  const int splits;  // of the filters of a channel block
};

// A tensor's channels from `first` on, at most `most`.
template <int Size>
TileSource channels_from(const TileSource& whole, int first, int most, SourceTile<Size>& tile) {
  TileSource some = whole;
  some.channels = min(most, whole.channels - first);
  tile.first += first * whole.channel_floats();
  return some;
}

struct Place {
  int group, row, column;

  template <class Products>
  Place(const WideGradientCut<Products>& cut, int tile) {
    const int inGroup = cut.down * cut.across, place = tile % inGroup;
    group = tile / inGroup;
    row = place / cut.across * kTile;
    column = place % cut.across * kTile;
  }
};

// v: the channel block's.
template <class Products>
void transform_channels(const Geometry& g, const WideGradientCut<Products>& cut, Input x, int channelBlock, Range tiles, float* v) {
  const TileSource source{x, nullptr, g.c, g.h, g.w};
  alignas(64) float transformed[kPositions * kLanes * kLanes];
  const int64_t positionStep = cut.channel_step();
  for (int t = tiles.begin; t < tiles.end; t++, v += cut.kSteps * kProductChannels) {
    const Place place(cut, t);
    for (int vector = 0; vector < kProductVectors; vector++) {
      const int first = channelBlock * kProductChannels + vector * kLanes;
      int channels = 0;
      if (first < g.c) {
        auto tile = SourceTile<kPoints>::at(source, place.group, place.row - g.padTop, place.column - g.padLeft);
        const TileSource some = channels_from(source, first, kLanes, tile);
        channels = some.channels;
        for_tiles<kPoints, Products::kPacks>(some, &tile, 1, [&](int, int c, const auto& pixels) {
          transform<kPoints>(pixels, transformed + c * kLanes, kLanes * kLanes);
        });
      }
      for (int p = 0; p < kPositions; p += Products::kFactors) {
        const float* from = transformed + p * kLanes * kLanes;
        Vector lanes[kLanes];
#pragma GCC unroll 16
        for (int c = 0; c < kLanes; c++) lanes[c] = c < channels ? Products::lanes(from + c * kLanes, kLanes * kLanes) : zero();
        transpose(lanes);
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; i++) {
          const int position = p + i / cut.kSteps, step = i % cut.kSteps;
          store(v + position * positionStep + (step * kProductVectors + vector) * kLanes, lanes[i]);
        }
      }
    }
  }
}

// to: the filter block's.
template <class Products>
void transform_wide_gradients(const Geometry& g, const WideGradientCut<Products>& cut, const float* y, const float* dy,
                              int filterBlock, Range tiles, float* to) {
  const TileSource source{dy, y, g.k, g.outH, g.outW};
  const int64_t filterStep = static_cast<int64_t>(cut.block) * cut.kSteps, positionStep = cut.filter_step();
  for (int t = tiles.begin; t < tiles.end; t++, to += cut.kSteps) {
    const Place place(cut, t);
    auto tile = SourceTile<kTile>::at(source, place.group, place.row, place.column);
    const TileSource some = channels_from(source, filterBlock * kProductFilters, kProductFilters, tile);
    for_tiles<kTile, false>(some, &tile, 1, [&](int, int k, const auto& pixels) {
      Products::template transform_lanes<kTile>(pixels, to + k * filterStep, positionStep);
    });
    for (int k = some.channels; k < kProductFilters; k++) {
      for (int p = 0; p < kPositions; p++) {
        for (int i = 0; i < cut.kSteps; i++) to[k * filterStep + p * positionStep + i] = 0;
      }
    }
  }
}

// The gradient of one block of weights, from one chunk of tiles.
template <class Products>
void multiply(const Geometry& g, const WideGradientCut<Products>& cut, int tiles, const float* v, const float* gradients,
              int channelBlock, int filterBlock, bool add, float* dw) {
  constexpr int kSteps = WideGradientCut<Products>::kSteps;
  alignas(64) float sums[kPositions * kProductSums * kLanes];
  const int64_t filterStep = static_cast<int64_t>(cut.block) * cut.kSteps;
  for (int p = 0; p < kPositions; p++, v += cut.channel_step(), gradients += cut.filter_step()) {
    float* to = sums + p * kProductSums * kLanes;
    // Short sums of short sums round less than one long one.
    for (int t = 0; t < tiles; t += kTogether) {
      ProductSums sum;
      clear(sum);
      add_products<Products, kSteps>(min(kTogether, tiles - t), gradients + t * kSteps, filterStep,
                                     v + t * kSteps * kProductChannels, kSteps * kProductChannels, sum);
#pragma GCC unroll 16
      for (int i = 0; i < kProductSums; i++) {
        const Vector mine = sum[i / kProductVectors][i % kProductVectors];
        store(to + i * kLanes, t == 0 ? mine : load(to + i * kLanes) + mine);
      }
    }
  }
  for (int i = 0; i < kProductSums; i++) {
    const int filter = filterBlock * kProductFilters + i / kProductVectors;
    const int channel = channelBlock * kProductChannels + i % kProductVectors * kLanes;
    if (filter >= g.k || channel >= g.c) continue;
    Vector taps[3][3];
    transform_output(sums + i * kLanes, kProductSums * kLanes, taps);
    put_taps(&taps[0][0], 9, min(kLanes, g.c - channel), add, dw + (static_cast<int64_t>(filter) * g.c + channel) * 9);
  }
}

template <class Products>
void weights_wide(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy,
                                  float* dw, float beta) {
  const Geometry g(spec);
  const WideGradientCut<Products> cut(g);
  const int64_t channelFloats = cut.channelBlocks * cut.channel_floats();
  float* v = static_cast<float*>(
      pool.shared_scratch(static_cast<size_t>(channelFloats + cut.filterBlocks * cut.filter_floats()) * sizeof(float)));
  float* gradients = v + channelFloats;
  for (int first = 0; first < cut.tiles; first += cut.block) {
    const Range tiles{first, min(first + cut.block, cut.tiles)};
    parallel(pool, cut.channelBlocks + cut.filterBlocks, [&](int task, int) {
      if (task < cut.channelBlocks) {
        transform_channels(g, cut, x, task, tiles, v + task * cut.channel_floats());
      } else {
        const int block = task - cut.channelBlocks;
        transform_wide_gradients(g, cut, y, dy, block, tiles, gradients + block * cut.filter_floats());
      }
    });
    parallel(pool, cut.channelBlocks * cut.splits, [&](int task, int) {
      const int channelBlock = task / cut.splits;
      const Range blocks = part(cut.filterBlocks, task % cut.splits, cut.splits);
      for (int block = blocks.begin; block < blocks.end; block++) {
        multiply(g, cut, tiles.end - tiles.begin, v + channelBlock * cut.channel_floats(),
                 gradients + block * cut.filter_floats(), channelBlock, block, first > 0 || beta != 0, dw);
      }
    });
  }
}

}  // namespace
}  // namespace gradus::GRADUS_TIER_NAMESPACE
