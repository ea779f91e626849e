// Batch normalisation. One task owns a channel through both passes, so that the second finds the channel in its core's L2.
// Statistics are sums in double precision, of bfloat16's in float32 for short stretches: exact enough that the mean need not be known
// first. Activations, E, are float or, all of them, bfloat16 (uint16_t), and then gradients may be, too.
#pragma once
#include "bfloat16.h"
#include "elementwise.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// What is summed up over a channel: values, and products of a value and a factor.
struct Term {
  V value, factor;
};
struct ChannelSums {
  double values, products;
};

// The runs of one channel: one per group, `length` floats each, and the lanes that hold an example.
struct ChannelRuns {
  int groups;
  int64_t length, stride, first;
  I last_mask;

  template <class T>
  static ChannelRuns of(const BatchNormSpec& s, int channel) {
    int groups = groups_of<T>(s.n);
    int64_t length = static_cast<int64_t>(s.h) * s.w * Lane<T>::width;
    I mask = I{} - 1;
    if constexpr (Lane<T>::width > 1) mask = Lane<T>::valid(s.n, groups - 1);
    return {groups, length, length * s.c, length * channel, mask};
  }

  // Calls f(place, mask) along every run.
  template <class F>
  GRADUS_INLINE void each(const F& f) const {
    for (int g = 0; g < groups; g++) run(g, f);
  }

  // The same, last run first: a second pass meets what the first one left in the cache.
  template <class F>
  GRADUS_INLINE void each_backwards(const F& f) const {
    for (int g = groups - 1; g >= 0; g--) run(g, f);
  }

  // Asks for the same place of the next run: runs are too short and too far apart for the hardware to foresee.
  template <class E, class Place>
  GRADUS_INLINE void prefetch_next(const E* p, Place place) const {
    __builtin_prefetch(p + place.offset + stride, 0, 2);
  }

  template <class F>
  GRADUS_INLINE void run(int g, const F& f) const {
    const I mask = g == groups - 1 ? last_mask : I{} - 1;
    int64_t begin = first + g * stride;
    along(begin, begin + length, [&](auto place) GRADUS_LAMBDA { f(place, mask); });
  }

  // The sums of what term(place, mask) gives along every run, of values that lie in memory as E.
  template <class E, class F>
  GRADUS_INLINE ChannelSums sums(const F& term) const {
    DoubleSum values, products;
    if constexpr (sizeof(E) == sizeof(float)) {
      each([&](auto place, I mask) GRADUS_LAMBDA {
        const Term t = term(place, mask);
        values.add(t.value);
        products.add_product(t.value, t.factor);
      });
    } else {
      for (int g = 0; g < groups; g++) {
        const I mask = g == groups - 1 ? last_mask : I{} - 1;
        const int64_t begin = first + g * stride, end = begin + length;
        for (int64_t i = begin; i < end; i += kStretch) {
          add_up_narrow(i, smaller(i + kStretch, end), mask, term, values, products);
        }
      }
    }
    return {values.total(), products.total()};
  }

  // What is as narrow as bfloat16 is added up in float32 for a stretch, and only that widened: products of two take 16 of its 24
  // bits, so that 256 of one size are added without rounding.
  static constexpr int kTurns = 4;
  static constexpr int64_t kStretch = 256 * kLanes;

  template <class F>
  GRADUS_INLINE void add_up_narrow(int64_t begin, int64_t end, I mask, const F& term, DoubleSum& values,
                                   DoubleSum& products) const {
    V v[kTurns]{}, p[kTurns]{};
    const auto add = [&](int turn, auto place) GRADUS_LAMBDA {
      const Term t = term(place, mask);
      v[turn] += t.value;
      p[turn] += t.value * t.factor;
    };
    int64_t i = begin;
    for (; i + kTurns * kLanes <= end; i += kTurns * kLanes) {
#pragma GCC unroll 4
      for (int turn = 0; turn < kTurns; turn++) add(turn, Whole{i + turn * kLanes});
    }
    along(i, end, [&](auto place) GRADUS_LAMBDA { add(0, place); });
    values.add((v[0] + v[1]) + (v[2] + v[3]));
    products.add((p[0] + p[1]) + (p[2] + p[3]));
  }
};

