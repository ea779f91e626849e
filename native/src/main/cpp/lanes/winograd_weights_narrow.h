// The gradient of a 3x3 kernel by F(3x3, 4x4): the kernel's nine taps are the outputs of filtering 6x6 pixels of the
// input with 4x4 pixels of the output's gradient, 36 multiplications for 144. At each of the 36 positions it is a matrix product
// whose sums run over tiles and images. Filters are in the lanes, so that no sum runs over lanes: a tile's gradients are
// transposed to that end before they are transformed, when they are 16 pixels and not yet 36 positions.
#pragma once
#include "plan.h"
#include "vector.h"
#include "weight_products.h"
#include "winograd_products.h"
#include "winograd_tiles.h"
#include "winograd_transform.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

constexpr int kMostTogether = 8;  // tiles
constexpr int kGradientPixels = kTile * kTile;

// Whether there are more sums than stay in the second-level cache.
GRADUS_INLINE bool has_many_sums(const Conv2dSpec& s) { return static_cast<int64_t>(s.c) * s.k > 8192; }

// How the work is cut: tasks are chunks of tiles times ranges of filters. A task takes a few tiles at a time. Their inputs are
// V [36][channel block][tile][channel of the block][step], their gradients G [36][filter block][tile][step][filter of the
// block], and the sums of all its tiles S [36][channel][filter]; of those it leaves the taps, P [channel][vector of
// filters][9][filter]. Chunks depend on the spec alone, for they decide the order of a sum; ranges of filters do not, and may
// depend on the threads.
template <class Products>
struct NarrowGradientCut {
  static constexpr int kSteps = kLanes / Products::kFactors;  // of the products of a tile

  NarrowGradientCut(const Geometry& g, int threads)
      : down(ceil_div(g.outH, kTile)),
        across(ceil_div(g.outW, kTile)),
        tiles(g.imageGroups * down * across),
        channels(static_cast<int>(round_up(g.c, kProductFilters))),
        vectors(ceil_div(g.k, kLanes)),
        together(together_of(channels + vectors * kLanes, tiles)),
        chunks(max(1, min(kWantedTasks, tiles / kFewestTiles))),
        splits(min(ceil_div(vectors, kProductVectors), ceil_div(2 * threads, chunks))),
        inputStep((static_cast<int64_t>(channels) * together * kSteps / kLanes | 1) * kLanes) {}

  int64_t gradient_step(int vectors) const { return (static_cast<int64_t>(vectors) * kSteps * together | 1) * kLanes; }
  int64_t sum_step(int vectors) const { return (static_cast<int64_t>(vectors) * channels | 1) * kLanes; }
  int64_t tap_floats() const { return static_cast<int64_t>(channels) * vectors * 9 * kLanes; }
  int64_t input_at(int channel, int tile) const {
    return ((static_cast<int64_t>(channel / kProductFilters) * together + tile) * kProductFilters + channel % kProductFilters) *
           kSteps;
  }
  // Filters of one task, in vectors.
  Range vectors_of(int split) const {
    const Range blocks = part(ceil_div(vectors, kProductVectors), split, splits);
    return Range{blocks.begin * kProductVectors, min(blocks.end * kProductVectors, vectors)};
  }
  size_t worker_bytes() const {
    const int most = min(vectors, ceil_div(ceil_div(vectors, kProductVectors), splits) * kProductVectors);
    return static_cast<size_t>(kPositions * (inputStep + gradient_step(most) + sum_step(most))) * sizeof(float);
  }

  const int down, across, tiles;
  const int channels;  // of the input, in whole register blocks
  const int vectors;   // of filters
  const int together;  // tiles
  const int chunks, splits;
  const int64_t inputStep;  // from position to position

 private:
  static constexpr int kFewestTiles = 4;

  static int together_of(int width, int tiles) {
    constexpr int64_t kCacheBytes = 400 * 1024;
    const int64_t fitting = kCacheBytes / (int64_t{kPositions} * width * kSteps * 4);
    return static_cast<int>(max64(1, min64(min(kMostTogether / 2 * Products::kFactors, tiles), fitting)));
  }
};

