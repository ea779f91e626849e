// Winograd's algorithm with products of bfloat16 pairs: transforms compute in float, what they come to is rounded, and two sources
// lie in the place of one. See winograd.h for what that costs in precision.
#include "bf16.h"

#if GRADUS_LANES == 16
#include "bf16_pairs.h"
#include "winograd_narrow.h"
#include "winograd_weights_narrow.h"
#include "winograd_weights_wide.h"
#include "winograd_wide.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

struct PairTiles : PairProducts {
  static constexpr int kFactors = 2;
  static constexpr bool kPacks = true;

  // The first of two leaves its values, and the second makes pairs of them.
  template <int Size, class Pixel>
  GRADUS_INLINE void transform_factor(const Pixel& pixel, int index, float* v, int64_t positionStep) {
    if (index % 2 == 0) {
      transform<Size>(pixel, v, positionStep);
    } else {
      transform_to<Size>(pixel, [&](int position, Vector value) __attribute__((always_inline)) {
        store(v + position * positionStep, pairs(load(v + position * positionStep), value));
      });
    }
  }

  // A first one without a second.
  GRADUS_INLINE void fill(float* v, int64_t positionStep) {
    for (int p = 0; p < kPositions; p++, v += positionStep) store(v, pairs(load(v), zero()));
  }

  template <int Size, class Pixel>
  GRADUS_INLINE void transform_lanes(const Pixel& pixel, float* v, int64_t positionStep) {
    transform_to<Size>(pixel, [&](int position, Vector value) __attribute__((always_inline)) {
      store_pairs(v + position * positionStep, value);
    });
  }
  GRADUS_INLINE Vector lanes(const float* v, int64_t positionStep) { return lane_pairs(load(v), load(v + positionStep)); }
};

void filter(ThreadPool& pool, const Filtering& f) {
  if (is_wide(f)) {
    filter_wide<PairTiles>(pool, f);
  } else {
    filter_narrow<PairTiles>(pool, f);
  }
}

}  // namespace

void winograd_bf16_conv2d(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, bool relu,
                          float* y) {
  filter(pool, forward_filtering(Geometry(spec), x, w, b, relu, y));
}

void winograd_bf16_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& conv, Input x, const float* w, const float* b,
                                        float* y, uint8_t* index) {
  filter(pool, pooled_filtering(Geometry(conv), x, w, b, y, index));
}

void winograd_bf16_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                               float beta) {
  filter(pool, data_filtering(Geometry(spec), w, y, dy, dx, beta));
}

void winograd_bf16_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy,
                                  float* dw, float beta) {
  if (has_many_sums(spec)) {
    weights_wide<PairTiles>(pool, spec, x, y, dy, dw, beta);
  } else {
    weights_narrow<PairTiles>(pool, spec, x, y, dy, dw, beta);
  }
}

void winograd_bf16_conv2d_weights_wide(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy,
                                       float* dw, float beta) {
  weights_wide<PairTiles>(pool, spec, x, y, dy, dw, beta);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
#endif
