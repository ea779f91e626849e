// Exponentials and their kin on whole vectors: within about two units in the last place, exact at the extremes, NaN in and
// NaN out. The polynomials are least-maximum fits made for these intervals.
#pragma once
#include <math.h>

#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Splits x = n ln 2 + r with |r| <= ln 2 / 2.
struct Reduced {
  V r;
  I n;
};
GRADUS_INLINE Reduced reduce(V x) {
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  V n = (x * 1.44269504f + magic) - magic;
  V r = x - n * 0.693359375f;       // the upper bits of ln 2: exact for every n in range
  r = r - n * -2.12194440e-4f;
  return {r, __builtin_convertvector(n, I)};
}
// exp(r) - 1 - r for a reduced r.
GRADUS_INLINE V exp_tail(V r) {
  V q = 1.390152181e-03f * r + 8.363739831e-03f;
  q = q * r + 4.166686108e-02f;
  q = q * r + 1.666657369e-01f;
  q = q * r + 4.999999953e-01f;
  return r * r * q;
}
GRADUS_INLINE V power_of_two(I n) { return bits_to_float((n + 127) << 23); }

GRADUS_INLINE V exp(V x) {
  x = x > 100.0f ? splat(100.0f) : x;
  x = x < -120.0f ? splat(-120.0f) : x;
  Reduced a = reduce(x);
  V p = exp_tail(a.r) + a.r + 1.0f;
  I half = a.n >> 1;  // in two steps, so that results overflow to infinity and fade out gradually at the other end
  return p * power_of_two(half) * power_of_two(a.n - half);
}

// exp(x) - 1 without cancellation, for x <= 0.
GRADUS_INLINE V expm1_negative(V x) {
  x = x < -30.0f ? splat(-30.0f) : x;
  Reduced a = reduce(x);
  V scale = power_of_two(a.n);
  return scale * (exp_tail(a.r) + a.r) + (scale - 1.0f);
}

GRADUS_INLINE V absolute(V x) { return bits_to_float(float_to_bits(x) & 0x7fffffff); }
GRADUS_INLINE V with_sign_of(V magnitude, V sign) {
  return bits_to_float(float_to_bits(magnitude) | (float_to_bits(sign) & static_cast<int32_t>(0x80000000)));
}

GRADUS_INLINE V tanh(V x) {
  V a = absolute(x), s = x * x;
  V p = -6.096937060e-03f * s + 2.099735401e-02f;
  p = p * s + -5.385095261e-02f;
  p = p * s + 1.333277008e-01f;
  p = p * s + -3.333332895e-01f;
  V near = x + x * s * p;
  V far = with_sign_of(1.0f - 2.0f / (exp(a + a) + 1.0f), x);
  return a < 0.625f ? near : far;
}

GRADUS_INLINE V sigmoid(V x) { return 1.0f / (1.0f + exp(-x)); }

// The standard normal distribution function and, in density, its derivative.
GRADUS_INLINE V normal_cdf(V x, V& density) {
  // exp(-x^2/2) with the rounding error of the square put back: x = h + l with h h exact.
  V c = x > 20.0f ? splat(20.0f) : x;
  c = c < -20.0f ? splat(-20.0f) : c;
  V h = bits_to_float(float_to_bits(c) & static_cast<int32_t>(0xfffff000));
  V rest = (c - h) * (c + h) * -0.5f;
  V gauss = exp(h * h * -0.5f) * (1.0f + rest * (1.0f + rest * (0.5f + rest * (1.0f / 6.0f))));
  density = gauss * 0.398942280f;
  V s = c * c;
  V p = 4.338682710e-07f * s + -8.850094986e-06f;
  p = p * s + 1.146469227e-04f;
  p = p * s + -1.186782027e-03f;
  p = p * s + 9.973374466e-03f;
  p = p * s + -6.649035695e-02f;
  p = p * s + 3.989422799e-01f;
  V near = c * p + 0.5f;
  V a = absolute(c), t = (a - 4.0f) / (a + 4.0f);
  V q = 7.953091950e-04f * t + -9.529452614e-04f;
  q = q * t + -5.485891094e-03f;
  q = q * t + 2.643429971e-02f;
  q = q * t + -6.306542993e-02f;
  q = q * t + 1.003072774e-01f;
  q = q * t + -1.103795053e-01f;
  q = q * t + 7.369425499e-02f;
  q = q * t + 3.776425644e-01f;
  V tail = gauss * q / a;
  V far = c > 0.0f ? 1.0f - tail : tail;
  return a < 1.0f ? near : far;
}

// log(1 + exp(-a)) for a >= 0.
GRADUS_INLINE V log1p_of_exp_negative(V a) {
  V e = exp(-a), z = e / (e + 2.0f), s = z * z;
  V p = 2.323355661e-01f * s + 2.170453373e-01f;
  p = p * s + 2.859249899e-01f;
  p = p * s + 3.999970323e-01f;
  p = p * s + 6.666666733e-01f;
  return z * (2.0f + s * p);
}

// For the plain layout, where a lane is one float.
GRADUS_INLINE float exp(float x) { return ::expf(x); }

}  // namespace gradus::GRADUS_TIER_NAMESPACE
