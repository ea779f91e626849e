// The register kernel of weight gradients with input channels in the lanes: the sums over images and pixels of
// gradients, one at a time, times vectors of channels, transposed to that end. Sums stay in registers to the end, and none
// runs over lanes, which is what costs most where maps are small and channels are many.
#pragma once
#include "plan.h"
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// A register block: filters times vectors of channels.
constexpr int kProductFilters = kManyRegisters ? 8 : 4;
constexpr int kProductVectors = 2;
constexpr int kProductChannels = kProductVectors * kLanes;
constexpr int kProductSums = kProductFilters * kProductVectors;

using ProductSums = Vector[kProductFilters][kProductVectors];

GRADUS_INLINE void clear(ProductSums& sum) {
#pragma GCC unroll 8
  for (int k = 0; k < kProductFilters; k++)
#pragma GCC unroll 2
    for (int c = 0; c < kProductVectors; c++) sum[k][c] = zero();
}

// sum += the products over `pixels` neighbouring pixels of a group of images. gradients: [filter][pixel][image];
// channels: [pixel][image][channel], with steps from filter to filter and from pixel to pixel. With Images of kLanes / 2
// an image is a pair of them, as Products wants.
template <class Products = FloatProducts, int Images = kLanes>
GRADUS_INLINE void add_products(int pixels, const float* gradients, int64_t filterStep, const float* channels, int64_t pixelStep,
                                ProductSums& sum) {
  for (int pixel = 0; pixel < pixels; pixel++, gradients += Images, channels += pixelStep) {
#pragma GCC unroll 2
    for (int image = 0; image < Images; image++) {
      Vector x[kProductVectors];
#pragma GCC unroll 2
      for (int c = 0; c < kProductVectors; c++) x[c] = load_once(channels + (image * kProductVectors + c) * kLanes);
#pragma GCC unroll 8
      for (int k = 0; k < kProductFilters; k++) {
        const Vector gradient = broadcast(gradients[k * filterStep + image]);
#pragma GCC unroll 2
        for (int c = 0; c < kProductVectors; c++) sum[k][c] = Products::add(sum[k][c], gradient, x[c]);
      }
    }
  }
}

// Puts kLanes channels of one pixel, a vector of images each, where add_products wants them: vector `c` of a block.
GRADUS_INLINE void put_channels(Vector (&v)[kLanes], float* pixel, int c) {
  transpose(v);
#pragma GCC unroll 16
  for (int image = 0; image < kLanes; image++) store(pixel + (image * kProductVectors + c) * kLanes, v[image]);
}

// dw [filter][channel][tap] = (add ? dw : 0) + the taps of some channels of one filter, a vector each.
GRADUS_INLINE void put_taps(const Vector* taps, int count, int channels, bool add, float* dw) {
  const float* from = reinterpret_cast<const float*>(taps);
  if (add) {
    for (int c = 0; c < channels; c++)
      for (int tap = 0; tap < count; tap++) *dw++ += from[tap * kLanes + c];
  } else {
    for (int c = 0; c < channels; c++)
      for (int tap = 0; tap < count; tap++) *dw++ = from[tap * kLanes + c];
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
