// The register kernel of correlate.h by the processor's tiles: rows of output pixels of a block of up to 16 filters.
#pragma once
#include "bf16_pairs.h"
#include "phase.h"
#include "tiles.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// The tiles: sums of four pixels, the weights of up to three taps, and a pixel of the source.
constexpr int kFirstLeft = 4, kFirstRight = 7;
constexpr int kTilePixels = 4;

// How channels are cut into tiles: steps of equally many pairs, the last of which may end in zeros.
struct TileSteps {
  explicit TileSteps(int channels)
      : count(ceil_div(ceil_div(channels, 2), kTilePairs)), pairs(ceil_div(ceil_div(channels, 2), count)) {}

  const int count, pairs;

  int planes() const { return count * pairs; }
  int64_t tile_floats() const { return static_cast<int64_t>(kTileRows) * pairs; }
  int64_t block_floats(int taps) const { return count * taps * tile_floats(); }
};

// Rows are computed strip by strip: what the rows of a strip meet of the source stays in the nearest cache, and so do the
// weights, which tiles could not be loaded fast enough from elsewhere.
GRADUS_INLINE int strip_pixels(const TileSteps& steps) { return steps.count == 1 ? 2 * kTilePixels : kTilePixels; }

// Calls f.template at<P>() for every pixel P below Pixels: tiles are named at compile time.
template <int Pixels, class F>
GRADUS_INLINE void for_each_pixel(const F& f) {
  f.template at<0>();
  if constexpr (Pixels > 1) f.template at<1>();
  if constexpr (Pixels > 2) f.template at<2>();
  if constexpr (Pixels > 3) f.template at<3>();
}

struct MultiplyPixels {
  const float* source;
  const int64_t* offset;
  int64_t channelStep;
  template <int P>
  GRADUS_INLINE void run(const MultiplyPixels& m) {
    load_tile<kFirstRight>(m.source + m.offset[P], m.channelStep);
    multiply_tiles<P, kFirstLeft, kFirstRight>();
  }
  template <int P>
  void at() const { run<P>(*this); }
};

// Sums over any taps of pixels anywhere.
template <int Pixels>
GRADUS_INLINE void sum_taps(const TileSteps& steps, const Correlation& c, const float* source, const int64_t* offset,
                            const float* weights) {
  const int64_t tileFloats = steps.tile_floats(), skipped = c.skippedTapRows * c.tapColumns * tileFloats;
  for (int step = 0; step < c.channels; step++, source += steps.pairs * c.channelStep, weights += skipped) {
    const float* tapRow = source;
    for (int i = 0; i < c.tapRows; i++, tapRow += c.tapRowStep) {
      const float* tap = tapRow;
      for (int j = 0; j < c.tapColumns; j++, tap += c.tapColumnStep, weights += tileFloats) {
        load_tile<kFirstLeft>(weights, steps.pairs);
        for_each_pixel<Pixels>(MultiplyPixels{tap, offset, c.channelStep});
      }
    }
  }
}

// Four neighbouring pixels and three neighbouring taps meet in six source pixels, each of which is loaded once.
GRADUS_INLINE void sum_three_taps(const TileSteps& steps, const Correlation& c, const float* source, const float* weights) {
  constexpr int A = kFirstLeft, B = kFirstLeft + 1, C = kFirstLeft + 2, X = kFirstRight;
  const int64_t tileFloats = steps.tile_floats(), skipped = 3 * c.skippedTapRows * tileFloats;
  for (int step = 0; step < c.channels; step++, source += steps.pairs * c.channelStep, weights += skipped) {
    const float* x = source;
    for (int i = 0; i < c.tapRows; i++, x += c.tapRowStep, weights += 3 * tileFloats) {
      load_tile<A>(weights, steps.pairs);
      load_tile<X>(x, c.channelStep);
      multiply_tiles<0, A, X>();
      load_tile<B>(weights + tileFloats, steps.pairs);
      load_tile<X>(x + kLanes, c.channelStep);
      multiply_tiles<1, A, X>();
      multiply_tiles<0, B, X>();
      load_tile<C>(weights + 2 * tileFloats, steps.pairs);
      load_tile<X>(x + 2 * kLanes, c.channelStep);
      multiply_tiles<2, A, X>();
      multiply_tiles<1, B, X>();
      multiply_tiles<0, C, X>();
      load_tile<X>(x + 3 * kLanes, c.channelStep);
      multiply_tiles<3, A, X>();
      multiply_tiles<2, B, X>();
      multiply_tiles<1, C, X>();
      load_tile<X>(x + 4 * kLanes, c.channelStep);
      multiply_tiles<3, B, X>();
      multiply_tiles<2, C, X>();
      load_tile<X>(x + 5 * kLanes, c.channelStep);
      multiply_tiles<3, C, X>();
    }
  }
}

