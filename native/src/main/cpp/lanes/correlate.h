// The register kernel of convolutions and of their gradients with respect to the input: one row of output pixels of a
// block of filters, over any taps, strides and dilation. Sums stay in registers; a tap costs one load per pixel and one
// broadcast per filter for (pixels x filters) multiply-adds.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// All steps are in floats.
struct Correlation {
  int channels, tapRows, tapColumns;
  int skippedTapRows;  // of every channel's weights: tap rows that would meet nothing but padding
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
constexpr int kPooledFilterBlock = kManyRegisters ? 6 : 3;  // times the four pixels of a window

// Sums plus sources plus one weight fill the registers, and there are enough sums to hide the latency of a
// multiply-add.
constexpr int pixel_block(int filters) {
  constexpr int many[] = {8, 8, 6, 5, 4, 4}, few[] = {8, 4, 3, 2, 2, 2};
  return kManyRegisters ? many[filters - 1] : few[filters - 1];
}

template <class Products, int F, int P>
GRADUS_INLINE void accumulate_taps(Vector (&sum)[F][P], const Correlation& c, const float* source, const int64_t (&offset)[P],
                                   const float* weights) {
  const int64_t skipped = static_cast<int64_t>(c.skippedTapRows) * c.tapColumns * F;
  for (int channel = 0; channel < c.channels; channel++, source += c.channelStep, weights += skipped) {
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
          for (int p = 0; p < P; p++) sum[f][p] = Products::add(sum[f][p], w, x[p]);
        }
      }
    }
  }
}

// P neighbouring pixels of F filters.
template <class Products, int F, int P>
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
  accumulate_taps<Products, F, P>(sum, c, source, offset, weights);
  const int64_t channelStep = c.targetChannelStep, pixelStep = c.targetPixelStep;
  if (c.accumulate) {
#pragma GCC unroll 8
    for (int f = 0; f < F; f++)
#pragma GCC unroll 8
      for (int p = 0; p < P; p++) sum[f][p] += load(target + f * channelStep + p * pixelStep);
  }
  if (c.relu) {
#pragma GCC unroll 8
    for (int f = 0; f < F; f++)
#pragma GCC unroll 8
      for (int p = 0; p < P; p++) sum[f][p] = relu(sum[f][p]);
  }
#pragma GCC unroll 8
  for (int f = 0; f < F; f++)
#pragma GCC unroll 8
    for (int p = 0; p < P; p++) store(target + f * channelStep + p * pixelStep, sum[f][p]);
}

// The last pixels of a row, fewer than a tile.
template <class Products, int F, int P>
static inline void correlate_rest(int pixels, const Correlation& c, const float* source, const float* weights,
                                  const float* bias, float* target) {
  if constexpr (P > 0) {
    if (pixels == P) {
      correlate_tile<Products, F, P>(c, source, weights, bias, target);
    } else {
      correlate_rest<Products, F, P - 1>(pixels, c, source, weights, bias, target);
    }
  }
}

template <class Products, int F>
static void correlate_row(const Correlation& c, const float* source, const float* weights, const float* bias, float* target) {
  constexpr int P = pixel_block(F);
  int pixel = 0;
  for (; pixel + P <= c.pixels; pixel += P) {
    correlate_tile<Products, F, P>(c, source + pixel * c.pixelStep, weights, bias, target + pixel * c.targetPixelStep);
  }
  correlate_rest<Products, F, P - 1>(c.pixels - pixel, c, source + pixel * c.pixelStep, weights, bias,
                           target + pixel * c.targetPixelStep);
}

// Clips the tap rows to those that meet rows of the source, which has `height` of them; firstRow is the row the first
// tap meets and rowStep the rows from tap to tap. Returns how many tap rows were dropped at the front.
GRADUS_INLINE int clip_tap_rows(Correlation& c, int firstRow, int rowStep, int height) {
  const int tapRows = c.tapRows + c.skippedTapRows;
  const int begin = firstRow >= 0 ? 0 : min(tapRows, ceil_div(-firstRow, rowStep));
  const int end = firstRow >= height ? 0 : min(tapRows, (height - 1 - firstRow) / rowStep + 1);
  c.tapRows = max(0, end - begin);
  c.skippedTapRows = tapRows - c.tapRows;
  return c.tapRows > 0 ? begin : 0;
}