// Some tiles, of both tensors.
struct GradientTiles {
  template <class Products>
  GradientTiles(const Geometry& g, const NarrowGradientCut<Products>& cut, const TileSource& xSource, const TileSource& dySource,
                Range tiles)
      : count(max(0, tiles.end - tiles.begin)) {
    const int inGroup = cut.down * cut.across;
    for (int t = 0; t < count; t++) {
      const int group = (tiles.begin + t) / inGroup, place = (tiles.begin + t) % inGroup;
      const int row = place / cut.across * kTile, column = place % cut.across * kTile;
      x[t] = SourceTile<kPoints>::at(xSource, group, row - g.padTop, column - g.padLeft);
      dy[t] = SourceTile<kTile>::at(dySource, group, row, column);
    }
  }

  const int count;
  SourceTile<kPoints> x[kMostTogether];
  SourceTile<kTile> dy[kMostTogether];
};

// The gradients of up to kLanes filters, from `filter` on, in one tile: [image][pixel][filter]. Asks for those of the next tile.
void transpose_gradients(const TileSource& dy, const SourceTile<kTile>& tile, const SourceTile<kTile>& next, int filter,
                         float* pixels) {
  const int filters = min(kLanes, dy.channels - filter);
  const int64_t channel = dy.channel_floats();
  for (int i = 0; i < kTile; i++) {
    for (int j = 0; j < kTile; j++) {
      float* to = pixels + (i * kTile + j) * kLanes;
      const bool present = i < tile.rows.end && j < tile.columns.end;
      const int64_t at = tile.first + filter * channel + i * dy.row_floats() + j * kLanes;
      Vector lanes[kLanes];
      if (i < next.rows.end && j < next.columns.end) {
        const float* soon = dy.input.as<float>() + next.first + filter * channel + i * dy.row_floats() + j * kLanes;
        for (int k = 0; k < filters; k++) __builtin_prefetch(soon + k * channel);
      }
      if (present && dy.mask == nullptr && filters == kLanes) {
#pragma GCC unroll 16
        for (int k = 0; k < kLanes; k++) lanes[k] = load(dy.input.as<float>() + at + k * channel);
      } else {
#pragma GCC unroll 16
        for (int k = 0; k < kLanes; k++) {
          lanes[k] = zero();
          if (!present || k >= filters) continue;
          const Vector value = load(dy.input.as<float>() + at + k * channel);
          lanes[k] = dy.mask == nullptr || load(dy.mask + at + k * channel) > zero() ? value : zero();
        }
      }
      transpose(lanes);
#pragma GCC unroll 16
      for (int image = 0; image < kLanes; image++) store(to + image * kGradientPixels * kLanes, lanes[image]);
    }
  }
}

template <class Products>
void transform_gradients(const NarrowGradientCut<Products>& cut, const TileSource& dy, const GradientTiles& tiles, Range vectors,
                         float* gradients) {
  alignas(64) float pixels[kLanes * kGradientPixels * kLanes];
  const int64_t positionStep = cut.gradient_step(vectors.end - vectors.begin);
  for (int t = 0; t < tiles.count; t++) {
    for (int vector = vectors.begin; vector < vectors.end; vector++) {
      transpose_gradients(dy, tiles.dy[t], tiles.dy[min(t + 1, tiles.count - 1)], vector * kLanes, pixels);
      const int at = vector - vectors.begin, block = at / kProductVectors * kProductVectors;
      const int width = min(kProductVectors, vectors.end - vectors.begin - block);
      const int64_t first = static_cast<int64_t>(block) * cut.together * cut.kSteps;
      float* to = gradients + (first + t * cut.kSteps * width + at - block) * kLanes;
      for (int image = 0; image < kLanes; image++) {
        const float* own = pixels + image * kGradientPixels * kLanes;
        const auto pixel = [&](int i, int j) __attribute__((always_inline)) { return load(own + (i * kTile + j) * kLanes); };
        Products::template transform_factor<kTile>(pixel, image, to + image / Products::kFactors * width * kLanes, positionStep);
      }
    }
  }
}

