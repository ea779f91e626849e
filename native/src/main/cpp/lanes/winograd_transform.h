// The transforms of F(4x4, 3x3) and of F(3x3, 4x4): polynomials are evaluated at 0, 1, -1, 1/2, -2 and infinity along each axis,
// multiplied there, and interpolated. With 2 in the place of 1/2 rounding errors would be 1.5 times as large.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kTile = 4;                      // outputs along one axis
constexpr int kPoints = 6;                    // inputs along one axis, and points of evaluation
constexpr int kPositions = kPoints * kPoints;

// An input.
GRADUS_INLINE void evaluate(const Vector (&d)[kPoints], Vector (&t)[kPoints]) {
  const Vector even = d[4] - d[2], odd = d[3] - d[1];
  t[0] = (d[0] - d[2]) + even + 1.5f * odd;
  t[1] = (even + odd) + 1.5f * (d[3] + d[2]);
  t[2] = (even - odd) + 1.5f * (d[3] - d[2]);
  t[3] = even + 2.0f * odd;
  t[4] = even - 0.5f * odd;
  t[5] = (d[5] - d[3]) - odd + 1.5f * even;
}

// A kernel of three taps.
GRADUS_INLINE void evaluate(const Vector (&g)[3], Vector (&t)[kPoints]) {
  const Vector even = (g[0] + g[2]) * (1.0f / 3), odd = g[1] * (1.0f / 3);
  t[0] = g[0];
  t[1] = even + odd;
  t[2] = odd - even;
  t[3] = g[0] * (-16.0f / 15) + g[1] * (-8.0f / 15) + g[2] * (-4.0f / 15);
  t[4] = g[0] * (1.0f / 15) + g[1] * (-2.0f / 15) + g[2] * (4.0f / 15);
  t[5] = g[2];
}

// A kernel of four taps, a tile of the output's gradient, but for factors that kGradientFactors puts in once for a whole sum.
GRADUS_INLINE void evaluate(const Vector (&g)[kTile], Vector (&t)[kPoints]) {
  const Vector even = g[0] + g[2], odd = g[1] + g[3];
  t[0] = g[0];
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = (g[0] + 0.25f * g[2]) + 0.5f * (g[1] + 0.25f * g[3]);
  t[4] = (g[0] + 4.0f * g[2]) - 2.0f * (g[1] + 4.0f * g[3]);
  t[5] = g[3];
}
constexpr float kGradientFactors[kPoints] = {1, 1.0f / 3, -1.0f / 3, -16.0f / 15, 1.0f / 15, 1};

// Three outputs: the gradients of a kernel's taps.
GRADUS_INLINE void interpolate_output(const Vector (&m)[kPoints], Vector (&y)[3]) {
  const Vector a = m[1] + m[2], b = m[1] - m[2];
  y[0] = (m[0] + a) + (m[3] + m[4]);
  y[1] = b + (0.5f * m[3] - 2.0f * m[4]);
  y[2] = (a + m[5]) + (0.25f * m[3] + 4.0f * m[4]);
}

GRADUS_INLINE void interpolate_output(const Vector (&m)[kPoints], Vector (&y)[kTile]) {
  const Vector a = m[1] + m[2], b = m[1] - m[2];
  y[0] = (m[0] + a) + (m[3] + m[4]);
  y[1] = b + (0.5f * m[3] - 2.0f * m[4]);
  y[2] = a + (0.25f * m[3] + 4.0f * m[4]);
  y[3] = (b + m[5]) + (0.125f * m[3] - 8.0f * m[4]);
}

// A square of kPoints inputs, 3 taps or kTile gradients along each axis, pixel(row, column), to put(position, vector) of the 36
// positions.
template <int Size, class Pixel, class Put>
GRADUS_INLINE void transform_to(const Pixel& pixel, const Put& put) {
  Vector t[kPoints][Size];
#pragma GCC unroll 6
  for (int j = 0; j < Size; j++) {
    Vector column[Size], points[kPoints];
#pragma GCC unroll 6
    for (int i = 0; i < Size; i++) column[i] = pixel(i, j);
    evaluate(column, points);
#pragma GCC unroll 6
    for (int i = 0; i < kPoints; i++) t[i][j] = points[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < kPoints; i++) {
    Vector points[kPoints];
    evaluate(t[i], points);
#pragma GCC unroll 6
    for (int j = 0; j < kPoints; j++) put(i * kPoints + j, points[j]);
  }
}

// To places `step` floats apart.
template <int Size, class Pixel>
GRADUS_INLINE void transform(const Pixel& pixel, float* v, int64_t step) {
  transform_to<Size>(pixel, [&](int position, Vector value) __attribute__((always_inline)) { store(v + position * step, value); });
}

// Of a square in memory.
template <int Size>
GRADUS_INLINE void transform(const float* square, int64_t rowStep, float* v, int64_t step) {
  transform<Size>([&](int i, int j) __attribute__((always_inline)) { return load(square + i * rowStep + j * kLanes); }, v, step);
}

// The 36 products to Size x Size outputs: 4 of a convolution, 3 of a kernel's gradient.
template <int Size>
GRADUS_INLINE void transform_output(const float* m, int64_t step, Vector (&y)[Size][Size]) {
  Vector t[Size][kPoints];
#pragma GCC unroll 6
  for (int j = 0; j < kPoints; j++) {
    Vector column[kPoints], values[Size];
#pragma GCC unroll 6
    for (int i = 0; i < kPoints; i++) {
      column[i] = load(m + (i * kPoints + j) * step);
      if constexpr (Size == 3) column[i] *= kGradientFactors[i] * kGradientFactors[j];
    }
    interpolate_output(column, values);
#pragma GCC unroll 4
    for (int i = 0; i < Size; i++) t[i][j] = values[i];
  }
#pragma GCC unroll 4
  for (int i = 0; i < Size; i++) interpolate_output(t[i], y[i]);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
