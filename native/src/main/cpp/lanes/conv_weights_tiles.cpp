// The gradient of the weights by the processor's tiles: a tile of sums is of 16 filters times 16 input channels, for one tap. A product
// adds up 16 pairs of images: those of two groups of images at one pixel or, where groups come in no pairs, those of one group at two
// pixels. Gradients are left factors, filters times pairs; inputs are right ones, pairs times channels.
#include "conv_tiles.h"

#include "bands.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// With fewer channels or filters most of a tile is idle.
bool prefers_tile_weights(const Conv2dSpec& s) { return kLanes == 16 && s.groups == 1 && s.c > kLanes / 2 && s.k > kLanes / 2; }

}  // namespace gradus::GRADUS_TIER_NAMESPACE

#if GRADUS_LANES == 16
#include "bf16_pairs.h"
#include "tiles.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

constexpr int kHalf = kTileFloats / 2;  // of a right tile, the pairs of one group of images
constexpr int kTapsTogether = 3;        // neighbouring taps of a row whose sums are in registers at the same time

// Tile registers, behind the sums.
constexpr int kLeft = 3, kRight = 6;

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
void arrange_half_line(const Geometry& g, const TileCut& cut, const E* x, int unit, int half, int channelBlock, int line, float* to) {
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
void arrange_lines(const Geometry& g, const TileCut& cut, const E* x, int unit, int channelBlock, Range lines, int places, float* to) {
  for (int line = lines.begin; line < lines.end; line++) {
    const int row = line * cut.lineStep - g.padTop;
    if (row < 0 || row >= g.h) continue;
    for (int half = 0; half < 2; half++) {
      arrange_half_line(g, cut, x, unit, half, channelBlock, line, to + line % places * cut.line_floats() + half * kHalf);
    }
  }
}

void arrange_lines(const Geometry& g, const TileCut& cut, Input x, int unit, int channelBlock, Range lines, int places, float* to) {
  if (x.packed) {
    arrange_lines(g, cut, x.as<uint16_t>(), unit, channelBlock, lines, places, to);
  } else {
    arrange_lines(g, cut, x.as<float>(), unit, channelBlock, lines, places, to);
  }
}

// Gradients of outputs, and of those that passed a ReLU.
struct Plain {
  const float* dy;
  GRADUS_INLINE Vector at(const Plain& from, int64_t i) { return load(from.dy + i); }
};
struct Passed {
  const float *y, *dy;
  GRADUS_INLINE Vector at(const Passed& from, int64_t i) { return load(from.y + i) > zero() ? load(from.dy + i) : zero(); }
};

// Left tiles of output rows. Those of filters beyond the last are zeros.
template <class Source>
void put_gradients(const Geometry& g, const TileCut& cut, const Source& source, int unit, int filterBlock, Range rows, float* to) {
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
          store(to + k * kLanes, lane_pairs(Source::at(source, first), Source::at(source, first + secondStep)));
        }
      } else {
        for (; k < filters; k++) store(to + k * kLanes, lane_pairs(Source::at(source, at + k * filterFloats), zero()));
      }
      for (; k < kTileRows; k++) store(to + k * kLanes, zero());
    }
  }
}

void arrange_gradients(const Geometry& g, const TileCut& cut, const float* y, const float* dy, int unit, int filterBlock, Range rows,
                       float* to) {
  if (y == nullptr) {
    put_gradients(g, cut, Plain{dy}, unit, filterBlock, rows, to);
  } else {
    put_gradients(g, cut, Passed{y, dy}, unit, filterBlock, rows, to);
  }
}