template <class Products>
void transform_inputs(const NarrowGradientCut<Products>& cut, const TileSource& x, const GradientTiles& tiles, float* inputs) {
  for_tiles<kPoints, Products::kPacks>(x, tiles.x, tiles.count, [&](int t, int c, const auto& pixels) {
    Products::template transform_lanes<kPoints>(pixels, inputs + cut.input_at(c, t), cut.inputStep);
  });
  for (int c = x.channels; c < cut.channels; c++) {
    for (int t = 0; t < tiles.count; t++) {
      for (int p = 0; p < kPositions; p++) {
        for (int i = 0; i < cut.kSteps; i++) inputs[p * cut.inputStep + cut.input_at(c, t) + i] = 0;
      }
    }
  }
}

// sums [channel][filter] (+)= the products of some channel blocks, blockStep apart, and Vectors vectors of filters.
template <class Products, int Blocks, int Vectors>
GRADUS_INLINE void multiply_gradients(int tiles, const float* inputs, int64_t blockStep, const float* gradients, float* sums,
                                  int64_t sumStep, bool add) {
  constexpr int kChannels = Blocks * kProductFilters, kSteps = kLanes / Products::kFactors;
  Vector sum[kChannels][Vectors];
#pragma GCC unroll 16
  for (int c = 0; c < kChannels; c++)
#pragma GCC unroll 2
    for (int k = 0; k < Vectors; k++) sum[c][k] = zero();
  for (int t = 0; t < tiles; t++, inputs += kProductFilters * kSteps) {
#pragma GCC unroll 2
    for (int step = 0; step < kSteps; step++, gradients += Vectors * kLanes) {
      Vector gradient[Vectors];
#pragma GCC unroll 2
      for (int k = 0; k < Vectors; k++) gradient[k] = load_once(gradients + k * kLanes);
#pragma GCC unroll 16
      for (int c = 0; c < kChannels; c++) {
        const Vector x = broadcast(inputs[c / kProductFilters * blockStep + c % kProductFilters * kSteps + step]);
#pragma GCC unroll 2
        for (int k = 0; k < Vectors; k++) sum[c][k] = Products::add(sum[c][k], x, gradient[k]);
      }
    }
  }
#pragma GCC unroll 16
  for (int c = 0; c < kChannels; c++)
#pragma GCC unroll 2
    for (int k = 0; k < Vectors; k++) {
      float* to = sums + c * sumStep + k * kLanes;
      store(to, add ? load(to) + sum[c][k] : sum[c][k]);
    }
}

// sums (+)= the products of some tiles.
template <class Products>
void multiply(const NarrowGradientCut<Products>& cut, int tiles, int vectors, const float* inputs, const float* gradients,
              float* sums, bool add) {
  const int blocks = cut.channels / kProductFilters;
  const int64_t blockStep = static_cast<int64_t>(cut.together) * kProductFilters * cut.kSteps;
  const int64_t sumStep = static_cast<int64_t>(vectors) * kLanes, blockSums = kProductFilters * sumStep;
  const int64_t gradientStep = cut.gradient_step(vectors), positionSums = cut.sum_step(vectors);
  for (int p = 0; p < kPositions; p++, inputs += cut.inputStep, gradients += gradientStep, sums += positionSums) {
    for (int k = 0; k < vectors; k += kProductVectors) {
      const float* from = gradients + static_cast<int64_t>(k) * cut.together * cut.kSteps * kLanes;
      float* to = sums + static_cast<int64_t>(k) * kLanes;
      int c = 0;
      if (k + kProductVectors <= vectors) {
        for (; c < blocks; c++) {
          multiply_gradients<Products, 1, kProductVectors>(tiles, inputs + c * blockStep, blockStep, from, to + c * blockSums,
                                                           sumStep, add);
        }
        continue;
      }
      for (; c + 2 <= blocks; c += 2) {
        multiply_gradients<Products, 2, 1>(tiles, inputs + c * blockStep, blockStep, from, to + c * blockSums, sumStep, add);
      }
      if (c < blocks) {
        multiply_gradients<Products, 1, 1>(tiles, inputs + c * blockStep, blockStep, from, to + c * blockSums, sumStep, add);
      }
    }
  }
}

