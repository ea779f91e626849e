// The gradient of the weights by the processor's tiles: a tile of sums is of 16 filters times 16 input channels, for one tap. A product
// adds up 16 pairs of images: those of two groups of images at one pixel or, where groups come in no pairs, those of one group at two
// pixels. Gradients are left factors, filters times pairs; inputs are right ones, pairs times channels.
#include "conv_tiles.h"

#if GRADUS_LANES == 16
#include "tile_products.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// to [channel][tap] (+)= from [tap][filter][channel] of one filter, four taps.
template <bool Add>
GRADUS_INLINE void put_four_taps(const float* from, int taps, int channels, float* to) {
  const Vector a = load(from), b = load(from + kTileFloats), c = load(from + 2 * kTileFloats), d = load(from + 3 * kTileFloats);
  const Ints low{0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29};
  const Ints lowPairs{0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29};
  const Vector ab = __builtin_shuffle(a, b, low), ab2 = __builtin_shuffle(a, b, low + 2);
  const Vector cd = __builtin_shuffle(c, d, low), cd2 = __builtin_shuffle(c, d, low + 2);
  // Four lanes from 4 i of vector j: the taps of channel 4 i + j.
  alignas(64) float all[4 * kLanes];
  store(all, __builtin_shuffle(ab, cd, lowPairs));
  store(all + kLanes, __builtin_shuffle(ab, cd, lowPairs + 2));
  store(all + 2 * kLanes, __builtin_shuffle(ab2, cd2, lowPairs));
  store(all + 3 * kLanes, __builtin_shuffle(ab2, cd2, lowPairs + 2));
  for (int i = 0; i < channels; i++, to += taps) {
    const __m128 values = _mm_load_ps(all + i % 4 * kLanes + i / 4 * 4);
    _mm_storeu_ps(to, Add ? _mm_loadu_ps(to) + values : values);
  }
}

template <bool Add>
void put_filter(const float* sums, int taps, int channels, float* to) {
  int tap = 0;
  for (; tap + 4 <= taps; tap += 4) put_four_taps<Add>(sums + static_cast<int64_t>(tap) * kTileFloats, taps, channels, to + tap);
  for (; tap < taps; tap++) {
    const float* from = sums + static_cast<int64_t>(tap) * kTileFloats;
    for (int i = 0; i < channels; i++) to[i * taps + tap] = Add ? to[i * taps + tap] + from[i] : from[i];
  }
}

// dw (+)= the sums of some filters of a block, with one block of channels.
void put_sums(const Geometry& g, const float* sums, int filterBlock, int channelBlock, Range filters, bool add, float* dw) {
  const int taps = g.r * g.s, channel = channelBlock * kLanes, channels = min(kLanes, g.c - channel);
  for (int f = filters.begin; f < min(filters.end, g.k - filterBlock * kTileRows); f++) {
    float* to = dw + (static_cast<int64_t>(filterBlock * kTileRows + f) * g.c + channel) * taps;
    if (add) {
      put_filter<true>(sums + f * kLanes, taps, channels, to);
    } else {
      put_filter<false>(sums + f * kLanes, taps, channels, to);
    }
  }
}

// So that they are there when the products are done.
void prefetch_weights(const Geometry& g, int filterBlock, int channelBlock, float* dw) {
  const int taps = g.r * g.s, channel = channelBlock * kLanes, floats = min(kLanes, g.c - channel) * taps;
  for (int f = 0; f < min(kTileRows, g.k - filterBlock * kTileRows); f++) {
    const float* at = dw + (static_cast<int64_t>(filterBlock * kTileRows + f) * g.c + channel) * taps;
    for (int i = 0; i < floats; i += kLanes) prefetch_to_write(at + i);
  }
}

// Few weights: every run of output rows is arranged in the scratch of one worker, a band of rows at a time, and has sums of its own.
struct Runs {
  Runs(const Geometry& g, const TileCut& cut)
      : rows(static_cast<int64_t>(cut.units) * g.outH),
        count(static_cast<int>(min64(min64(kWantedTasks, max64(2, kMostSums / cut.sum_floats())), max64(1, rows / shortest(g))))),
        bandRows(rows_of(g, cut)),
        places(cut.lines(g, bandRows)),
        rightFloats(places * cut.line_floats()),
        leftFloats(bandRows * cut.row_floats()) {}

  const int64_t rows;  // of all units, one after the other
  const int count;
  const int bandRows;
  const int places;                       // for lines
  const int64_t rightFloats, leftFloats;  // of a block

