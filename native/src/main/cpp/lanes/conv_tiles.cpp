// Forward and the gradient of the input by the processor's tiles. Of a register block of 16 filters and some pixels each pixel has a tile
// of sums, filters times images; weights are left factors, filters times pairs of channels, and a pixel of the pair panel is
// a right one, pairs of channels times images, with the panel's channel step from row to row.
#include "conv_tiles.h"

#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// With fewer channels or filters most of a tile is idle.
bool prefers_tiles(const Conv2dSpec& s) { return kLanes == 16 && s.groups == 1 && s.c > 8 && s.k > 8; }

}  // namespace gradus::GRADUS_TIER_NAMESPACE

#if GRADUS_LANES == 16
#include "pair_panel.h"
#include "tile_correlate.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

#ifdef GRADUS_EMULATED_TILES
thread_local EmulatedTile emulated_tiles[8];
#endif

namespace {

// A row of a left factor: `count` values, `step` floats apart, as pairs, and zeros behind them.
GRADUS_INLINE void pack_row(const float* from, int64_t step, int count, int pairs, float* to) {
  constexpr Ints kCount = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const __m512i offsets = (__m512i)(kCount * static_cast<int>(step));
  const auto gather = [&](int first) __attribute__((always_inline)) {
    const __mmask16 known = static_cast<__mmask16>((1u << max(0, min(16, count - first))) - 1);
    return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), known, offsets, from + first * step, 4);
  };
  const __m512i row = (__m512i)_mm512_cvtne2ps_pbh(gather(16), gather(0));
  _mm512_mask_storeu_epi32(to, static_cast<__mmask16>((1u << pairs) - 1), row);
}

// [block of filters][step of channel pairs][tap][filter of the block][pair]
void pack_forward(ThreadPool& pool, const Geometry& g, const TileSteps& steps, const float* w, float* packed) {
  const int taps = g.r * g.s;
  for_each_block(pool, g, ceil_div(g.k, kTileRows), [&](int block, int) {
    float* target = packed + block * steps.block_floats(taps);
    for (int step = 0; step < steps.count; step++) {
      const int channels = min(2 * steps.pairs, g.c - 2 * steps.pairs * step);
      const float* source = w + (static_cast<int64_t>(block) * kTileRows * g.c + 2 * steps.pairs * step) * taps;
      for (int tap = 0; tap < taps; tap++) {
        for (int f = 0; f < kTileRows; f++, target += steps.pairs) {
          const bool known = block * kTileRows + f < g.k;
          pack_row(source + (known ? static_cast<int64_t>(f) * g.c * taps + tap : 0), taps, known ? channels : 0, steps.pairs, target);
        }
      }
    }
  });
}

// For every phase of rows and of columns: [block of input channels][step of filter pairs][tap][channel of the block][pair]
void pack_data(ThreadPool& pool, const Geometry& g, const TileSteps& steps, const float* w, float* packed) {
  const int64_t channelFloats = static_cast<int64_t>(g.r) * g.s, filterFloats = g.c * channelFloats;
  const int blocks = ceil_div(g.c, kTileRows);
  for_each_block(pool, g, blocks, [&](int block, int) {
    float* phaseBegin = packed;
    for (int a = 0; a < g.strideH; a++) {
      const Phase rows = phase(a, g.strideH, g.dilationH, g.r);
      for (int b = 0; b < g.strideW; b++) {
        const Phase columns = phase(b, g.strideW, g.dilationW, g.s);
        const int64_t phaseFloats = steps.block_floats(rows.taps * columns.taps);
        float* target = phaseBegin + block * phaseFloats;
        for (int step = 0; step < steps.count; step++) {
          const int filters = min(2 * steps.pairs, g.k - 2 * steps.pairs * step);
          const float* source = w + 2 * steps.pairs * step * filterFloats + block * kTileRows * channelFloats;
          for (int i = 0; i < rows.taps; i++) {
            for (int j = 0; j < columns.taps; j++) {
              const int64_t tap = (rows.lastTap - i * rows.tapStep) * g.s + columns.lastTap - j * columns.tapStep;
              for (int c = 0; c < kTileRows; c++, target += steps.pairs) {
                const bool known = block * kTileRows + c < g.c;
                pack_row(source + (known ? c * channelFloats + tap : 0), filterFloats, known ? filters : 0, steps.pairs, target);
              }
            }
          }
        }
        phaseBegin += blocks * phaseFloats;
      }
    }
  });
}

// What sums begin with: the bias of every filter of the block, for all images.
struct BiasTile {
  alignas(64) float values[kTileFloats];
  const float* start;

  BiasTile(const float* b, int filters) : start(b == nullptr ? nullptr : values) {
    if (b == nullptr) return;
    for (int f = 0; f < kTileRows; f++) store(values + f * kLanes, f < filters ? broadcast(b[f]) : zero());
  }
};