template <class Products>
void leave_taps(const NarrowGradientCut<Products>& cut, Range vectors, const float* sums, float* taps) {
  const int count = vectors.end - vectors.begin;
  const int64_t positionStep = cut.sum_step(count);
  for (int c = 0; c < cut.channels; c++) {
    for (int k = 0; k < count; k++) {
      Vector y[3][3];
      transform_output(sums + (static_cast<int64_t>(c) * count + k) * kLanes, positionStep, y);
      float* to = taps + (static_cast<int64_t>(c) * cut.vectors + vectors.begin + k) * 9 * kLanes;
      for (int tap = 0; tap < 9; tap++) store(to + tap * kLanes, y[tap / 3][tap % 3]);
    }
  }
}

// dw = beta dw + the chunks' taps, in their order.
template <class Products>
void add_chunks(ThreadPool& pool, const Geometry& g, const NarrowGradientCut<Products>& cut, const float* taps, float* dw,
                bool accumulate) {
  constexpr int kChannels = 4;  // of a task
  parallel(pool, ceil_div(g.c, kChannels), [&](int task, int) {
    for (int c = task * kChannels; c < min(g.c, (task + 1) * kChannels); c++) {
      for (int k = 0; k < cut.vectors; k++) {
        const float* own = taps + (static_cast<int64_t>(c) * cut.vectors + k) * 9 * kLanes;
        alignas(64) float total[9 * kLanes];
        for (int tap = 0; tap < 9; tap++) {
          Vector sum = load(own + tap * kLanes);
          for (int chunk = 1; chunk < cut.chunks; chunk++) sum += load(own + chunk * cut.tap_floats() + tap * kLanes);
          store(total + tap * kLanes, sum);
        }
        for (int lane = 0; lane < min(kLanes, g.k - k * kLanes); lane++) {
          float* to = dw + (static_cast<int64_t>(k * kLanes + lane) * g.c + c) * 9;
          for (int tap = 0; tap < 9; tap++) to[tap] = (accumulate ? to[tap] : 0) + total[tap * kLanes + lane];
        }
      }
    }
  });
}

template <class Products>
void weights_narrow(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy, float* dw,
                             float beta) {
  const Geometry g(spec);
  const NarrowGradientCut<Products> cut(g, pool.threads());
  const TileSource xSource{x, nullptr, g.c, g.h, g.w}, dySource{dy, y, g.k, g.outH, g.outW};
  float* taps = static_cast<float*>(pool.shared_scratch(static_cast<size_t>(cut.chunks * cut.tap_floats()) * sizeof(float)));
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, cut.worker_bytes());
  parallel(pool, cut.chunks * cut.splits, [&](int task, int worker) {
    const int chunk = task / cut.splits;
    const Range tiles = part(cut.tiles, chunk, cut.chunks), vectors = cut.vectors_of(task % cut.splits);
    float* inputs = static_cast<float*>(pool.scratch(worker, cut.worker_bytes()));
    float* gradients = inputs + kPositions * cut.inputStep;
    float* sums = gradients + kPositions * cut.gradient_step(vectors.end - vectors.begin);
    for (int t = tiles.begin; t < tiles.end; t += cut.together) {
      const GradientTiles some(g, cut, xSource, dySource, Range{t, min(t + cut.together, tiles.end)});
      transform_inputs(cut, xSource, some, inputs);
      transform_gradients(cut, dySource, some, vectors, gradients);
      multiply(cut, some.count, vectors.end - vectors.begin, inputs, gradients, sums, t > tiles.begin);
    }
    leave_taps(cut, vectors, sums, taps + chunk * cut.tap_floats());
  });
  add_chunks(pool, g, cut, taps, dw, beta != 0);
}

}  // namespace
}  // namespace gradus::GRADUS_TIER_NAMESPACE
