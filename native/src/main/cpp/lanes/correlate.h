// The register kernel of convolutions and of their gradients with respect to the input: one row of output pixels of a block of
// filters, over any taps, strides and dilation. Sums stay in registers; a tap costs one load per pixel and one broadcast per
// filter for (pixels x filters) multiply-adds.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// All steps are in floats.
struct Correlation {
  int channels, tapRows, tapColumns;
  int64_t channelStep, tapRowStep, tapColumnStep;
  int64_t pixelStep;                           // source pixels of neighbouring output pixels
  int64_t targetChannelStep, targetPixelStep;  // of the output
  int pixels;
  bool accumulate, relu;
};

// A convolution's outputs reduced to the maxima of 2x2 windows.
struct PooledCorrelation {
  Correlation taps;     // pixels counts pooled ones, the target is theirs
  int64_t sourceRowStep;  // source pixels of output pixels one above the other
};

constexpr int kFilterBlock = 6;

// Sums plus sources plus one weight fill the registers, and there are enough sums to hide the latency of a multiply-add.
constexpr int pixel_block(int filters) {
  constexpr int many[] = {8, 8, 6, 5, 4, 4}, few[] = {8, 4, 3, 2, 2, 2};
  return kManyRegisters ? many[filters - 1] : few[filters - 1];
}

template <int F, int P>
GRADUS_INLINE void accumulate_taps(Vector (&sum)[F][P], const Correlation& c, const float* source, const int64_t (&offset)[P],
                                   const float* weights) {
  for (int channel = 0; channel < c.channels; channel++, source += c.channelStep) {
    const float* tapRow = source;
    for (int i = 0; i < c.tapRows; i++, tapRow += c.tapRowStep) {
      const float* tap = tapRow;
      for (int j = 0; j < c.tapColumns; j++, tap += c.tapColumnStep, weights += F) {
        Vector x[P];
#pragma GCC unroll 8
        for (int p = 0; p < P; p++) x[p] = load(tap + offset[p]);
#pragma GCC unroll 8
        for (int f = 0; f < F; f++) {
          const Vector w = broadcast(weights[f]);
#pragma GCC unroll 8
          for (int p = 0; p < P; p++) sum[f][p] += w * x[p];
        }
      }
    }
  }
}

// P neighbouring pixels of F filters.
template <int F, int P>
static inline void correlate_tile(const Correlation& c, const float* source, const float* weights, const float* bias,
                                  float* target) {
  Vector sum[F][P];
  int64_t offset[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; p++) offset[p] = p * c.pixelStep;
#pragma GCC unroll 8
  for (int f = 0; f < F; f++) {
    const Vector start = bias == nullptr ? zero() : broadcast(bias[f]);
#pragma GCC unroll 8
    for (int p = 0; p < P; p++) sum[f][p] = start;
  }
  accumulate_taps<F, P>(sum, c, source, offset, weights);
#pragma GCC unroll 8
  for (int f = 0; f < F; f++) {
#pragma GCC unroll 8
    for (int p = 0; p < P; p++) {
      float* t = target + f * c.targetChannelStep + p * c.targetPixelStep;
      Vector value = sum[f][p];
      if (c.accumulate) value += load(t);
      if (c.relu) value = relu(value);
      store(t, value);
    }
  }
}

// The last pixels of a row, fewer than a tile.
template <int F, int P>
static inline void correlate_rest(int pixels, const Correlation& c, const float* source, const float* weights,
                                  const float* bias, float* target) {
  if constexpr (P > 0) {
    if (pixels == P) {
      correlate_tile<F, P>(c, source, weights, bias, target);
    } else {
      correlate_rest<F, P - 1>(pixels, c, source, weights, bias, target);
    }
  }
}

template <int F>
static void correlate_row(const Correlation& c, const float* source, const float* weights, const float* bias, float* target) {
  constexpr int P = pixel_block(F);
  int pixel = 0;
  for (; pixel + P <= c.pixels; pixel += P) {
    correlate_tile<F, P>(c, source + pixel * c.pixelStep, weights, bias, target + pixel * c.targetPixelStep);
  }
  correlate_rest<F, P - 1>(c.pixels - pixel, c, source + pixel * c.pixelStep, weights, bias,
                           target + pixel * c.targetPixelStep);
}

// One row of pixels of `filters` (1 to kFilterBlock) filters; weights are [channels][tapRows][tapColumns][filters].
GRADUS_INLINE void correlate(int filters, const Correlation& c, const float* source, const float* weights, const float* bias,
                             float* target) {
  using Kernel = void (*)(const Correlation&, const float*, const float*, const float*, float*);
  static constexpr Kernel kernels[kFilterBlock] = {correlate_row<1>, correlate_row<2>, correlate_row<3>,
                                                   correlate_row<4>, correlate_row<5>, correlate_row<6>};
  kernels[filters - 1](c, source, weights, bias, target);
}

// Which of four is the largest: the first of equals, or the first NaN if there is one; its value is left in `largest`.
GRADUS_INLINE Ints place_of_maximum(const Vector (&v)[4], Vector& largest) {
  largest = v[0];
  Ints place{};
  for (int i = 1; i < 4; i++) {
    const Ints better = ~(v[i] <= largest) & (largest == largest);
    largest = better ? v[i] : largest;
    place = better ? i - Ints{} : place;
  }
  return place;
}

template <int F>
static void correlate_pooled_row(const PooledCorrelation& pooled, const float* source, const float* weights, const float* bias,
                                 float* target, uint8_t* index) {
  const Correlation& c = pooled.taps;
  const int64_t offset[4] = {0, c.pixelStep, pooled.sourceRowStep, pooled.sourceRowStep + c.pixelStep};
  for (int pixel = 0; pixel < c.pixels; pixel++) {
    Vector sum[F][4];
#pragma GCC unroll 8
    for (int f = 0; f < F; f++) {
      const Vector start = bias == nullptr ? zero() : broadcast(bias[f]);
      sum[f][0] = sum[f][1] = sum[f][2] = sum[f][3] = start;
    }
    accumulate_taps<F, 4>(sum, c, source + 2 * pixel * c.pixelStep, offset, weights);
#pragma GCC unroll 8
    for (int f = 0; f < F; f++) {
      const int64_t at = f * c.targetChannelStep + pixel * c.targetPixelStep;
      Vector largest;
      const Ints place = place_of_maximum(sum[f], largest);
      store(target + at, relu(largest));
      if (index != nullptr) {
        // A closed window is all zeros after the ReLU: the first of equals is place 0.
        const Ints open = ~(largest <= zero());
        *reinterpret_cast<Bytes*>(index + at) = __builtin_convertvector(place & open, Bytes);
      }
    }
  }
}

// One row of 2x2 maxima after ReLU, with the place of each maximum in its window if index is not null.
GRADUS_INLINE void correlate_pooled(int filters, const PooledCorrelation& c, const float* source, const float* weights,
                                    const float* bias, float* target, uint8_t* index) {
  using Kernel = void (*)(const PooledCorrelation&, const float*, const float*, const float*, float*, uint8_t*);
  static constexpr Kernel kernels[kFilterBlock] = {correlate_pooled_row<1>, correlate_pooled_row<2>, correlate_pooled_row<3>,
                                                   correlate_pooled_row<4>, correlate_pooled_row<5>, correlate_pooled_row<6>};
  kernels[filters - 1](c, source, weights, bias, target, index);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