// One row of pixels of `filters` (1 to kFilterBlock) filters; weights are [channels][tapRows +
// skippedTapRows][tapColumns][filters], from the first tap row that is not skipped.
template <class Products = FloatProducts>
GRADUS_INLINE void correlate(int filters, const Correlation& c, const float* source, const float* weights, const float* bias,
                             float* target) {
  using Kernel = void (*)(const Correlation&, const float*, const float*, const float*, float*);
  static constexpr Kernel kernels[kFilterBlock] = {correlate_row<Products, 1>, correlate_row<Products, 2>, correlate_row<Products, 3>,
                                                   correlate_row<Products, 4>, correlate_row<Products, 5>, correlate_row<Products, 6>};
  kernels[filters - 1](c, source, weights, bias, target);
}

struct Maximum {
  Vector value;
  Ints place;
};

// The largest of four and its place, the first of equals. There must be no NaN.
GRADUS_INLINE Maximum maximum(const Vector (&v)[4]) {
  const Vector upper = larger(v[0], v[1]), lower = larger(v[2], v[3]);
  const Ints zeros{}, ones = zeros + 1, twos = zeros + 2, threes = zeros + 3;
  return Maximum{larger(upper, lower), lower > upper ? (v[3] > v[2] ? threes : twos) : (v[1] > v[0] ? ones : zeros)};
}

// The same, but the first NaN wins if there is one.
static __attribute__((noinline, unused)) Maximum maximum_or_nan(Vector v0, Vector v1, Vector v2, Vector v3) {
  const Vector v[4] = {v0, v1, v2, v3};
  Maximum m{v[0], Ints{}};
  for (int i = 1; i < 4; i++) {
    const Ints better = ~(v[i] <= m.value) & (m.value == m.value);
    m.value = better ? v[i] : m.value;
    m.place = better ? i - Ints{} : m.place;
  }
  return m;
}

// The largest of a window after ReLU, and its place if index is not null. nan: whether there may be a NaN.
GRADUS_INLINE void store_maximum(const Vector (&window)[4], bool nan, float* target, uint8_t* index) {
  const Maximum m = nan ? maximum_or_nan(window[0], window[1], window[2], window[3]) : maximum(window);
  store(target, relu(m.value));
  if (index == nullptr) return;
  // A closed window is all zeros after the ReLU: the first of equals is place 0.
  const Ints place = m.value <= zero() ? Ints{} : m.place;
  store_bytes(index, reinterpret_cast<ByteLanes>(place));
}

template <class Products, int F>
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
    accumulate_taps<Products, F, 4>(sum, c, source + 2 * pixel * c.pixelStep, offset, weights);
    // A NaN among the sums, or infinities of both signs, makes this NaN.
    Vector all = zero();
#pragma GCC unroll 8
    for (int f = 0; f < F; f++) all += (sum[f][0] + sum[f][1]) + (sum[f][2] + sum[f][3]);
    const bool nan = __builtin_expect(has_nan(all), 0);
#pragma GCC unroll 8
    for (int f = 0; f < F; f++) {
      const int64_t at = f * c.targetChannelStep + pixel * c.targetPixelStep;
      store_maximum(sum[f], nan, target + at, index == nullptr ? nullptr : index + at);
    }
  }
}

// One row of 2x2 maxima after ReLU, with the place of each maximum in its window if index is not null.
template <class Products = FloatProducts>
GRADUS_INLINE void correlate_pooled(int filters, const PooledCorrelation& c, const float* source, const float* weights,
                                    const float* bias, float* target, uint8_t* index) {
  using Kernel = void (*)(const PooledCorrelation&, const float*, const float*, const float*, float*, uint8_t*);
  static constexpr Kernel kernels[] = {correlate_pooled_row<Products, 1>, correlate_pooled_row<Products, 2>, correlate_pooled_row<Products, 3>,
#if GRADUS_LANES == 16
                                       correlate_pooled_row<Products, 4>, correlate_pooled_row<Products, 5>, correlate_pooled_row<Products, 6>
#endif
  };
  static_assert(sizeof(kernels) / sizeof(kernels[0]) == kPooledFilterBlock);
  kernels[filters - 1](c, source, weights, bias, target, index);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
