// Arithmetic and activations over whole buffers: every physical element, idle lanes included, so the layout plays no part.
#pragma once
#include "bfloat16.h"
#include "vector_math.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// y[i] = f at i, in parallel.
template <class E, class F>
inline void map(Context& context, E* y, int64_t count, const F& f) {
  context.weights.touched(y, count * sizeof(E));
  for_ranges(context, count, kGrainFloats, [&](int64_t begin, int64_t end) {
    along(begin, end, [&](auto place) GRADUS_LAMBDA { put_value(place, y, f(place)); });
  });
}

// y[i] = beta y[i] + f at i.
template <class E, class F>
inline void map_onto(Context& context, E* y, int64_t count, float beta, const F& f) {
  if (beta == 0) {
    map(context, y, count, f);
  } else {
    map(context, y, count, [&](auto place) GRADUS_LAMBDA { return value_at(place, y) + f(place); });
  }
}

inline void fill(int64_t context, int64_t y, int64_t count, float value) {
  map(context_at(context), at<float>(y), count, [=](auto) GRADUS_LAMBDA { return splat(value); });
}

inline void zero(int64_t context, int64_t y, int64_t bytes) {
  context_at(context).weights.touched(at<char>(y), bytes);
  for_ranges(context_at(context), bytes, kGrainFloats * 4, [=](int64_t begin, int64_t end) {
    memset(at<char>(y) + begin, 0, static_cast<size_t>(end - begin));
  });
}

inline void copy(int64_t context, int64_t x, int64_t y, int64_t bytes) {
  context_at(context).weights.touched(at<char>(y), bytes);
  for_ranges(context_at(context), bytes, kGrainFloats * 4, [=](int64_t begin, int64_t end) {
    memcpy(at<char>(y) + begin, at<char>(x) + begin, static_cast<size_t>(end - begin));
  });
}

inline void add(int64_t context, int64_t a, int64_t b, int64_t y, int64_t count) {
  const float *pa = at<float>(a), *pb = at<float>(b);
  map(context_at(context), at<float>(y), count, [=](auto i) GRADUS_LAMBDA { return i(pa) + i(pb); });
}

inline void multiply(int64_t context, int64_t a, int64_t b, int64_t y, int64_t count) {
  const float *pa = at<float>(a), *pb = at<float>(b);
  map(context_at(context), at<float>(y), count, [=](auto i) GRADUS_LAMBDA { return i(pa) * i(pb); });
}

inline void add_scaled(int64_t context, float alpha, int64_t x, int64_t y, int64_t count) {
  const float* px = at<float>(x);
  map_onto(context_at(context), at<float>(y), count, 1, [=](auto i) GRADUS_LAMBDA { return alpha * i(px); });
}

inline void scale(int64_t context, float alpha, int64_t y, int64_t count) {
  const float* p = at<float>(y);
  map(context_at(context), at<float>(y), count, [=](auto i) GRADUS_LAMBDA { return alpha * i(p); });
}

inline void scale_by(int64_t context, int64_t scalar, int64_t y, int64_t count) {
  scale(context, *at<float>(scalar), y, count);
}

// max(x, 0) that lets NaN through.
GRADUS_INLINE V relu(V x) { return x < 0.0f ? V{} : x; }
GRADUS_INLINE float relu(float x) { return x < 0.0f ? 0.0f : x; }

inline void add_relu(int64_t context, int64_t a, int64_t b, int64_t y, int64_t count) {
  const float *pa = at<float>(a), *pb = at<float>(b);
  map(context_at(context), at<float>(y), count, [=](auto i) GRADUS_LAMBDA { return relu(i(pa) + i(pb)); });
}

// In the order of gradus.backend.spec.Activation.Kind.
enum ActivationKind {
  kRelu,
  kLeakyRelu,
  kElu,
  kSilu,
  kGelu,
  kSigmoid,
  kTanh,
  kRelu6,
  kExp,
  kSelu,
  kSoftplus,
  kMish,
  kHardsigmoid,
  kHardswish
};

constexpr float kSeluAlpha = 1.67326324f, kSeluScale = 1.05070099f;

// tanh(log(1 + exp(x))) = 1 - rest, by a quotient of two polynomials of exp(x); what is above 20 is 1 in float32.
GRADUS_INLINE V tanh_of_softplus(V x, V& rest) {
  V e = exp(x > 20.0f ? splat(20.0f) : x), n = e * (e + 2.0f);
  rest = 2.0f / (n + 2.0f);
  return n / (n + 2.0f);
}

