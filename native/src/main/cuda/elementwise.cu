GRADUS_KERNEL fill(float* y, float value, Index n) {
  GRADUS_EACH(i, n) y[i] = value;
}

// y = beta y + x, from any type to any.
GRADUS_KERNEL convert(Input x, Output y, float beta, Index n) {
  each(take_fours(n, x, y), n, [&](auto width, Index i) { put(y, i, beta, load(width, x, i)); });
}

// y = packed = x rounded; y may be null, or x.
GRADUS_KERNEL round_to(const float* x, float* y, Output packed, Index n) {
  each(take_fours(n, x, y, packed), n, [&](auto width, Index i) {
    auto values = load(width, x, i);
    put(packed, i, 0, values);
    if (!y) return;
    for (float& value : values.v) value = expanded(rounded(value, (int)packed.type), (int)packed.type);
    put(y, i, 0, values);
  });
}

GRADUS_KERNEL add(const float* a, const float* b, float* y, Index n) {
  each(take_fours(n, a, b, y), n, [&](auto width, Index i) {
    put_activated(to_floats(y), i, load(width, a, i), of_floats(b), false);
  });
}

GRADUS_KERNEL multiply(const float* a, const float* b, float* y, Index n) {
  each(take_fours(n, a, b, y), n, [&](auto width, Index i) {
    auto products = load(width, a, i), others = load(width, b, i);
    for (int k = 0; k < width.value; k++) products.v[k] *= others.v[k];
    put(y, i, 0, products);
  });
}

GRADUS_KERNEL add_scaled(float alpha, const float* x, float* y, Index n) {
  each(take_fours(n, x, y), n, [&](auto width, Index i) {
    auto values = load(width, x, i);
    for (float& value : values.v) value *= alpha;
    put(y, i, 1, values);
  });
}

__device__ inline void multiply_all(float factor, float* y, Index n) {
  each(take_fours(n, y), n, [&](auto width, Index i) {
    auto values = load(width, y, i);
    for (float& value : values.v) value *= factor;
    put(y, i, 0, values);
  });
}

GRADUS_KERNEL scale(float alpha, float* y, Index n) { multiply_all(alpha, y, n); }

GRADUS_KERNEL scale_by(const float* factor, float* y, Index n) { multiply_all(*factor, y, n); }

// y = relu(a + b); b may be null. A NaN stays a NaN.
GRADUS_KERNEL add_relu(const float* a, const float* b, float* y, Index n) {
  each(take_fours(n, a, b, y), n, [&](auto width, Index i) {
    put_activated(to_floats(y), i, load(width, a, i), of_floats(b), true);
  });
}

// The numbers CudaMathOps gives gradus.backend.spec.Activation.Kind.
enum {
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

__device__ inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }

__device__ inline float normal_cumulative(float x) { return 0.5f * erfcf(x * -0.70710678f); }

__device__ inline float normal_density(float x) { return 0.39894228f * expf(-0.5f * x * x); }

constexpr float kSeluAlpha = 1.67326324f, kSeluScale = 1.05070099f;

// A NaN stays a NaN.
__device__ inline float softplus(float x) { return (x < 0 ? 0 : x) + log1pf(expf(-fabsf(x))); }

__device__ inline float activation_value(int kind, float alpha, float x) {
  switch (kind) {
    case kRelu: return x <= 0 ? 0 : x;
    case kLeakyRelu: return x > 0 ? x : alpha * x;
    case kElu: return x > 0 ? x : alpha * expm1f(x);
    case kSilu: return x * sigmoid(x);
    case kGelu: return x * normal_cumulative(x);
    case kSigmoid: return sigmoid(x);
    case kTanh: return tanhf(x);
    case kRelu6: return x <= 0 ? 0 : x >= 6 ? 6 : x;
    case kSelu: return kSeluScale * (x > 0 ? x : kSeluAlpha * expm1f(x));
    case kSoftplus: return softplus(x);
    case kMish: return x * tanhf(softplus(x));
    case kHardsigmoid: return x <= -3 ? 0 : x >= 3 ? 1 : x * (1.0f / 6) + 0.5f;
    case kHardswish: return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) * (1.0f / 6);
    default: return expf(x);
  }
}

__device__ inline float activation_slope(int kind, float alpha, float x, float y) {
  switch (kind) {
    case kRelu: return x > 0 ? 1 : 0;
    case kLeakyRelu: return x > 0 ? 1 : alpha;
    case kElu: return x > 0 ? 1 : y + alpha;
    case kSilu: return sigmoid(x) * (1 + x * (1 - sigmoid(x)));
    case kGelu: return normal_cumulative(x) + x * normal_density(x);
    case kSigmoid: return y * (1 - y);
    case kTanh: return 1 - y * y;
    case kRelu6: return x > 0 && x < 6 ? 1 : 0;
    case kSelu: return x > 0 ? kSeluScale : y + kSeluScale * kSeluAlpha;
    case kSoftplus: return sigmoid(x);
    case kMish: {
      float t = tanhf(softplus(x));
      return t + x * sigmoid(x) * (1 - t * t);
    }
    case kHardsigmoid: return x > -3 && x < 3 ? 1.0f / 6 : 0;
    case kHardswish: return x <= -3 ? 0 : x >= 3 ? 1 : x * (1.0f / 3) + 0.5f;
    default: return y;
  }
}

GRADUS_KERNEL activation(int kind, float alpha, Input x, Output y, Index n) {
  each(take_fours(n, x, y), n, [&](auto width, Index i) {
    auto values = load(width, x, i);
    for (float& value : values.v) value = activation_value(kind, alpha, value);
    put(y, i, 0, values);
  });
}

GRADUS_KERNEL activation_backward(int kind, float alpha, Input x, Input y, Input dy, Output dx, float beta, Index n) {
  each(take_fours(n, x, y, dy, dx), n, [&](auto width, Index i) {
    auto inputs = load(width, x, i), outputs = load(width, y, i), gradients = load(width, dy, i);
    for (int k = 0; k < width.value; k++) gradients.v[k] *= activation_slope(kind, alpha, inputs.v[k], outputs.v[k]);
    put(dx, i, beta, gradients);
  });
}

// See DropoutSpec.isDropped: the same bits on every backend.
__device__ inline bool is_dropped(unsigned index, unsigned seed, unsigned threshold) {
  unsigned x = index * 0x9E3779B9u + seed;
  x ^= x >> 16;
  x *= 0x85EBCA6Bu;
  x ^= x >> 13;
  x *= 0xC2B2AE35u;
  x ^= x >> 16;
  return (x >> 8) < threshold;
}

GRADUS_KERNEL dropout(Images images, const float* x, float* y, int seed, int threshold, float kept, float beta, Index n) {
  each(take_fours(n, x, y), n, [&](auto width, Index i) {
    auto values = load(width, x, i);
    for (int k = 0; k < width.value; k++) {
      bool dropped = is_dropped((unsigned)images.logical(i + k), (unsigned)seed, (unsigned)threshold);
      values.v[k] = dropped ? 0 : values.v[k] * kept;
    }
    put(y, i, beta, values);
  });
}
