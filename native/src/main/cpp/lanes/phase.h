// How the gradient of a convolution's input falls apart into correlations of stride 1.
#pragma once
#include "correlate.h"
#include "panel.h"
#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Along one axis, the input pixels p with (p + padding) mod stride == residue meet every step-th tap of the kernel
// only, and for them the gradient is a correlation of dy with stride 1: this cuts a strided gradient into stride x
// stride plain ones.
struct Phase {
  int taps;        // of this phase
  int lastTap;     // the kernel tap that meets the first dy pixel
  int tapStep;     // between kernel taps, downwards from lastTap
  int sourceStep;  // between dy pixels
};

GRADUS_INLINE Phase phase(int residue, int stride, int dilation, int taps) {
  Phase p{0, 0, 1, 1};
  int first = -1;
  for (int tap = 0; tap < taps; tap++) {
    if ((tap * static_cast<int64_t>(dilation)) % stride != residue) continue;
    if (first < 0) first = tap;
    if (p.taps == 1) p.tapStep = tap - first;
    p.lastTap = tap;
    p.taps++;
  }
  // With fewer than two taps the step has no meaning.
  p.sourceStep = p.taps < 2 ? 1 : static_cast<int>(static_cast<int64_t>(p.tapStep) * dilation / stride);
  return p;
}

// The dy rows that input rows [begin, end) meet.
GRADUS_INLINE Range dy_rows(const Geometry& g, Range rows) {
  return Range{max(0, floor_div(rows.begin + g.padTop - (g.r - 1) * g.dilationH, g.strideH)),
               min(g.outH, floor_div(rows.end - 1 + g.padTop, g.strideH) + 1)};
}

// How data_gradient computes a row of some blocks of channels. filters: of one of the spec's groups, or pairs of filters, as
// the panel of dy and the weights hold them.
template <class Products>
struct GradientRows {
  const Geometry& g;
  const Blocks& blocks;
  Range mine;
  int filters;
  const Panel& dy;

  int sources() const { return filters; }
  int64_t phase_floats(int taps) const { return static_cast<int64_t>(g.c) * filters * taps; }
  void correlate(const Correlation& c, int dyRow, int dyColumn, const float* weights, int taps, int droppedTaps, float* dx) const {
    for (int block = mine.begin; block < mine.end; block++) {
      const int c0 = blocks.begin(block), channels = blocks.size(block);
      GRADUS_TIER_NAMESPACE::correlate<Products>(channels, c, dy.at(blocks.group(block) * filters, dyRow, dyColumn),
                              weights + static_cast<int64_t>(c0) * filters * taps + droppedTaps * channels, nullptr,
                              dx + c0 * c.targetChannelStep);
    }
  }
};

// The rows and columns of dx of one image group. computed: what computes a row, like GradientRows.
template <class Rows, class E>
void data_gradient(const Geometry& g, const Rows& computed, Range rows, Range columns, const Panel& dy, const float* packed,
                   E* dx, bool accumulate) {
  Correlation c{};
  c.channelStep = dy.channelStep;
  c.pixelStep = kLanes;
  c.targetChannelStep = static_cast<int64_t>(g.h) * g.w * kLanes;
  c.targetPixelStep = static_cast<int64_t>(g.strideW) * kLanes;
  c.accumulate = accumulate;
  for (int a = 0; a < g.strideH; a++) {
    const Phase tapRows = phase(a, g.strideH, g.dilationH, g.r);
    c.tapRowStep = tapRows.sourceStep * dy.rowStep;
    const int firstRow = rows.begin + floor_mod(a - g.padTop - rows.begin, g.strideH);
    for (int row = firstRow; row < rows.end; row += g.strideH) {
      c.tapRows = tapRows.taps;
      c.skippedTapRows = 0;
      const int topRow = tapRows.taps == 0 ? 0 : (row + g.padTop - tapRows.lastTap * g.dilationH) / g.strideH;
      const int dropped = clip_tap_rows(c, topRow, tapRows.sourceStep, g.outH);
      const int dyRow = topRow + dropped * tapRows.sourceStep;
      const float* phaseWeights = packed;
      for (int b = 0; b < g.strideW; b++) {
        const Phase tapColumns = phase(b, g.strideW, g.dilationW, g.s);
        const int taps = tapRows.taps * tapColumns.taps;
        const int column = columns.begin + floor_mod(b - g.padLeft - columns.begin, g.strideW);
        c.tapColumns = tapColumns.taps;
        c.tapColumnStep = static_cast<int64_t>(tapColumns.sourceStep) * kLanes;
        c.pixels = column < columns.end ? (columns.end - 1 - column) / g.strideW + 1 : 0;
        if (taps == 0 && accumulate) continue;
        // A phase without taps reads nothing and still writes its zeros.
        const int dyColumn = taps == 0 ? dy.column0 : (column + g.padLeft - tapColumns.lastTap * g.dilationW) / g.strideW;
        c.channels = taps == 0 ? 0 : computed.sources();
        computed.correlate(c, dyRow, dyColumn, phaseWeights, taps, dropped * tapColumns.taps,
                           dx + (static_cast<int64_t>(row) * g.w + column) * kLanes);
        phaseWeights += computed.phase_floats(taps);
      }
    }
    // The weights of the next row phase lie behind all column phases of this one.
    packed += computed.phase_floats(tapRows.taps * g.s);
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
