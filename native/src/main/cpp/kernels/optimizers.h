// Parameter updates in one pass over values, gradients and state.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

inline void sgd(int64_t context, int64_t values, int64_t gradients, int64_t velocity, int64_t count,
                float learning_rate, float momentum, float dampening, int32_t nesterov, float weight_decay,
                int32_t first_step) {
  float *w = at<float>(values), *v = at<float>(velocity);
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

}  // namespace gradus::GRADUS_TIER_NAMESPACE
