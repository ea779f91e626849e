// How the gradient of a convolution's input falls apart into correlations of stride 1.
#pragma once
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

}  // namespace gradus::GRADUS_TIER_NAMESPACE