// Where sums lie on their way from tiles to rows of pixels.
struct alignas(64) PixelSums {
  float of[kTilePixels][kTileFloats];
};

// What a row of a block's sums begins with and where it goes.
template <class E>
struct TileTarget {
  const Correlation& c;
  int filters;
  const float* bias;  // a tile, or null
  E* target;
  PixelSums& sums;

  static constexpr bool kPacks = sizeof(E) == 2;

  // Two packed pixels side by side fill a cache line.
  bool joins() const { return kPacks && c.targetPixelStep == kLanes; }

  // Sums are stored to as many streams as there are filters, far apart: too many to be foreseen by the processor.
  void prefetch(int pixels) const {
    for (int f = 0; f < filters; f++) {
      const E* to = target + f * c.targetChannelStep;
      for (int p = 0; p < pixels; p += joins() ? 2 : 1) prefetch_to_write(to + p * c.targetPixelStep);
    }
  }

  template <int P>
  void begin() const {
    if constexpr (!kPacks) {
      if (c.accumulate && filters == kTileRows) {
        load_tile<P>(target + P * c.targetPixelStep, c.targetChannelStep);
        return;
      }
    }
    if (bias != nullptr) {
      load_tile<P>(bias, kLanes);
    } else {
      zero_tile<P>();
    }
  }

  template <int P>
  void end() const {
    if constexpr (!kPacks) {
      if (filters == kTileRows && !c.relu) {
        store_tile<P>(target + P * c.targetPixelStep, c.targetChannelStep);
        return;
      }
    }
    store_tile<P>(sums.of[P], kLanes);
    if (!joins()) {
      put(P);
    } else if (P % 2 != 0) {
      put_both(P - 1);
    }
  }

  // A last pixel without a neighbour.
  void end_alone(int pixel) const {
    if (joins()) put(pixel);
  }

  void put(int pixel) const {
    E* to = target + pixel * c.targetPixelStep;
    for (int f = 0; f < filters; f++, to += c.targetChannelStep) {
      Vector v = load(sums.of[pixel] + f * kLanes);
      if (c.accumulate && (kPacks || filters < kTileRows)) v += load(to);
      if constexpr (kPacks) {
        store_half(to, passed(v));
      } else {
        store(to, passed(v));
      }
    }
  }

  void put_both(int pixel) const {
    E* to = target + pixel * c.targetPixelStep;
    for (int f = 0; f < filters; f++, to += c.targetChannelStep) {
      if constexpr (kPacks) {
        Vector first = load(sums.of[pixel] + f * kLanes), second = load(sums.of[pixel + 1] + f * kLanes);
        if (c.accumulate) first += load(to), second += load(to + kLanes);
        store_halves(to, passed(first), passed(second));
      }
    }
  }

  Vector passed(Vector v) const { return c.relu ? relu(v) : v; }
};

template <class E>
struct BeginPixels {
  const TileTarget<E>& target;
  template <int P>
  void at() const { target.template begin<P>(); }
};
template <class E>
struct EndPixels {
  const TileTarget<E>& target;
  template <int P>
  void at() const { target.template end<P>(); }
};