 private:
  static constexpr int64_t kMostSums = 1024 * 1024;  // floats, of all runs
  // The lines that two runs share are arranged twice: they should be no more than a quarter of those of a run.
  static int shortest(const Geometry& g) { return max(2, 4 * (g.r - 1) * g.dilationH / g.strideH); }
  // What is arranged of a band should leave room in the second-level cache.
  static int rows_of(const Geometry& g, const TileCut& cut) {
    const auto floats = [&](int rows) {
      return cut.channelBlocks * cut.lines(g, rows) * cut.line_floats() + cut.filterBlocks * rows * cut.row_floats();
    };
    int count = min(g.outH, 8);
    while (count > 1 && floats(count) > kBandFloats) count--;
    return count;
  }
  static constexpr int64_t kBandFloats = 768 * 1024 / 4;
};

void add_run(const Geometry& g, const TileCut& cut, const Runs& runs, int run, Input x, const float* y, Input dy,
             float* scratch, float* sums) {
  const TileShapes shapes(kLeft, kRight, kTilePairs);
  float *right = scratch, *left = scratch + cut.channelBlocks * runs.rightFloats;
  const Range all = part(static_cast<int>(runs.rows), run, runs.count);
  int ready = 0;  // lines of the unit
  for (int first = all.begin, end; first < all.end; first = end) {
    const int unit = first / g.outH, row = first % g.outH;
    end = min(all.end, first + min(runs.bandRows, g.outH - row));
    const Range rows{row, row + end - first};
    const int firstLine = cut.line(g, rows.begin, 0), lines = cut.line(g, rows.end - 1, g.r - 1) + 1;
    if (first == all.begin || row == 0) ready = firstLine;
    for (int block = 0; block < cut.channelBlocks; block++) {
      arrange_lines(g, cut, x, unit, block, Range{max(ready, firstLine), lines}, runs.places, right + block * runs.rightFloats);
    }
    ready = lines;
    for (int block = 0; block < cut.filterBlocks; block++) {
      arrange_gradients(g, cut, y, dy, unit, block, rows, left + block * runs.leftFloats);
    }
    float* target = sums;
    for (int k = 0; k < cut.filterBlocks; k++) {
      for (int c = 0; c < cut.channelBlocks; c++, target += static_cast<int64_t>(cut.taps) * kTileFloats) {
        multiply(g, cut, Arranged{left + k * runs.leftFloats, right + c * runs.rightFloats, rows, 1, 0, 0, runs.places},
                 first > all.begin, target);
      }
    }
  }
}

// dw (+)= the sums of all runs, in their order.
void add_runs(ThreadPool& pool, const Geometry& g, const TileCut& cut, int runs, float* sums, bool add, float* dw) {
  constexpr int kParts = 4;
  const int64_t runFloats = cut.sum_floats();
  parallel(pool, cut.filterBlocks * cut.channelBlocks * kParts, [&](int task, int) {
    const int block = task / kParts;
    const Range filters = part(kTileRows, task % kParts, kParts);
    float* total = sums + static_cast<int64_t>(block) * cut.taps * kTileFloats;
    for (int tap = 0; tap < cut.taps; tap++) {
      for (int f = filters.begin; f < filters.end; f++) {
        float* at = total + static_cast<int64_t>(tap) * kTileFloats + f * kLanes;
        Vector sum = load(at);
        for (int run = 1; run < runs; run++) sum += load(at + run * runFloats);
        store(at, sum);
      }
    }
    put_sums(g, total, block / cut.channelBlocks, block % cut.channelBlocks, filters, add, dw);
  });
}

void weights_by_runs(ThreadPool& pool, const Geometry& g, const TileCut& cut, Input x, const float* y, Input dy, float* dw,
                     bool add) {
  const Runs runs(g, cut);
  const size_t bytes =
      static_cast<size_t>(cut.channelBlocks * runs.rightFloats + cut.filterBlocks * runs.leftFloats) * sizeof(float);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, bytes);
  float* sums = static_cast<float*>(pool.shared_scratch(static_cast<size_t>(runs.count * cut.sum_floats()) * sizeof(float)));
  parallel(pool, runs.count, [&](int run, int worker) {
    add_run(g, cut, runs, run, x, y, dy, static_cast<float*>(pool.scratch(worker, bytes)), sums + run * cut.sum_floats());
  });
  add_runs(pool, g, cut, runs.count, sums, add, dw);
}

