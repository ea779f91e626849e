#include "winograd.h"
#include "winograd_weights_narrow.h"
#include "winograd_weights_wide.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

void winograd_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy, float* dw,
                             float beta) {
  if (has_many_sums(spec)) {
    weights_wide<FloatTiles>(pool, spec, x, y, dy, dw, beta);
  } else {
    weights_narrow<FloatTiles>(pool, spec, x, y, dy, dw, beta);
  }
}

void winograd_conv2d_weights_wide(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy,
                                  float* dw, float beta) {
  weights_wide<FloatTiles>(pool, spec, x, y, dy, dw, beta);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
