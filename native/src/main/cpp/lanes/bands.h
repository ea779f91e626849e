// How a gradient of weights with input channels in the lanes is cut: chunks, one after the other, each rearranged by all threads
// and then multiplied by all. A chunk is a band of rows of one image group, or some whole ones. Lines and columns are those of
// the padded input that a tap meets. The chunks depend on the spec alone: they decide the order of a sum.
#pragma once
#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kMostTaps = 9;

struct Bands {
  // mostPixels: of a channel block of the input, which should stay in the second-level cache.
  Bands(const Geometry& g, int mostPixels)
      : lineStep(g.r == 1 ? g.strideH : 1),
        columnStep(g.s == 1 ? g.strideW : 1),
        columns(((g.outW - 1) * g.strideW + (g.s - 1) * g.dilationW) / columnStep + 1),
        bands(bands_of(g, mostPixels)),
        bandRows(ceil_div(g.outH, bands)),
        lines(lines_of(g, bandRows)),
        together(bands > 1 ? 1 : max(1, min(g.imageGroups, mostPixels / max(lines * columns, g.outH * g.outW)))),
        chunks(ceil_div(g.imageGroups, together) * bands) {}

  const int lineStep, columnStep;  // between those kept of the padded input
  const int columns;
  const int bands, bandRows;
  const int lines;     // of a band
  const int together;  // image groups of a chunk
  const int chunks;

 private:
  int lines_of(const Geometry& g, int rows) const { return ((rows - 1) * g.strideH + (g.r - 1) * g.dilationH) / lineStep + 1; }
  int bands_of(const Geometry& g, int mostPixels) const {
    int count = 1;
    while (count < g.outH && lines_of(g, ceil_div(g.outH, count)) * columns > mostPixels) count++;
    return count;
  }
};

struct Chunk {
  Range groups, rows;  // of images; of the output

  Chunk(const Geometry& g, const Bands& cut, int chunk) {
    const int first = chunk / cut.bands * cut.together, band = chunk % cut.bands;
    groups = Range{first, min(first + cut.together, g.imageGroups)};
    rows = Range{min(band * cut.bandRows, g.outH), min((band + 1) * cut.bandRows, g.outH)};
  }
};

// Those of `count` outputs whose pixel, first + i * step, lies in [0, size).
GRADUS_INLINE Range meeting(int count, int first, int step, int size) {
  const int begin = first >= 0 ? 0 : min(count, ceil_div(-first, step));
  return Range{begin, first >= size ? begin : max(begin, min(count, (size - 1 - first) / step + 1))};
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
