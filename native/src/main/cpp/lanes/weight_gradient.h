// The register kernel of a convolution's gradient with respect to its weights: F filters times a small block of taps, summed
// over the pixels of a region. Every vector of dy meets all taps of the block while it is in a register, so the region may
// stream from the second-level cache.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// All steps are in floats. The taps of a block are `rows` outer ones (kernel rows, or input channels of a 1x1 kernel) of one
// row of neighbouring columns each.
struct GradientRegion {
  int rows, columns;  // of dy
  int64_t xOuterStep, xRowStep, xPixelStep;
  int64_t dyChannelStep, dyRowStep;
};

template <int F, int O, int S>
static void weight_gradient(const GradientRegion& region, const float* x, const float* dy, Vector* result) {
  Vector sum[F][O][S];
#pragma GCC unroll 8
  for (int f = 0; f < F; f++)
#pragma GCC unroll 8
    for (int o = 0; o < O; o++)
#pragma GCC unroll 8
      for (int s = 0; s < S; s++) sum[f][o][s] = zero();
  for (int row = 0; row < region.rows; row++, x += region.xRowStep, dy += region.dyRowStep) {
    const float *xPixel = x, *dyPixel = dy;
    for (int column = 0; column < region.columns; column++, xPixel += region.xPixelStep, dyPixel += kLanes) {
      Vector gradient[F];
#pragma GCC unroll 8
      for (int f = 0; f < F; f++) gradient[f] = load(dyPixel + f * region.dyChannelStep);
#pragma GCC unroll 8
      for (int o = 0; o < O; o++) {
#pragma GCC unroll 8
        for (int s = 0; s < S; s++) {
          const Vector value = load_once(xPixel + o * region.xOuterStep + s * kLanes);
#pragma GCC unroll 8
          for (int f = 0; f < F; f++) sum[f][o][s] += gradient[f] * value;
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int f = 0; f < F; f++)
#pragma GCC unroll 8
    for (int o = 0; o < O; o++)
#pragma GCC unroll 8
      for (int s = 0; s < S; s++) result[(f * O + o) * S + s] = sum[f][o][s];
}

using WeightGradientKernel = void (*)(const GradientRegion&, const float*, const float*, Vector*);

constexpr int kLargestGradientBlock = 32;  // vectors

// The blocks that fill the registers for kernels of one width.
struct GradientBlocking {
  int filters, outer, columns;
};

// columns: neighbouring taps of a kernel row, 1 where the kernel is dilated sideways or of an unusual width.
GRADUS_INLINE GradientBlocking gradient_blocking(int columns) {
  switch (columns) {
    case 3:
      return kManyRegisters ? GradientBlocking{3, 3, 3} : GradientBlocking{1, 3, 3};
    case 5:
      return kManyRegisters ? GradientBlocking{2, 2, 5} : GradientBlocking{2, 1, 5};
    case 7:
      return kManyRegisters ? GradientBlocking{3, 1, 7} : GradientBlocking{1, 1, 7};
    default:
      return kManyRegisters ? GradientBlocking{4, 4, 1} : GradientBlocking{3, 3, 1};
  }
}

// The kernel for at most gradient_blocking(columns) filters and outer taps.
GRADUS_INLINE WeightGradientKernel weight_gradient_kernel(int filters, int outer, int columns) {
#define GRADUS_KERNEL(f, o, s) \
  if (filters == f && outer == o && columns == s) return weight_gradient<f, o, s>;
  GRADUS_KERNEL(1, 1, 1) GRADUS_KERNEL(1, 2, 1) GRADUS_KERNEL(1, 3, 1) GRADUS_KERNEL(1, 4, 1)
  GRADUS_KERNEL(2, 1, 1) GRADUS_KERNEL(2, 2, 1) GRADUS_KERNEL(2, 3, 1) GRADUS_KERNEL(2, 4, 1)
  GRADUS_KERNEL(3, 1, 1) GRADUS_KERNEL(3, 2, 1) GRADUS_KERNEL(3, 3, 1) GRADUS_KERNEL(3, 4, 1)
  GRADUS_KERNEL(4, 1, 1) GRADUS_KERNEL(4, 2, 1) GRADUS_KERNEL(4, 3, 1) GRADUS_KERNEL(4, 4, 1)
  GRADUS_KERNEL(1, 1, 3) GRADUS_KERNEL(1, 2, 3) GRADUS_KERNEL(1, 3, 3)
  GRADUS_KERNEL(2, 1, 3) GRADUS_KERNEL(2, 2, 3) GRADUS_KERNEL(2, 3, 3)
  GRADUS_KERNEL(3, 1, 3) GRADUS_KERNEL(3, 2, 3) GRADUS_KERNEL(3, 3, 3)
  GRADUS_KERNEL(1, 1, 5) GRADUS_KERNEL(1, 2, 5) GRADUS_KERNEL(2, 1, 5) GRADUS_KERNEL(2, 2, 5)
  GRADUS_KERNEL(1, 1, 7) GRADUS_KERNEL(2, 1, 7) GRADUS_KERNEL(3, 1, 7)
#undef GRADUS_KERNEL
  __builtin_unreachable();
}

// Adds up the lanes of `count` vectors; the sums come in order. block must have room up to a multiple of kLanes.
GRADUS_INLINE void sum_block(Vector* block, int count, float* sums) {
  for (int i = 0; i < count; i += kLanes) {
    Vector v[kLanes];
    for (int j = 0; j < kLanes; j++) v[j] = block[i + j];
    store(sums + i, sum_lanes(v));
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