// Neighbouring taps at neighbouring positions. Every right tile in the range `met`, outside of which they are zeros, meets the left
// ones at its position and at the two before it. Registers take turns, three for left tiles and two for right ones, so that the next
// tiles are loaded while there are products to do: processors differ in how far they look ahead past a tile's instructions.
template <int I>
GRADUS_INLINE void slide(int position, int end, int steps, const float* left, const float* right) {
  constexpr int kNow = kRight + I % 2, kNext = kRight + (I + 1) % 2;
  const int64_t next = (position + 1) * static_cast<int64_t>(kTileFloats);
  if (position + 1 < end) load_tile<kNext>(right + next, kLanes);
  if (position >= 2 && position < steps + 2) multiply_tiles<2, kLeft + (I + 1) % 3, kNow>();
  if (position >= 1 && position < steps + 1) multiply_tiles<1, kLeft + (I + 2) % 3, kNow>();
  if (position < steps) multiply_tiles<0, kLeft + I % 3, kNow>();
  if (position + 1 < min(end, steps)) load_tile<kLeft + (I + 1) % 3>(left + next, kLanes);
}

GRADUS_INLINE void add_sliding_row(int steps, Range met, const float* left, const float* right) {
  int i = met.begin;
  const int end = met.end;
  const auto leftTile = [&](int position) { return left + position * static_cast<int64_t>(kTileFloats); };
  if (i < end) load_tile<kRight>(right + i * static_cast<int64_t>(kTileFloats), kLanes);
  if (i >= 2 && i < steps + 2) load_tile<kLeft + 1>(leftTile(i - 2), kLanes);
  if (i >= 1 && i < steps + 1) load_tile<kLeft + 2>(leftTile(i - 1), kLanes);
  if (i < steps) load_tile<kLeft>(leftTile(i), kLanes);
  for (; i + 6 <= end; i += 6) {
    slide<0>(i, end, steps, left, right);
    slide<1>(i + 1, end, steps, left, right);
    slide<2>(i + 2, end, steps, left, right);
    slide<3>(i + 3, end, steps, left, right);
    slide<4>(i + 4, end, steps, left, right);
    slide<5>(i + 5, end, steps, left, right);
  }
  if (i < end) slide<0>(i, end, steps, left, right);
  if (i + 1 < end) slide<1>(i + 1, end, steps, left, right);
  if (i + 2 < end) slide<2>(i + 2, end, steps, left, right);
  if (i + 3 < end) slide<3>(i + 3, end, steps, left, right);
  if (i + 4 < end) slide<4>(i + 4, end, steps, left, right);
}

// The same for every other position: the third tap of one output is the first one of the next.
template <int I>
GRADUS_INLINE void stride_over(int i, const float* left, const float* right) {
  constexpr int kL = kLeft + I, kFirst = kLeft + 2 + I, kThird = kLeft + 3 - I, kSecond = kLeft + 4;
  load_tile<kL>(left + i * static_cast<int64_t>(kTileFloats), kLanes);
  load_tile<kSecond>(right + (2 * i + 1) * static_cast<int64_t>(kTileFloats), kLanes);
  load_tile<kThird>(right + (2 * i + 2) * static_cast<int64_t>(kTileFloats), kLanes);
  multiply_tiles<0, kL, kFirst>();
  multiply_tiles<1, kL, kSecond>();
  multiply_tiles<2, kL, kThird>();
}

GRADUS_INLINE void add_striding_row(int steps, const float* left, const float* right) {
  load_tile<kLeft + 2>(right, kLanes);
  int i = 0;
  for (; i + 2 <= steps; i += 2) {
    stride_over<0>(i, left, right);
    stride_over<1>(i + 1, left, right);
  }
  if (i < steps) stride_over<0>(i, left, right);
}

template <int Taps>
GRADUS_INLINE void add_row(int steps, const float* left, const float* right, int64_t stride, int64_t tapStep) {
  for (int i = 0; i < steps; i++, left += kTileFloats, right += stride) {
    load_tile<kLeft>(left, kLanes);
    load_tile<kRight>(right, kLanes);
    multiply_tiles<0, kLeft, kRight>();
    if constexpr (Taps > 1) {
      load_tile<kRight + 1>(right + tapStep, kLanes);
      multiply_tiles<1, kLeft, kRight + 1>();
    }
    if constexpr (Taps > 2) {
      load_tile<kLeft + 1>(right + 2 * tapStep, kLanes);
      multiply_tiles<2, kLeft, kLeft + 1>();
    }
  }
}