// Calls f(channel, runs) for every channel, in parallel.
template <class F>
inline void for_channels(Context& context, const BatchNormSpec& s, const F& f) {
  in_layout_of(context, s.n, [&](auto element) {
    using T = decltype(element);
    int64_t floats = static_cast<int64_t>(groups_of<T>(s.n)) * s.h * s.w * Lane<T>::width;
    for_items(context, s.c, floats, [&](int64_t channel) {
      f(static_cast<int>(channel), ChannelRuns::of<T>(s, static_cast<int>(channel)));
    });
  });
}

// y = (x - mean) slope + offset, then the residual and ReLU if wanted.
template <class E>
inline void normalise(const ChannelRuns& runs, const E* x, float mean, float slope, float offset, const E* residual,
                      bool with_relu, E* y) {
  auto pass = [&](auto finish) GRADUS_LAMBDA {
    runs.each_backwards([&](auto place, I) GRADUS_LAMBDA {
      put_value(place, y, finish(place, (value_at(place, x) - mean) * slope + offset));
    });
  };
  if (residual != nullptr && with_relu) {
    pass([=](auto place, V v) GRADUS_LAMBDA { return relu(v + value_at(place, residual)); });
  } else if (residual != nullptr) {
    pass([=](auto place, V v) GRADUS_LAMBDA { return v + value_at(place, residual); });
  } else if (with_relu) {
    pass([](auto, V v) GRADUS_LAMBDA { return relu(v); });
  } else {
    pass([](auto, V v) GRADUS_LAMBDA { return v; });
  }
}

template <class E>
inline void batch_norm_training_of(int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta,
                                int64_t running_mean, int64_t running_var, int64_t residual, int32_t relu, int64_t y,
                                int64_t saved_mean, int64_t saved_inv_std) {
  const BatchNormSpec& s = *at<BatchNormSpec>(spec);
  const double count = static_cast<double>(s.n) * s.h * s.w;
  for_channels(context_at(context), s, [&](int channel, const ChannelRuns& runs) {
    const E* px = at<E>(x);
    const ChannelSums sums = runs.sums<E>([&](auto place, I mask) GRADUS_LAMBDA {
      runs.prefetch_next(px, place);
      V v = keep(mask, value_at(place, px));
      return Term{v, v};
    });
    double mean = sums.values / count;
    double variance = sums.products / count - mean * mean;
    if (variance < 0) variance = 0;
    double inv_std = 1 / ::sqrt(variance + s.epsilon);
    at<float>(saved_mean)[channel] = static_cast<float>(mean);
    at<float>(saved_inv_std)[channel] = static_cast<float>(inv_std);
    double unbiased = count > 1 ? variance * count / (count - 1) : variance;
    float& rm = at<float>(running_mean)[channel];
    float& rv = at<float>(running_var)[channel];
    rm = static_cast<float>(rm + s.momentum * (mean - rm));
    rv = static_cast<float>(rv + s.momentum * (unbiased - rv));
    // What rounding takes from the mean goes into the offset: it counts where the mean is far from zero.
    const float near_mean = static_cast<float>(mean);
    const double slope = at<float>(gamma)[channel] * inv_std;
    const double offset = at<float>(beta)[channel] - (mean - near_mean) * slope;
    normalise(runs, px, near_mean, static_cast<float>(slope), static_cast<float>(offset), at<E>(residual), relu != 0,
              at<E>(y));
  });
}

inline void batch_norm_training(int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta, int64_t running_mean,
                                int64_t running_var, int64_t residual, int32_t relu, int32_t packed, int64_t y,
                                int64_t saved_mean, int64_t saved_inv_std) {
  (packed != 0 ? batch_norm_training_of<uint16_t> : batch_norm_training_of<float>)(
      context, spec, x, gamma, beta, running_mean, running_var, residual, relu, y, saved_mean, saved_inv_std);
}

// What a channel is multiplied by where its statistics are constants.
inline float fixed_slope(const BatchNormSpec& s, int64_t gamma, int64_t running_var, int channel) {
  const double inv_std = 1 / ::sqrt(static_cast<double>(at<float>(running_var)[channel]) + s.epsilon);
  return static_cast<float>(at<float>(gamma)[channel] * inv_std);
}