template <class E>
inline void activation_of(int64_t context, int32_t kind, float alpha, int64_t x, int64_t y, int64_t count) {
  const E* p = at<E>(x);
  auto apply = [&](auto f) {
    map(context_at(context), at<E>(y), count, [=](auto i) GRADUS_LAMBDA { return f(value_at(i, p)); });
  };
  switch (kind) {
    case kRelu:
      apply([](V v) GRADUS_LAMBDA { return relu(v); });
      break;
    case kLeakyRelu:
      apply([=](V v) GRADUS_LAMBDA { return v > 0.0f ? v : alpha * v; });
      break;
    case kElu:
      apply([=](V v) GRADUS_LAMBDA { return v > 0.0f ? v : alpha * expm1_negative(v); });
      break;
    case kSilu:
      apply([](V v) GRADUS_LAMBDA { return v / (1.0f + exp(-v)); });
      break;
    case kGelu:
      apply([](V v) GRADUS_LAMBDA {
        V density;
        return v * normal_cdf(v, density);
      });
      break;
    case kSigmoid:
      apply([](V v) GRADUS_LAMBDA { return sigmoid(v); });
      break;
    case kTanh:
      apply([](V v) GRADUS_LAMBDA { return tanh(v); });
      break;
    case kRelu6:
      apply([](V v) GRADUS_LAMBDA {
        V y = relu(v);
        return y > 6.0f ? splat(6.0f) : y;
      });
      break;
    case kExp:
      apply([](V v) GRADUS_LAMBDA { return exp(v); });
      break;
    case kSelu:
      apply([](V v) GRADUS_LAMBDA { return kSeluScale * (v > 0.0f ? v : kSeluAlpha * expm1_negative(v)); });
      break;
    case kSoftplus:
      apply([](V v) GRADUS_LAMBDA { return relu(v) + log1p_of_exp_negative(absolute(v)); });
      break;
    case kMish:
      apply([](V v) GRADUS_LAMBDA {
        V rest;
        return v * tanh_of_softplus(v, rest);
      });
      break;
    case kHardsigmoid:
      apply([](V v) GRADUS_LAMBDA {
        V y = relu(v * (1.0f / 6.0f) + 0.5f);
        return y > 1.0f ? splat(1.0f) : y;
      });
      break;
    case kHardswish:
      apply([](V v) GRADUS_LAMBDA {
        V y = v >= 3.0f ? v : v * (v + 3.0f) * (1.0f / 6.0f);
        return v <= -3.0f ? V{} : y;
      });
      break;
  }
}

inline void activation(int64_t context, int32_t kind, float alpha, int64_t x, int64_t y, int32_t packed, int64_t count) {
  (packed != 0 ? activation_of<uint16_t> : activation_of<float>)(context, kind, alpha, x, y, count);
}

// Of activations of E, dy of G and dx of R.
template <class E, class G, class R>
inline void activation_backward_of(int64_t context, int32_t kind, float alpha, int64_t x, int64_t y, int64_t dy, int64_t dx,
                                   float beta, int64_t count) {
  const E *px = at<E>(x), *py = at<E>(y);
  const G* pdy = at<G>(dy);
  auto from = [&](const E* source, auto f) {
    map_onto(context_at(context), at<R>(dx), count, beta,
             [=](auto i) GRADUS_LAMBDA { return f(value_at(i, source), value_at(i, pdy)); });
  };
  switch (kind) {
    case kRelu:
      from(py, [](V v, V d) GRADUS_LAMBDA { return v > 0.0f ? d : V{}; });
      break;
    case kLeakyRelu:
      from(px, [=](V v, V d) GRADUS_LAMBDA { return v > 0.0f ? d : alpha * d; });
      break;
    case kElu:
      from(px, [=](V v, V d) GRADUS_LAMBDA { return v > 0.0f ? d : alpha * exp(v) * d; });
      break;
    case kSilu:
      from(px, [](V v, V d) GRADUS_LAMBDA {
        V s = sigmoid(v);
        return d * (s * (1.0f + v * (1.0f - s)));
      });
      break;
    case kGelu:
      from(px, [](V v, V d) GRADUS_LAMBDA {
        V density, cdf = normal_cdf(v, density);
        return d * (cdf + v * density);
      });
      break;
    case kSigmoid:
      from(py, [](V v, V d) GRADUS_LAMBDA { return d * (v * (1.0f - v)); });
      break;
    case kTanh:
      from(py, [](V v, V d) GRADUS_LAMBDA { return d * (1.0f - v * v); });
      break;
    case kRelu6:
      from(py, [](V v, V d) GRADUS_LAMBDA { return ((v > 0.0f) & (v < 6.0f)) ? d : V{}; });
      break;
    case kExp:
      from(py, [](V v, V d) GRADUS_LAMBDA { return d * v; });
      break;
    case kSelu:
      from(px, [](V v, V d) GRADUS_LAMBDA { return kSeluScale * d * (v > 0.0f ? splat(1.0f) : kSeluAlpha * exp(v)); });
      break;
    case kSoftplus:
      from(px, [](V v, V d) GRADUS_LAMBDA { return d * sigmoid(v); });
      break;
    case kMish:
      from(px, [](V v, V d) GRADUS_LAMBDA {
        V rest, t = tanh_of_softplus(v, rest);
        return d * (t + v * sigmoid(v) * (rest * (1.0f + t)));
      });
      break;
    case kHardsigmoid:
      from(px, [](V v, V d) GRADUS_LAMBDA { return ((v > -3.0f) & (v < 3.0f)) ? d * (1.0f / 6.0f) : V{}; });
      break;
    case kHardswish:
      from(px, [](V v, V d) GRADUS_LAMBDA {
        V inner = v >= 3.0f ? d : d * (v * (1.0f / 3.0f) + 0.5f);
        return v <= -3.0f ? V{} : inner;
      });
      break;
  }
}

inline void activation_backward(int64_t context, int32_t kind, float alpha, int64_t x, int64_t y, int32_t packed, int64_t dy,
                                int32_t dy_packed, int64_t dx, int32_t dx_packed, float beta, int64_t count) {
  (packed == 0      ? activation_backward_of<float, float, float>
   : dy_packed != 0 ? activation_backward_of<uint16_t, uint16_t, uint16_t>
   : dx_packed != 0 ? activation_backward_of<uint16_t, float, uint16_t>
                    : activation_backward_of<uint16_t, float, float>)(context, kind, alpha, x, y, dy, dx, beta, count);
}

// What passes a ReLU of a gradient, from its result y.
inline void relu_backward_in_place(int64_t context, int64_t y, int64_t dy, int64_t count) {
  activation_backward_of<float, float, float>(context, kRelu, 0, y, y, dy, dy, 0, count);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