template <int Pixels, class E>
GRADUS_INLINE void correlate_tile_pixels(const TileSteps& steps, const TileTarget<E>& target, const float* source,
                                         const float* weights) {
  const Correlation& c = target.c;
  target.prefetch(Pixels);
  for_each_pixel<Pixels>(BeginPixels<E>{target});
  if (Pixels == kTilePixels && c.tapColumns == 3 && c.tapColumnStep == kLanes && c.pixelStep == kLanes) {
    sum_three_taps(steps, c, source, weights);
  } else {
    const int64_t offset[kTilePixels] = {0, c.pixelStep, 2 * c.pixelStep, 3 * c.pixelStep};
    sum_taps<Pixels>(steps, c, source, offset, weights);
  }
  for_each_pixel<Pixels>(EndPixels<E>{target});
  if constexpr (Pixels % 2 != 0) target.end_alone(Pixels - 1);
}

// One row of pixels; c.channels counts steps of channel pairs. Weights: [step][tap row and those skipped][tap column][16 filters]
// [pair], from the first tap row that is not skipped. bias: a tile, or null.
template <class E>
static void correlate_tiles(int filters, const TileSteps& steps, const Correlation& c, const float* source, const float* weights,
                            const float* bias, E* target) {
  PixelSums sums;
  int pixel = 0;
  for (; pixel + kTilePixels <= c.pixels; pixel += kTilePixels) {
    correlate_tile_pixels<kTilePixels>(steps, TileTarget<E>{c, filters, bias, target + pixel * c.targetPixelStep, sums},
                                       source + pixel * c.pixelStep, weights);
  }
  const TileTarget<E> rest{c, filters, bias, target + pixel * c.targetPixelStep, sums};
  source += pixel * c.pixelStep;
  switch (c.pixels - pixel) {
    case 1: return correlate_tile_pixels<1>(steps, rest, source, weights);
    case 2: return correlate_tile_pixels<2>(steps, rest, source, weights);
    case 3: return correlate_tile_pixels<3>(steps, rest, source, weights);
    default: return;
  }
}

// One row of 2x2 maxima after ReLU, with the place of each maximum in its window if index is not null.
static void correlate_tiles_pooled(int filters, const TileSteps& steps, const PooledCorrelation& pooled, const float* source,
                                   const float* weights, const float* bias, float* target, uint8_t* index) {
  const Correlation& c = pooled.taps;
  const int64_t offset[kTilePixels] = {0, c.pixelStep, pooled.sourceRowStep, pooled.sourceRowStep + c.pixelStep};
  PixelSums sums;
  const TileTarget<float> start{c, kTileRows, bias, nullptr, sums};
  for (int pixel = 0; pixel < c.pixels; pixel++) {
    for_each_pixel<kTilePixels>(BeginPixels<float>{start});
    sum_taps<kTilePixels>(steps, c, source + 2 * pixel * c.pixelStep, offset, weights);
    store_tile<0>(sums.of[0], kLanes);
    store_tile<1>(sums.of[1], kLanes);
    store_tile<2>(sums.of[2], kLanes);
    store_tile<3>(sums.of[3], kLanes);
    for (int f = 0; f < filters; f++) {
      const int64_t at = f * c.targetChannelStep + pixel * c.targetPixelStep;
      const Vector window[4] = {load(sums.of[0] + f * kLanes), load(sums.of[1] + f * kLanes), load(sums.of[2] + f * kLanes),
                                load(sums.of[3] + f * kLanes)};
      const bool nan = __builtin_expect(has_nan((window[0] + window[1]) + (window[2] + window[3])), 0);
      store_maximum(window, nan, target + at, index == nullptr ? nullptr : index + at);
    }
  }
}

// How data_gradient computes a row of one block of channels by tiles.
struct TileGradientRows {
  const Geometry& g;
  const TileSteps& steps;
  const Panel& dy;
  int block;

  int sources() const { return steps.count; }
  int64_t phase_floats(int taps) const { return ceil_div(g.c, kTileRows) * steps.block_floats(taps); }
  template <class E>
  void correlate(const Correlation& c, int dyRow, int dyColumn, const float* weights, int taps, int droppedTaps, E* dx) const {
    const int c0 = block * kTileRows;
    correlate_tiles(min(kTileRows, g.c - c0), steps, c, dy.at(0, dyRow, dyColumn),
                    weights + block * steps.block_floats(taps) + droppedTaps * steps.tile_floats(), nullptr,
                    dx + c0 * c.targetChannelStep);
  }
};

}  // namespace gradus::GRADUS_TIER_NAMESPACE