template <class E>
inline void batch_norm_inference_of(int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta,
                                    int64_t running_mean, int64_t running_var, int64_t residual, int32_t relu, int64_t y) {
  const BatchNormSpec& s = *at<BatchNormSpec>(spec);
  for_channels(context_at(context), s, [&](int channel, const ChannelRuns& runs) {
    normalise(runs, at<E>(x), at<float>(running_mean)[channel], fixed_slope(s, gamma, running_var, channel),
              at<float>(beta)[channel], at<E>(residual), relu != 0, at<E>(y));
  });
}

inline void batch_norm_inference(int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta, int64_t running_mean,
                                 int64_t running_var, int64_t residual, int32_t relu, int32_t packed, int64_t y) {
  (packed != 0 ? batch_norm_inference_of<uint16_t> : batch_norm_inference_of<float>)(
      context, spec, x, gamma, beta, running_mean, running_var, residual, relu, y);
}

// Ways to know the gradient behind the ReLU: there is none, ..
template <class G>
struct Passed {
  const G* dy;
  template <class Place>
  GRADUS_INLINE V operator()(Place place) const {
    return value_at(place, dy);
  }
  template <class Place>
  GRADUS_INLINE void prefetch_next(const ChannelRuns& runs, Place place) const {
    runs.prefetch_next(dy, place);
  }
};

// .. its output y tells, ..
template <class E, class G>
struct OpenByOutput {
  const E* y;
  const G* dy;
  template <class Place>
  GRADUS_INLINE V operator()(Place place) const {
    return value_at(place, y) > 0.0f ? value_at(place, dy) : V{};
  }
  template <class Place>
  GRADUS_INLINE void prefetch_next(const ChannelRuns& runs, Place place) const {
    runs.prefetch_next(y, place);
    runs.prefetch_next(dy, place);
  }
};

// .. or its input, from which y is worked out anew, but for roundings that statistics in double spared it: that costs less
// than a third tensor to read.
template <class E, class G>
struct OpenByInput {
  const E* x;
  const G* dy;
  float mean, slope, offset;
  template <class Place>
  GRADUS_INLINE V operator()(Place place) const {
    return (value_at(place, x) - mean) * slope + offset > 0.0f ? value_at(place, dy) : V{};
  }
  template <class Place>
  GRADUS_INLINE void prefetch_next(const ChannelRuns& runs, Place place) const {
    runs.prefetch_next(dy, place);
  }
};

// y is null without a ReLU, beta where y alone tells which gradients pass it. G is what dy consists of, R dx and d_residual; where
// they are the same, either of these may be dy.
template <class E, class G, class R>
inline void batch_norm_backward_of(int64_t context, int64_t spec, int64_t x, int64_t y, int64_t gamma, int64_t beta,
                                int64_t saved_mean, int64_t saved_inv_std, int64_t dy, int64_t dx, float dx_beta,
                                int64_t d_residual, float d_residual_beta, int64_t dgamma, int64_t dbeta,
                                float weights_beta) {
  const BatchNormSpec& s = *at<BatchNormSpec>(spec);
  const double count = static_cast<double>(s.n) * s.h * s.w;
  for_channels(context_at(context), s, [&](int channel, const ChannelRuns& runs) {
    const E* px = at<E>(x);
    const G* pdy = at<G>(dy);
    const float mean = at<float>(saved_mean)[channel], inv_std = at<float>(saved_inv_std)[channel];
    const float slope = at<float>(gamma)[channel] * inv_std;
    const auto with_gradient = [&](const auto& use) {
      if (y == 0) {
        use(Passed<G>{pdy});
      } else if (beta == 0) {
        use(OpenByOutput<E, G>{at<E>(y), pdy});
      } else {
        use(OpenByInput<E, G>{px, pdy, mean, slope, at<float>(beta)[channel]});
      }
    };
    R* pres = at<R>(d_residual);
    ChannelSums sums{};
    with_gradient([&](auto gradient) {
      const auto term = [&](auto place) GRADUS_LAMBDA {
        runs.prefetch_next(px, place);
        gradient.prefetch_next(runs, place);
        return Term{gradient(place), value_at(place, px) - mean};
      };
      if (pres == nullptr) {
        sums = runs.sums<G>([&](auto place, I) GRADUS_LAMBDA { return term(place); });
      } else {
        sums = runs.sums<G>([&](auto place, I) GRADUS_LAMBDA {
          const Term t = term(place);
          put_value(place, pres, d_residual_beta == 0 ? t.value : value_at(place, pres) + t.value);
          return t;
        });
      }
    });
    const double total = sums.values, along_x = sums.products * inv_std;
    float& dg = at<float>(dgamma)[channel];
    float& db = at<float>(dbeta)[channel];
    dg = static_cast<float>(along_x + (weights_beta == 0 ? 0 : dg));
    db = static_cast<float>(total + (weights_beta == 0 ? 0 : db));
    if (dx == 0) return;
    // dx = gamma inv_std (dy - mean(dy) - xhat mean(dy xhat)); idle lanes get zeros.
    const float shift = static_cast<float>(total / count), tilt = static_cast<float>(along_x / count * inv_std);
    R* pdx = at<R>(dx);
    const auto write = [&](auto gradient) {
      runs.each_backwards([&](auto place, I mask) GRADUS_LAMBDA {
        V r = keep(mask, slope * (gradient(place) - shift - (value_at(place, px) - mean) * tilt));
        put_value(place, pdx, dx_beta == 0 ? r : value_at(place, pdx) + r);
      });
    };
    if (pres != nullptr && d_residual_beta == 0 && sizeof(G) == sizeof(R)) {
      write(Passed<R>{pres});  // what the first pass wrote
    } else {
      with_gradient(write);
    }
  });
}