template <class E, class R>
void conv2d_of(ThreadPool& pool, const Conv2dSpec& spec, const E* x, const float* w, const float* b, bool relu, R* y) {
  const Geometry g(spec);
  const TileSteps steps(g.c);
  const int blocks = ceil_div(g.k, kTileRows);
  const int64_t blockFloats = steps.block_floats(g.r * g.s);
  const int strip = strip_pixels(steps);
  float* packed = static_cast<float*>(pool.shared_scratch(blocks * blockFloats * sizeof(float)));
  pack_forward(pool, g, steps, w, packed);
  for_each_panel(
      pool, g, forward_tasks(g, g.outH, blocks), blocks, g.outH, input_image(g, steps.planes()),
      [&](Range rows) { return input_window(g, rows.begin, rows.end, g.outW).clip_rows(g.h); }, PairsOf<E>{x},
      [&](int imageGroup, const Panel& panel, Range rows, Range mine) {
        const TileShapes shapes(kFirstLeft, kFirstRight, steps.pairs);
        for (int block = mine.begin; block < mine.end; block++) {
          const int k = block * kTileRows, filters = min(kTileRows, g.k - k);
          const BiasTile bias(b == nullptr ? nullptr : b + k, filters);
          for (int column = 0; column < g.outW; column += strip) {
            for (int row = rows.begin; row < rows.end; row++) {
              Correlation c = correlation(g, panel, steps.count);
              c.targetChannelStep = static_cast<int64_t>(g.outH) * g.outW * kLanes;
              c.pixels = min(strip, g.outW - column);
              c.relu = relu;
              const int firstRow = row * g.strideH - g.padTop;
              const int dropped = clip_tap_rows(c, firstRow, g.dilationH, g.h);
              correlate_tiles(filters, steps, c,
                              panel.at(0, firstRow + dropped * g.dilationH, column * g.strideW - g.padLeft),
                              packed + block * blockFloats + dropped * g.s * steps.tile_floats(), bias.start,
                              y + imageGroup * g.y_group_floats() + k * c.targetChannelStep +
                                  (static_cast<int64_t>(row) * g.outW + column) * kLanes);
            }
          }
        }
      });
}

template <class E>
void conv2d_relu_max_pool_of(ThreadPool& pool, const Conv2dSpec& spec, const E* x, const float* w, const float* b, float* y,
                             uint8_t* index) {
  const Geometry g(spec);
  const TileSteps steps(g.c);
  const int blocks = ceil_div(g.k, kTileRows), rows = g.outH / 2, columns = g.outW / 2;
  const int64_t blockFloats = steps.block_floats(g.r * g.s);
  float* packed = static_cast<float*>(pool.shared_scratch(blocks * blockFloats * sizeof(float)));
  pack_forward(pool, g, steps, w, packed);
  for_each_panel(
      pool, g, forward_tasks(g, rows, blocks), blocks, rows, input_image(g, steps.planes()),
      [&](Range lines) { return input_window(g, 2 * lines.begin, 2 * lines.end, 2 * columns); }, PairsOf<E>{x},
      [&](int imageGroup, const Panel& panel, Range lines, Range mine) {
        const TileShapes shapes(kFirstLeft, kFirstRight, steps.pairs);
        PooledCorrelation c{correlation(g, panel, steps.count), panel.rowStep * g.strideH};
        c.taps.targetChannelStep = static_cast<int64_t>(rows) * columns * kLanes;
        c.taps.pixels = columns;
        for (int block = mine.begin; block < mine.end; block++) {
          const int k = block * kTileRows, filters = min(kTileRows, g.k - k);
          const BiasTile bias(b == nullptr ? nullptr : b + k, filters);
          for (int line = lines.begin; line < lines.end; line++) {
            const int64_t at = (static_cast<int64_t>(imageGroup) * g.k + k) * c.taps.targetChannelStep +
                               static_cast<int64_t>(line) * columns * kLanes;
            correlate_tiles_pooled(filters, steps, c, panel.at(0, 2 * line * g.strideH - g.padTop, -g.padLeft),
                                   packed + block * blockFloats, bias.start, y + at, index == nullptr ? nullptr : index + at);
          }
        }
      });
}

template <class Source, class R>
void conv2d_data_of(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const Source& dy, R* dx, bool accumulate) {
  const Geometry g(spec);
  const TileSteps steps(g.k);
  const int blocks = ceil_div(g.c, kTileRows);
  float* packed = static_cast<float*>(pool.shared_scratch(blocks * steps.block_floats(g.r * g.s) * sizeof(float)));
  pack_data(pool, g, steps, w, packed);
  const Tasks tasks = data_tasks(g, blocks);
  for_each_panel(pool, g, tasks, blocks, g.h, gradient_image(g, steps.planes()), [&](Range rows) { return gradient_window(g, rows); }, dy,
                 [&](int imageGroup, const Panel& panel, Range rows, Range mine) {
                   const TileShapes shapes(kFirstLeft, kFirstRight, steps.pairs);
                   const int strip = strip_pixels(steps) * g.strideW;
                   for (int block = mine.begin; block < mine.end; block++) {
                     for (int column = 0; column < g.w; column += strip) {
                       data_gradient(g, TileGradientRows{g, steps, panel, block}, rows, Range{column, min(column + strip, g.w)}, panel,
                                     packed, dx + imageGroup * g.x_group_floats(), accumulate);
                     }
                   }
                 });
}

}  // namespace

void tile_conv2d(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, bool relu, Output y) {
  x.visit([&](auto* from) { y.visit([&](auto* to) { conv2d_of(pool, spec, from, w, b, relu, to); }); });
}

void tile_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, float* y,
                               uint8_t* index) {
  x.visit([&](auto* from) { conv2d_relu_max_pool_of(pool, spec, from, w, b, y, index); });
}

void tile_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, Input dy, Output dx, float beta) {
  dy.visit([&](auto* from) {
    dx.visit([&](auto* to) {
      if (y == nullptr) {
        conv2d_data_of(pool, spec, w, PairsOf{from}, to, beta != 0);
      } else {
        conv2d_data_of(pool, spec, w, PairsOfPassed{y, from}, to, beta != 0);
      }
    });
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
#endif
