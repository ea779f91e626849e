// How inputs and gradients of outputs become the tiles of which the gradient of the weights is made: conv_weights_tiles.cpp tells what for.
#pragma once
#include "bands.h"
#include "bf16_pairs.h"
#include "tiles.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kHalf = kTileFloats / 2;  // of a right tile, the pairs of one group of images

// Lines and positions are the rows and columns of the padded input that a tap meets; both halves of a tile lie at its position, or the
// second one `shift` positions behind it.
struct TileCut {
  explicit TileCut(const Geometry& g)
      : ofGroups(g.imageGroups % 2 == 0 || g.imageGroups > 4),
        units(ofGroups ? ceil_div(g.imageGroups, 2) : g.imageGroups),
        steps(ofGroups ? g.outW : ceil_div(g.outW, 2)),
        lineStep(g.r == 1 ? g.strideH : 1),
        columnStep(g.s == 1 ? g.strideW : 1),
        stride(g.strideW / columnStep),
        shift(ofGroups ? 0 : steps * stride),
        positions((steps - 1) * stride + (g.s - 1) * g.dilationW + 1),
        taps(g.r * g.s),
        channelBlocks(ceil_div(g.c, kLanes)),
        filterBlocks(ceil_div(g.k, kTileRows)) {}

  const bool ofGroups;  // whether a product is of two groups of images
  const int units;      // pairs of groups, or groups
  const int steps;      // left tiles of an output row
  const int lineStep, columnStep;
  const int stride;  // positions between neighbouring outputs
  const int shift;
  const int positions;  // right tiles of a line
  const int taps;
  const int channelBlocks, filterBlocks;

  int64_t line_floats() const { return static_cast<int64_t>(positions) * kTileFloats; }
  int64_t row_floats() const { return static_cast<int64_t>(steps) * kTileFloats; }
  int64_t sum_floats() const { return static_cast<int64_t>(filterBlocks) * channelBlocks * taps * kTileFloats; }
  int group(int unit, int half) const { return ofGroups ? 2 * unit + half : unit; }
  int line(const Geometry& g, int row, int tapRow) const { return (row * g.strideH + tapRow * g.dilationH) / lineStep; }
  int lines(const Geometry& g, int rows) const { return line(g, rows - 1, g.r - 1) + 1; }
};

// Of two pixels: lanes as pairs, those of the first in the lower half.
GRADUS_INLINE Vector two_pixels(const float* first, int64_t step) { return lane_pairs(load(first), load(first + step)); }
GRADUS_INLINE Vector two_pixels(const uint16_t* first, int64_t step) {
  if (step == kLanes) return (Vector)_mm512_loadu_si512(first);
  // The form without a mask draws a false warning from gcc 12.
  return (Vector)_mm512_maskz_inserti64x4(0xff, _mm512_castsi256_si512(_mm256_load_si256(reinterpret_cast<const __m256i*>(first))),
                                          _mm256_load_si256(reinterpret_cast<const __m256i*>(first + step)), 1);
}

GRADUS_INLINE void zero_halves(float* to, Range positions) {
  for (int i = positions.begin; i < positions.end; i++) {
#pragma GCC unroll 8
    for (int pair = 0; pair < kTilePairs / 2; pair++) store(to + i * static_cast<int64_t>(kTileFloats) + pair * kLanes, zero());
  }
}

// One half of all tiles of a line. Two pixels fill a vector with pairs of images, and one transposition serves both.
template <class E>
static void arrange_half_line(const Geometry& g, const TileCut& cut, const E* x, int unit, int half, int channelBlock, int line, float* to) {
  const int firstColumn = half * cut.shift * cut.columnStep - g.padLeft, group = cut.group(unit, half);
  if (group >= g.imageGroups) return zero_halves(to, Range{0, cut.positions});
  const Range inside = meeting(cut.positions, firstColumn, cut.columnStep, g.w);
  zero_halves(to, Range{0, inside.begin});
  zero_halves(to, Range{inside.end, cut.positions});
  const int64_t channelFloats = static_cast<int64_t>(g.h) * g.w * kLanes, pixelStep = static_cast<int64_t>(cut.columnStep) * kLanes;
  const int row = line * cut.lineStep - g.padTop, first = channelBlock * kLanes, channels = min(kLanes, g.c - first);
  const E* from = x + group * g.x_group_floats() + first * channelFloats +
                  (static_cast<int64_t>(row) * g.w + firstColumn + inside.begin * cut.columnStep) * kLanes;
  float* target = to + inside.begin * static_cast<int64_t>(kTileFloats);
  for (int i = inside.begin; i < inside.end; i += 2, from += 2 * pixelStep, target += 2 * kTileFloats) {
    // A last pixel alone comes twice.
    const bool both = i + 1 < inside.end;
    Vector lanes[kLanes];
    if (both) {
#pragma GCC unroll 16
      for (int c = 0; c < kLanes; c++) lanes[c] = c < channels ? two_pixels(from + c * channelFloats, pixelStep) : zero();
    } else {
#pragma GCC unroll 16
      for (int c = 0; c < kLanes; c++) lanes[c] = c < channels ? two_pixels(from + c * channelFloats, 0) : zero();
    }
    transpose(lanes);
#pragma GCC unroll 8
    for (int pair = 0; pair < kLanes / 2; pair++) store(target + pair * kLanes, lanes[pair]);
    if (!both) break;
#pragma GCC unroll 8
    for (int pair = 0; pair < kLanes / 2; pair++) store(target + kTileFloats + pair * kLanes, lanes[kLanes / 2 + pair]);
  }
}