inline void batch_norm_backward(int64_t context, int64_t spec, int64_t x, int64_t y, int32_t packed, int64_t gamma, int64_t beta,
                                int64_t saved_mean, int64_t saved_inv_std, int64_t dy, int32_t dy_packed, int64_t dx,
                                float dx_beta, int64_t d_residual, float d_residual_beta, int32_t gradients_packed,
                                int64_t dgamma, int64_t dbeta, float weights_beta) {
  (packed == 0             ? batch_norm_backward_of<float, float, float>
   : dy_packed != 0        ? batch_norm_backward_of<uint16_t, uint16_t, uint16_t>
   : gradients_packed != 0 ? batch_norm_backward_of<uint16_t, float, uint16_t>
                           : batch_norm_backward_of<uint16_t, float, float>)(
      context, spec, x, y, gamma, beta, saved_mean, saved_inv_std, dy, dx, dx_beta, d_residual, d_residual_beta, dgamma, dbeta,
      weights_beta);
}

// y is null without a ReLU. E is what y consists of, G dy, R dx and d_residual; where they are the same, either of these may be dy.
template <class E, class G, class R>
inline void batch_norm_inference_backward_of(int64_t context, int64_t spec, int64_t y, int64_t gamma, int64_t running_var,
                                             int64_t dy, int64_t dx, float dx_beta, int64_t d_residual,
                                             float d_residual_beta) {
  const BatchNormSpec& s = *at<BatchNormSpec>(spec);
  for_channels(context_at(context), s, [&](int channel, const ChannelRuns& runs) {
    const float slope = fixed_slope(s, gamma, running_var, channel);
    R* pdx = at<R>(dx);
    R* pres = at<R>(d_residual);
    const auto write = [&](auto gradient) {
      runs.each([&](auto place, I mask) GRADUS_LAMBDA {
        const V g = gradient(place);
        if (pres != nullptr) put_value(place, pres, d_residual_beta == 0 ? g : value_at(place, pres) + g);
        if (pdx == nullptr) return;
        const V r = keep(mask, slope * g);  // idle lanes get zeros, whatever the slope is
        put_value(place, pdx, dx_beta == 0 ? r : value_at(place, pdx) + r);
      });
    };
    if (y == 0) {
      write(Passed<G>{at<G>(dy)});
    } else {
      write(OpenByOutput<E, G>{at<E>(y), at<G>(dy)});
    }
  });
}

inline void batch_norm_inference_backward(int64_t context, int64_t spec, int64_t y, int32_t packed, int64_t gamma,
                                          int64_t running_var, int64_t dy, int32_t dy_packed, int64_t dx, float dx_beta,
                                          int64_t d_residual, float d_residual_beta, int32_t gradients_packed) {
  (dy_packed != 0          ? batch_norm_inference_backward_of<uint16_t, uint16_t, uint16_t>
   : gradients_packed != 0 ? batch_norm_inference_backward_of<uint16_t, float, uint16_t>
   : packed != 0           ? batch_norm_inference_backward_of<uint16_t, float, float>
                           : batch_norm_inference_backward_of<float, float, float>)(
      context, spec, y, gamma, running_var, dy, dx, dx_beta, d_residual, d_residual_beta);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
