// Parameter updates in one pass over values, gradients and state.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

inline void sgd(int64_t context, int64_t values, int64_t gradients, int64_t velocity, int64_t count,
                float learning_rate, float momentum, float dampening, int32_t nesterov, float weight_decay,
                int32_t first_step) {
  float *w = at<float>(values), *v = at<float>(velocity);
  context_at(context).weights.touched(w, count * 4);
  const float* gradient = at<float>(gradients);
  for_ranges(context_at(context), count, kGrainFloats, [=](int64_t begin, int64_t end) {
    along(begin, end, [=](auto i) GRADUS_LAMBDA {
      V value = i(w), g = i(gradient) + weight_decay * value, step = g;
      if (v != nullptr) {
        V next = first_step ? g : momentum * i(v) + (1 - dampening) * g;
        i.put(v, next);
        step = nesterov ? g + momentum * next : next;
      }
      i.put(w, value - learning_rate * step);
    });
  });
}

// The corrections are 1 - beta1^step and 1 - beta2^step.
inline void adam(int64_t context, int64_t values, int64_t gradients, int64_t mean, int64_t variance, int64_t count,
                 float learning_rate, float beta1, float beta2, float epsilon, float weight_decay, int32_t decoupled,
                 float mean_correction, float variance_correction) {
  float *w = at<float>(values), *m = at<float>(mean), *v = at<float>(variance);
  context_at(context).weights.touched(w, count * 4);
  const float* gradient = at<float>(gradients);
  const float rate = learning_rate / mean_correction, root = 1 / ::sqrtf(variance_correction);
  const float keep_value = decoupled ? 1 - learning_rate * weight_decay : 1, coupled_decay = decoupled ? 0 : weight_decay;
  for_ranges(context_at(context), count, kGrainFloats, [=](int64_t begin, int64_t end) {
    along(begin, end, [=](auto i) GRADUS_LAMBDA {
      V value = i(w), g = i(gradient) + coupled_decay * value;
      V first = beta1 * i(m) + (1 - beta1) * g, second = beta2 * i(v) + (1 - beta2) * g * g;
      i.put(m, first);
      i.put(v, second);
      i.put(w, keep_value * value - rate * first / (square_root(second) * root + epsilon));
    });
  });
}

// See gradus.backend.spec.UpdateSpec for the rules and what each number means.
enum UpdateRule { kMoments, kRmsProp, kAdadelta, kAdagrad, kLion };

// The numbers of an update; complement1 and complement2 are 1 - beta, rounded once.
struct Update {
  float rate, keep, weight_decay, beta1, complement1, beta2, complement2, epsilon, extra, root;
};

template <class T>
GRADUS_INLINE T sign(T x) {
  return (x > 0.0f ? T{} + 1.0f : T{}) - (x < 0.0f ? T{} + 1.0f : T{});
}

// What is subtracted from the weights at i.
template <int Rule, class At>
GRADUS_INLINE V update_step(At i, const Update& u, V g, float* a, float* b, float* c) {
  if constexpr (Rule == kMoments) {
    V mean = u.beta1 * i(a) + u.complement1 * g, square = u.beta2 * i(b) + u.complement2 * g * g;
    i.put(a, mean);
    i.put(b, square);
    if (c != nullptr) {
      square = larger(V(i(c)), square);
      i.put(c, square);
    }
    return (u.rate * mean + u.extra * g) / (u.root * square_root(square) + u.epsilon);
  } else if constexpr (Rule == kRmsProp) {
    V square = u.beta2 * i(a) + u.complement2 * g * g;
    i.put(a, square);
    if (b != nullptr) {
      V mean = u.beta2 * i(b) + u.complement2 * g;
      i.put(b, mean);
      square -= mean * mean;
    }
    V d = g / (square_root(square) + u.epsilon);
    if (c != nullptr) {
      d += u.extra * i(c);
      i.put(c, d);
    }
    return u.rate * d;
  } else if constexpr (Rule == kAdadelta) {
    V square = u.beta2 * i(a) + u.complement2 * g * g, steps = i(b);
    V d = g * square_root(steps + u.epsilon) / square_root(square + u.epsilon);
    i.put(a, square);
    i.put(b, u.beta2 * steps + u.complement2 * d * d);
    return u.rate * d;
  } else if constexpr (Rule == kAdagrad) {
    V sum = i(a) + g * g;
    i.put(a, sum);
    return u.rate * g / (square_root(sum) + u.epsilon);
  } else {
    V old = i(a);
    i.put(a, u.beta2 * old + u.complement2 * g);
    return u.rate * sign(V(u.beta1 * old + u.complement1 * g));
  }
}

template <int Rule>
void update_all(int64_t context, const Update& u, float* w, const float* gradient, float* a, float* b, float* c,
                int64_t count) {
  for_ranges(context_at(context), count, kGrainFloats, [=](int64_t begin, int64_t end) {
    along(begin, end, [=](auto i) GRADUS_LAMBDA {
      V value = u.keep * i(w), g = i(gradient) + u.weight_decay * value;
      i.put(w, value - update_step<Rule>(i, u, g, a, b, c));
    });
  });
}

inline void update(int64_t context, int32_t rule, int64_t values, int64_t gradients, int64_t a, int64_t b, int64_t c,
                   int64_t count, float rate, float keep, float weight_decay, float beta1, float complement1, float beta2,
                   float complement2, float epsilon, float extra, float root) {
  const Update u{rate, keep, weight_decay, beta1, complement1, beta2, complement2, epsilon, extra, root};
  float *w = at<float>(values), *pa = at<float>(a), *pb = at<float>(b), *pc = at<float>(c);
  const float* g = at<float>(gradients);
  context_at(context).weights.touched(w, count * 4);
  switch (rule) {
    case kMoments:
      return update_all<kMoments>(context, u, w, g, pa, pb, pc, count);
    case kRmsProp:
      return update_all<kRmsProp>(context, u, w, g, pa, pb, pc, count);
    case kAdadelta:
      return update_all<kAdadelta>(context, u, w, g, pa, pb, pc, count);
    case kAdagrad:
      return update_all<kAdagrad>(context, u, w, g, pa, pb, pc, count);
    default:
      return update_all<kLion>(context, u, w, g, pa, pb, pc, count);
  }
}

inline void add_l1(int64_t context, float strength, int64_t values, int64_t gradients, int64_t count) {
  const float *w = at<float>(values), *g = at<float>(gradients);
  map(context_at(context), at<float>(gradients), count,
      [=](auto i) GRADUS_LAMBDA { return i(g) + strength * sign(i(w)); });
}

inline void clamp(int64_t context, float limit, int64_t gradients, int64_t count) {
  const float* g = at<float>(gradients);
  map(context_at(context), at<float>(gradients), count, [=](auto i) GRADUS_LAMBDA {
    auto x = i(g);
    x = x > limit ? decltype(x){} + limit : x;  // a NaN stays one
    return x < -limit ? decltype(x){} - limit : x;
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