// The lines of a channel block that lie in the image; line i goes to place i % places.
template <class E>
static void arrange_lines(const Geometry& g, const TileCut& cut, const E* x, int unit, int channelBlock, Range lines, int places, float* to) {
  for (int line = lines.begin; line < lines.end; line++) {
    const int row = line * cut.lineStep - g.padTop;
    if (row < 0 || row >= g.h) continue;
    for (int half = 0; half < 2; half++) {
      arrange_half_line(g, cut, x, unit, half, channelBlock, line, to + line % places * cut.line_floats() + half * kHalf);
    }
  }
}

static void arrange_lines(const Geometry& g, const TileCut& cut, Input x, int unit, int channelBlock, Range lines, int places, float* to) {
  x.visit([&](auto* from) { arrange_lines(g, cut, from, unit, channelBlock, lines, places, to); });
}

// Gradients of outputs, and of those that passed a ReLU.
template <class E>
struct PlainGradient {
  const E* dy;
  GRADUS_INLINE Vector at(const PlainGradient& from, int64_t i) { return load(from.dy + i); }
};
template <class E>
struct PassedGradient {
  const float* y;
  const E* dy;
  GRADUS_INLINE Vector at(const PassedGradient& from, int64_t i) { return load(from.y + i) > zero() ? load(from.dy + i) : zero(); }
};
template <class E>
PlainGradient(const E*) -> PlainGradient<E>;
template <class E>
PassedGradient(const float*, const E*) -> PassedGradient<E>;

// The lanes of two places as pairs, those of the first in the lower half.
template <class Source>
GRADUS_INLINE Vector both(const Source& source, int64_t first, int64_t second) {
  return lane_pairs(Source::at(source, first), Source::at(source, second));
}
// Values that are rounded already, and lie as pairs do.
GRADUS_INLINE Vector both(const PlainGradient<uint16_t>& source, int64_t first, int64_t second) {
  return two_pixels(source.dy + first, second - first);
}

// Left tiles of output rows. Those of filters beyond the last are zeros.
template <class Source>
static void put_gradients(const Geometry& g, const TileCut& cut, const Source& source, int unit, int filterBlock, Range rows, float* to) {
  const int64_t filterFloats = static_cast<int64_t>(g.outH) * g.outW * kLanes;
  const int64_t secondStep = cut.ofGroups ? g.y_group_floats() : static_cast<int64_t>(cut.steps) * kLanes;
  const int seconds = !cut.ofGroups ? g.outW - cut.steps : cut.group(unit, 1) < g.imageGroups ? cut.steps : 0;
  const int filters = min(kTileRows, g.k - filterBlock * kTileRows);
  int64_t line = cut.group(unit, 0) * g.y_group_floats() + filterBlock * kTileRows * filterFloats +
                 rows.begin * static_cast<int64_t>(g.outW) * kLanes;
  for (int row = rows.begin; row < rows.end; row++, line += static_cast<int64_t>(g.outW) * kLanes) {
    for (int i = 0; i < cut.steps; i++, to += kTileFloats) {
      const int64_t at = line + i * kLanes;
      int k = 0;
      if (i < seconds) {
        for (; k < filters; k++) {
          const int64_t first = at + k * filterFloats;
          store(to + k * kLanes, both(source, first, first + secondStep));
        }
      } else {
        for (; k < filters; k++) store(to + k * kLanes, lane_pairs(Source::at(source, at + k * filterFloats), zero()));
      }
      for (; k < kTileRows; k++) store(to + k * kLanes, zero());
    }
  }
}

static void arrange_gradients(const Geometry& g, const TileCut& cut, const float* y, Input dy, int unit, int filterBlock, Range rows,
                              float* to) {
  dy.visit([&](auto* from) {
    if (y == nullptr) {
      put_gradients(g, cut, PlainGradient{from}, unit, filterBlock, rows, to);
    } else {
      put_gradients(g, cut, PassedGradient{y, from}, unit, filterBlock, rows, to);
    }
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
