// The register kernel of a convolution's gradient with respect to its weights: F filters times a small block of taps,
// summed over the pixels of a region. Every vector of dy meets all taps of the block while it is in a register, so the
// region may stream from the second-level cache.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// All steps are in floats. The taps of a block are `rows` outer ones (kernel rows, or input channels of a 1x1 kernel)
// of one row of neighbouring columns each.
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

// The blocks that fill the registers for kernels of one width. 18 to 21 sums of 32 registers ran at 95 % of the
// machine's peak, 27 sums (3, 3, 3), which need fewer loads, at 83 %.
struct GradientBlocking {
  int filters, outer, columns;
};

// columns: neighbouring taps of a kernel row, 1 where the kernel is dilated sideways or of an unusual width.
constexpr GradientBlocking gradient_blocking(int columns) {
  switch (columns) {
    case 3:
      return kManyRegisters ? GradientBlocking{2, 3, 3} : GradientBlocking{4, 1, 3};
    case 5:
      return kManyRegisters ? GradientBlocking{4, 1, 5} : GradientBlocking{2, 1, 5};
    case 7:
      return kManyRegisters ? GradientBlocking{3, 1, 7} : GradientBlocking{1, 1, 7};
    default:
      return kManyRegisters ? GradientBlocking{4, 4, 1} : GradientBlocking{3, 3, 1};
  }
}

template <int F, int O, int S>
GRADUS_INLINE WeightGradientKernel weight_gradient_kernel_up_to(int filters, int outer) {
  if constexpr (F > 1) {
    if (filters < F) return weight_gradient_kernel_up_to<F - 1, O, S>(filters, outer);
  }
  if constexpr (O > 1) {
    if (outer < O) return weight_gradient_kernel_up_to<F, O - 1, S>(filters, outer);
  }
  return weight_gradient<F, O, S>;
}

template <int S>
GRADUS_INLINE WeightGradientKernel weight_gradient_kernel_of(int filters, int outer) {
  constexpr GradientBlocking b = gradient_blocking(S);
  return weight_gradient_kernel_up_to<b.filters, b.outer, S>(filters, outer);
}

// The kernel for at most gradient_blocking(columns) filters and outer taps.
GRADUS_INLINE WeightGradientKernel weight_gradient_kernel(int filters, int outer, int columns) {
  switch (columns) {
    case 3:
      return weight_gradient_kernel_of<3>(filters, outer);
    case 5:
      return weight_gradient_kernel_of<5>(filters, outer);
    case 7:
      return weight_gradient_kernel_of<7>(filters, outer);
    default:
      return weight_gradient_kernel_of<1>(filters, outer);
  }
}

// Adds up the lanes of a long row of vectors, kLanes vectors at a time: that costs three instructions per vector.
class LaneSums {
 public:
  static constexpr int kLargestBlock = 24;

  // sums must have room for the number of vectors rounded up to a multiple of kLanes.
  explicit LaneSums(float* sums) : sums_(sums) {}

  // Where the next `count` (at most kLargestBlock) vectors go.
  Vector* next(int count) {
    if (count_ + count > kRoom) sum_full_rows();
    Vector* place = vectors_ + count_;
    count_ += count;
    return place;
  }

  void finish() {
    sum_full_rows();
    for (int i = count_; i < kLanes; i++) vectors_[i] = zero();
    if (count_ > 0) sum_row(0);
    count_ = 0;
  }

 private:
  static constexpr int kRoom = 3 * kLanes + kLargestBlock;

  void sum_row(int first) {
    Vector v[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i++) v[i] = vectors_[first + i];
    store(sums_, sum_lanes(v));
    sums_ += kLanes;
  }
  void sum_full_rows() {
    int first = 0;
    for (; first + kLanes <= count_; first += kLanes) sum_row(first);
    for (int i = first; i < count_; i++) vectors_[i - first] = vectors_[i];
    count_ -= first;
  }

  Vector vectors_[kRoom];
  int count_ = 0;
  float* sums_;
};

}  // namespace gradus::GRADUS_TIER_NAMESPACE
