// Panels of channel pairs, and the tasks that compute from them: what the kernels of bfloat16 pairs share.
#pragma once
#include "bf16_pairs.h"
#include "forward.h"
#include "phase.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Which rows and columns of the image the kernel meets: with one tap, every stride-th.
struct Met {
  int firstRow, rowStep, firstColumn, columnStep;
};

GRADUS_INLINE Met met_by_forward(const Geometry& g) {
  return Met{g.r == 1 ? floor_mod(-g.padTop, g.strideH) : 0, g.r == 1 ? g.strideH : 1,
             g.s == 1 ? floor_mod(-g.padLeft, g.strideW) : 0, g.s == 1 ? g.strideW : 1};
}

// Where the pixels of pairs of channels come from: of two channels, and of one without a second.
template <class E>
struct PairsOf {
  const E* values;
  GRADUS_INLINE Vector both(const PairsOf& from, int64_t first, int64_t second) {
    return pairs(load(from.values + first), load(from.values + second));
  }
  GRADUS_INLINE Vector alone(const PairsOf& from, int64_t first) { return pairs(load(from.values + first), zero()); }
};

template <>
struct PairsOf<uint16_t> {
  const uint16_t* values;
  typedef uint32_t Bits __attribute__((vector_size(4 * kLanes)));
  GRADUS_INLINE Vector both(const PairsOf& from, int64_t first, int64_t second) {
    const Bits lower = reinterpret_cast<Bits>(load(from.values + first)) >> 16;
    return reinterpret_cast<Vector>(lower | reinterpret_cast<Bits>(load(from.values + second)));
  }
  GRADUS_INLINE Vector alone(const PairsOf& from, int64_t first) {
    return reinterpret_cast<Vector>(reinterpret_cast<Bits>(load(from.values + first)) >> 16);
  }
};

// Gradients of an output that passed a ReLU.
template <class E>
struct PairsOfPassed {
  const float* y;
  const E* dy;
  GRADUS_INLINE Vector passed(const PairsOfPassed& from, int64_t at) {
    return load(from.y + at) > zero() ? load(from.dy + at) : zero();
  }
  GRADUS_INLINE Vector both(const PairsOfPassed& from, int64_t first, int64_t second) {
    return pairs(passed(from, first), passed(from, second));
  }
  GRADUS_INLINE Vector alone(const PairsOfPassed& from, int64_t first) { return pairs(passed(from, first), zero()); }
};

template <class E>
PairsOf(const E*) -> PairsOf<E>;
template <class E>
PairsOfPassed(const float*, const E*) -> PairsOfPassed<E>;

// A panel of `planes` channel pairs, of which those beyond the channels are zeros. at: the image group in the source.
template <class Source>
Panel pair_panel(int channels, int planes, int height, int width, Window window, Met met, float* scratch, const Source& source,
                 int64_t at) {
  const Panel panel = scratch_panel(window, scratch);
  const Window rows = window.clip_rows(height);
  const int firstRow = met.firstRow + (max(0, rows.rowBegin - met.firstRow) + met.rowStep - 1) / met.rowStep * met.rowStep;
  const int64_t channelFloats = static_cast<int64_t>(height) * width * kLanes;
  for (int plane = 0; plane < planes; plane++) {
    const int channel = 2 * plane;
    if (channel >= channels) {
      fill_zero(const_cast<float*>(panel.data) + plane * panel.channelStep, static_cast<int>(panel.channelStep / kLanes));
      continue;
    }
    zero_border(panel, plane, height, width, window);
    for (int row = firstRow; row < rows.rowEnd; row += met.rowStep) {
      float* target = panel_row(panel, plane, row);
      const int64_t line = at + channel * channelFloats + static_cast<int64_t>(row) * width * kLanes;
      for (int i = met.firstColumn; i < width; i += met.columnStep) {
        const int64_t pixel = line + static_cast<int64_t>(i) * kLanes;
        store(target + static_cast<int64_t>(i) * kLanes,
              channel + 1 < channels ? Source::both(source, pixel, pixel + channelFloats) : Source::alone(source, pixel));
      }
    }
  }
  return panel;
}

// An image of `channels` channels, of which a panel has `planes` pairs.
struct PairedImage {
  int channels, planes, height, width;
  Met met;
};

// Runs a task for every image group, band of `rows` rows and share of the blocks, with a pair panel over the window of its
// band: compute(image group, panel, band of rows, share of the blocks).
template <class RowWindow, class Source, class Compute>
void for_each_panel(ThreadPool& pool, const Geometry& g, const Tasks& tasks, int blocks, int rows, const PairedImage& image,
                    const RowWindow& rowWindow, const Source& source, const Compute& compute) {
  int64_t panelFloats = 0;
  for (int band = 0; band < tasks.bands; band++) {
    panelFloats = max64(panelFloats, rowWindow(part(rows, band, tasks.bands)).channel_floats() * image.planes);
  }
  const size_t bytes = static_cast<size_t>(panelFloats) * sizeof(float);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, bytes);
  const int64_t groupFloats = static_cast<int64_t>(image.channels) * image.height * image.width * kLanes;
  parallel(pool, tasks.count(g.imageGroups), [&](int task, int worker) {
    const int imageGroup = task / (tasks.bands * tasks.splits);
    const Range band = part(rows, task / tasks.splits % tasks.bands, tasks.bands);
    const Panel panel = pair_panel(image.channels, image.planes, image.height, image.width, rowWindow(band), image.met,
                                   static_cast<float*>(pool.scratch(worker, bytes)), source, imageGroup * groupFloats);
    compute(imageGroup, panel, band, part(blocks, task % tasks.splits, tasks.splits));
  });
}

GRADUS_INLINE PairedImage input_image(const Geometry& g, int planes) {
  return PairedImage{g.c, planes, g.h, g.w, met_by_forward(g)};
}
GRADUS_INLINE PairedImage gradient_image(const Geometry& g, int planes) {
  return PairedImage{g.k, planes, g.outH, g.outW, Met{0, 1, 0, 1}};
}

GRADUS_INLINE Tasks forward_tasks(const Geometry& g, int lines, int blocks) {
  return plan_tasks(g.imageGroups, g.group_work() / 2, static_cast<int64_t>(g.c) * g.h * g.w * kLanes / 2, lines,
                    static_cast<int64_t>(g.k) * g.r * g.s / (g.strideH * g.strideW) / 2, blocks);
}
GRADUS_INLINE Tasks data_tasks(const Geometry& g, int blocks) {
  const int64_t pixels = static_cast<int64_t>(g.k) * g.outH * g.outW / 2 + static_cast<int64_t>(g.c) * g.h * g.w;
  return plan_tasks(g.imageGroups, g.group_work() / 2, pixels * kLanes, g.h, static_cast<int64_t>(g.c) * g.r * g.s / 2, blocks);
}

// The dy pixels that dx rows are made of.
GRADUS_INLINE Window gradient_window(const Geometry& g, Range rows) {
  Window window{0, 0, min(0, floor_div(g.padLeft - (g.s - 1) * g.dilationW, g.strideW)),
                max(g.outW, floor_div(g.w - 1 + g.padLeft, g.strideW) + 1)};
  const Range needed = rows.begin < rows.end ? dy_rows(g, rows) : Range{0, 0};
  if (needed.begin < needed.end) window.rowBegin = needed.begin, window.rowEnd = needed.end;
  return window;
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
