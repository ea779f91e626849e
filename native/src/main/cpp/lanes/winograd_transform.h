// The transforms of F(4x4, 3x3) and of F(3x3, 4x4): polynomials are evaluated at 0, 1, -1, 2, -2 and infinity along each axis, multiplied
// there, and interpolated.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kTile = 4;                      // outputs along one axis
constexpr int kPoints = 6;                    // inputs along one axis, and points of evaluation
constexpr int kPositions = kPoints * kPoints;

// An input.
GRADUS_INLINE void evaluate(const Vector (&d)[kPoints], Vector (&t)[kPoints]) {
  const Vector a = d[4] - 4.0f * d[2], b = d[3] - 4.0f * d[1];
  const Vector c = d[4] - d[2], e = d[3] - d[1];
  t[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + 2.0f * e;
  t[4] = c - 2.0f * e;
  t[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
}

// A kernel of three taps.
GRADUS_INLINE void evaluate(const Vector (&g)[3], Vector (&t)[kPoints]) {
  const Vector even = (g[0] + g[2]) * (-1.0f / 6), odd = g[1] * (1.0f / 6);
  const Vector a = g[0] * (1.0f / 24) + g[2] * (1.0f / 6), b = g[1] * (1.0f / 12);
  t[0] = g[0] * 0.25f;
  t[1] = even - odd;
  t[2] = even + odd;
  t[3] = a + b;
  t[4] = a - b;
  t[5] = g[2];
}

// A kernel of four taps, a tile of the output's gradient, but for factors that kGradientFactors puts in once for a whole sum.
GRADUS_INLINE void evaluate(const Vector (&g)[kTile], Vector (&t)[kPoints]) {
  const Vector even = g[0] + g[2], odd = g[1] + g[3];
  const Vector a = g[0] + 4.0f * g[2], b = g[1] + 4.0f * g[3];
  t[0] = g[0];
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = a + 2.0f * b;
  t[4] = a - 2.0f * b;
  t[5] = g[3];
}
constexpr float kGradientFactors[kPoints] = {1.0f / 4, -1.0f / 6, -1.0f / 6, 1.0f / 24, 1.0f / 24, 1};

// Three outputs: the gradients of a kernel's taps.
GRADUS_INLINE void interpolate_output(const Vector (&m)[kPoints], Vector (&y)[3]) {
  const Vector a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
  y[0] = m[0] + a + c;
  y[1] = b + 2.0f * d;
  y[2] = a + 4.0f * c + m[5];
}

GRADUS_INLINE void interpolate_output(const Vector (&m)[kPoints], Vector (&y)[kTile]) {
  const Vector a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
  y[0] = m[0] + a + c;
  y[1] = b + 2.0f * d;
  y[2] = a + 4.0f * c;
  y[3] = b + 8.0f * d + m[5];
}

// A square of kPoints inputs, 3 taps or kTile gradients along each axis, pixel(row, column), to the 36 positions, `step` floats
// apart.
template <int Size, class Pixel>
GRADUS_INLINE void transform(const Pixel& pixel, float* v, int64_t step) {
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
    for (int j = 0; j < kPoints; j++) store(v + (i * kPoints + j) * step, points[j]);
  }
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