// What a block of filters and one of channels have in common with some output rows: of a unit, then of the next.
struct Arranged {
  const float *left, *right;
  Range rows;
  int units;
  int64_t leftUnit, rightUnit;  // floats from unit to unit
  int places;                   // see arrange_lines
};

template <int Taps>
void add_taps(const Geometry& g, const TileCut& cut, const Arranged& a, int tapRow, int tapColumn, bool add, float* sums) {
  if (add) {
    load_tile<0>(sums, kLanes);
    if constexpr (Taps > 1) load_tile<1>(sums + kTileFloats, kLanes);
    if constexpr (Taps > 2) load_tile<2>(sums + 2 * kTileFloats, kLanes);
  } else {
    zero_tile<0>();
    if constexpr (Taps > 1) zero_tile<1>();
    if constexpr (Taps > 2) zero_tile<2>();
  }
  const Range known = meeting(g.outH, tapRow * g.dilationH - g.padTop, g.strideH, g.h);
  const bool slides = Taps == 3 && cut.stride == 1 && g.dilationW == 1, strides = Taps == 3 && cut.stride == 2 && g.dilationW == 1;
  const Range met = cut.ofGroups && g.s == Taps ? meeting(cut.positions, -g.padLeft, 1, g.w) : Range{0, cut.steps + 2};
  for (int unit = 0; unit < a.units; unit++) {
    for (int row = max(a.rows.begin, known.begin); row < min(a.rows.end, known.end); row++) {
      const float* left = a.left + unit * a.leftUnit + (row - a.rows.begin) * cut.row_floats();
      const float* right = a.right + unit * a.rightUnit + cut.line(g, row, tapRow) % a.places * cut.line_floats() +
                           static_cast<int64_t>(tapColumn) * g.dilationW * kTileFloats;
      if (slides) {
        add_sliding_row(cut.steps, met, left, right);
      } else if (strides) {
        add_striding_row(cut.steps, left, right);
      } else {
        add_row<Taps>(cut.steps, left, right, static_cast<int64_t>(cut.stride) * kTileFloats,
                      static_cast<int64_t>(g.dilationW) * kTileFloats);
      }
    }
  }
  store_tile<0>(sums, kLanes);
  if constexpr (Taps > 1) store_tile<1>(sums + kTileFloats, kLanes);
  if constexpr (Taps > 2) store_tile<2>(sums + 2 * kTileFloats, kLanes);
}

// sums [tap][filter][channel] += the products of a block of filters and one of channels.
void multiply(const Geometry& g, const TileCut& cut, const Arranged& a, bool add, float* sums) {
  for (int tapRow = 0; tapRow < g.r; tapRow++) {
    for (int tapColumn = 0; tapColumn < g.s; tapColumn += kTapsTogether) {
      float* target = sums + static_cast<int64_t>(tapRow * g.s + tapColumn) * kTileFloats;
      switch (min(kTapsTogether, g.s - tapColumn)) {
        case 3:
          add_taps<3>(g, cut, a, tapRow, tapColumn, add, target);
          break;
        case 2:
          add_taps<2>(g, cut, a, tapRow, tapColumn, add, target);
          break;
        default:
          add_taps<1>(g, cut, a, tapRow, tapColumn, add, target);
      }
    }
  }
}

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

void add_run(const Geometry& g, const TileCut& cut, const Runs& runs, int run, Input x, const float* y, const float* dy,
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

void weights_by_runs(ThreadPool& pool, const Geometry& g, const TileCut& cut, Input x, const float* y, const float* dy, float* dw,
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

void weights_by_chunks(ThreadPool& pool, const Geometry& g, const TileCut& cut, Input x, const float* y, const float* dy, float* dw,
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

void tile_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy, float* dw,
                         float beta) {
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
