// The products of arranged tiles: sums of some neighbouring taps over rows of outputs.
#pragma once
#include "tile_arrange.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kTapsTogether = 3; // neighbouring taps of a row whose sums are in registers at the same time

// Tile registers, behind the sums.
constexpr int kLeft = 3, kRight = 6;

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
static void add_taps(const Geometry& g, const TileCut& cut, const Arranged& a, int tapRow, int tapColumn, bool add, float* sums) {
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
static void multiply(const Geometry& g, const TileCut& cut, const Arranged& a, bool add, float* sums) {
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

}  // namespace gradus::GRADUS_TIER_NAMESPACE