// Many weights: a chunk of units, or a band of rows of one, is arranged by all workers; then each multiplies blocks of weights.
struct Chunks {
  Chunks(const Geometry& g, const TileCut& cut)
      : bands(bands_of(g, cut)),
        bandRows(ceil_div(g.outH, bands)),
        together(static_cast<int>(bands > 1 ? 1 : max64(1, min64(cut.units, kMostFloats / unit_floats(g, cut, g.outH))))),
        count(ceil_div(cut.units, together) * bands),
        places(cut.lines(g, bandRows)),
        rightFloats(places * cut.line_floats()),
        leftFloats(bandRows * cut.row_floats()) {}

  // Should stay in the second-level cache.
  static constexpr int64_t kMostFloats = 3 * 512 * 1024 / 4;

  const int bands, bandRows;
  const int together;  // units of a chunk
  const int count;
  const int places;                       // for lines
  const int64_t rightFloats, leftFloats;  // of a block of a unit

 private:
  static int64_t unit_floats(const Geometry& g, const TileCut& cut, int rows) {
    return cut.channelBlocks * cut.lines(g, rows) * cut.line_floats() + cut.filterBlocks * rows * cut.row_floats();
  }
  static int bands_of(const Geometry& g, const TileCut& cut) {
    int count = 1;
    while (count < g.outH && unit_floats(g, cut, ceil_div(g.outH, count)) > kMostFloats) count++;
    return count;
  }
};

void weights_by_chunks(ThreadPool& pool, const Geometry& g, const TileCut& cut, Input x, const float* y, Input dy, float* dw,
                       bool add) {
  const Chunks chunks(g, cut);
  const int64_t rightBlock = chunks.together * chunks.rightFloats, leftBlock = chunks.together * chunks.leftFloats;
  float* right = static_cast<float*>(
      pool.shared_scratch(static_cast<size_t>(cut.channelBlocks * rightBlock + cut.filterBlocks * leftBlock) * sizeof(float)));
  float* left = right + cut.channelBlocks * rightBlock;
  const int splits = min(cut.filterBlocks, max(1, ceil_div(kWantedTasks, cut.channelBlocks)));
  for (int i = 0; i < chunks.count; i++) {
    const int first = i / chunks.bands * chunks.together, units = min(chunks.together, cut.units - first), band = i % chunks.bands;
    const Range rows{min(band * chunks.bandRows, g.outH), min((band + 1) * chunks.bandRows, g.outH)};
    if (rows.begin == rows.end) continue;
    const Range lines{cut.line(g, rows.begin, 0), cut.line(g, rows.end - 1, g.r - 1) + 1};
    parallel(pool, (cut.channelBlocks + cut.filterBlocks) * units, [&](int task, int) {
      const int block = task / units, unit = task % units;
      if (block < cut.channelBlocks) {
        arrange_lines(g, cut, x, first + unit, block, lines, chunks.places, right + block * rightBlock + unit * chunks.rightFloats);
      } else {
        const int filterBlock = block - cut.channelBlocks;
        arrange_gradients(g, cut, y, dy, first + unit, filterBlock, rows,
                          left + filterBlock * leftBlock + unit * chunks.leftFloats);
      }
    });
    parallel(pool, cut.channelBlocks * splits, [&](int task, int) {
      const TileShapes shapes(kLeft, kRight, kTilePairs);
      const int c = task / splits;
      const Range blocks = part(cut.filterBlocks, task % splits, splits);
      alignas(64) float sums[25 * kTileFloats];
      for (int k = blocks.begin; k < blocks.end; k++) {
        prefetch_weights(g, k, c, dw);
        multiply(g, cut,
                 Arranged{left + k * leftBlock, right + c * rightBlock, rows, units, chunks.leftFloats, chunks.rightFloats, chunks.places},
                 false, sums);
        put_sums(g, sums, k, c, Range{0, kTileRows}, i > 0 || add, dw);
      }
    });
  }
}

}  // namespace

void tile_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, Input dy, float* dw, float beta) {
  const Geometry g(spec);
  const TileCut cut(g);
  if (cut.channelBlocks * cut.filterBlocks >= 64 && cut.taps <= 25) {
    weights_by_chunks(pool, g, cut, x, y, dy, dw, beta != 0);
  } else {
    weights_by_runs(pool, g, cut, x, y, dy, dw, beta != 0);
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
#endif
