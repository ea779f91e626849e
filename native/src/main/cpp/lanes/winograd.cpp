#include "winograd.h"

#include "winograd_narrow.h"
#include "winograd_wide.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

void filter(ThreadPool& pool, const Filtering& f) {
  if (is_wide(f)) {
    filter_wide<FloatTiles>(pool, f);
  } else {
    filter_narrow<FloatTiles>(pool, f);
  }
}

}  // namespace

bool fits_winograd(const Conv2dSpec& s) {
  return s.r == 3 && s.s == 3 && s.strideH == 1 && s.strideW == 1 && s.dilationH == 1 && s.dilationW == 1 && s.groups == 1;
}

// Measured over layers from 16 to 512 channels and maps from 3x3 to 32x32: with fewer channels the transforms cost more
// than they save, and so do tiles that are mostly beyond the border.
static double saving(const Conv2dSpec& s) {
  if (!fits_winograd(s) || s.c < 16 || s.k < 16) return 0;
  const Geometry g(s);
  const double direct = 9.0 * g.outH * g.outW;
  return direct / (static_cast<double>(kPositions) * ceil_div(g.outH, kTile) * ceil_div(g.outW, kTile));
}

bool prefers_winograd(const Conv2dSpec& spec) { return saving(spec) >= 2.5; }

bool prefers_winograd_weights(const Conv2dSpec& spec) { return saving(spec) >= 2; }

void winograd_conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* b, bool relu,
                     float* y) {
  filter(pool, forward_filtering(Geometry(spec), x, w, b, relu, y));
}

void winograd_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                          float dx_beta) {
  filter(pool, data_filtering(Geometry(spec), w, y, dy, dx, dx_beta));
}

void winograd_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& conv, const float* x, const float* w, const float* b,
                                   float* y, uint8_t* index) {
  filter(pool, pooled_filtering(Geometry(conv), x, w, b, y, index));
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
