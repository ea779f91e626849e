// Losses and their gradients in one pass. Each group (one example in the plain layout) leaves its share in a slot of its own;
// the shares are added in order, in double precision. Idle lanes have zero gradients.
#pragma once
#include "reductions.h"
#include "vector_math.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

GRADUS_INLINE float lane(V v, int i) { return v[i]; }
GRADUS_INLINE float lane(float v, int) { return v; }
GRADUS_INLINE void set_lane(V& v, int i, float x) { v[i] = x; }
GRADUS_INLINE void set_lane(float& v, int, float x) { v = x; }

// The logits of one group: their maximum, and the sum of exp(logit - maximum) with the terms left in `terms`.
template <class T>
GRADUS_INLINE T exponentials(const T* logits, int classes, T* terms, T& most) {
  most = logits[0];
  for (int c = 1; c < classes; c++) most = larger(logits[c], most);
  T sum{};
  for (int c = 0; c < classes; c++) {
    terms[c] = exp(logits[c] - most);
    sum += terms[c];
  }
  return sum;
}

// Runs f(T, group, terms of that group) -> loss over all groups and returns the sum. `terms` is the gradient, or working
// memory where none is wanted.
template <class F>
inline double sum_over_groups(Context& context, int n, int classes, int64_t gradient, const F& f) {
  double total = 0;
  in_layout_of(context, n, [&](auto element) {
    using T = decltype(element);
    int groups = groups_of<T>(n);
    int64_t share = static_cast<int64_t>(classes) * sizeof(T);
    size_t losses_bytes = (static_cast<size_t>(groups) * sizeof(double) + 63) / 64 * 64;
    size_t terms_bytes = gradient == 0 ? static_cast<size_t>(share * groups) : 0;
    char* scratch = static_cast<char*>(context.pool.shared_scratch(losses_bytes + terms_bytes));
    double* losses = reinterpret_cast<double*>(scratch);
    char* terms = gradient == 0 ? scratch + losses_bytes : at<char>(gradient);
    for_items(context, groups, static_cast<int64_t>(classes) * Lane<T>::width * 4, [&](int64_t g) {
      losses[g] = f(element, static_cast<int>(g), reinterpret_cast<T*>(terms + g * share));
    });
    for (int g = 0; g < groups; g++) total += losses[g];
  });
  return total;
}

// What the weighted mean over the labels divides by.
inline double weight_of_labels(const int32_t* labels, int n, const float* weights) {
  if (weights == nullptr) return n;
  double sum = 0;
  for (int i = 0; i < n; i++) sum += weights[labels[i]];
  return sum;
}

inline void cross_entropy(int64_t context, int64_t spec, int64_t logits, int64_t labels, int64_t class_weights,
                          int64_t loss, int64_t gradient) {
  const CrossEntropySpec& s = *at<CrossEntropySpec>(spec);
  const int32_t* label_of = at<int32_t>(labels);
  const float* weights = at<float>(class_weights);
  const int classes = s.classes;
  const double divisor = weight_of_labels(label_of, s.n, weights);
  const float smooth = s.labelSmoothing / static_cast<float>(classes), sure = 1 - s.labelSmoothing;
  double weight_sum = classes;
  if (weights != nullptr) {
    weight_sum = 0;
    for (int c = 0; c < classes; c++) weight_sum += weights[c];
  }
  double total = sum_over_groups(context_at(context), s.n, classes, gradient, [&](auto element, int g, auto* terms) {
    using T = decltype(element);
    constexpr int width = Lane<T>::width;
    const T* z = at<T>(logits) + static_cast<int64_t>(g) * classes;
    T most, sum = exponentials(z, classes, terms, most);
    // With target weights t_c: loss = sum t_c (log sum + most - z_c), gradient = p_c sum t_c - t_c, both over the divisor.
    T z_smooth{};  // sum over classes of weight times (z_c - most)
    if (smooth > 0) {
      for (int c = 0; c < classes; c++) z_smooth += (z[c] - most) * (weights == nullptr ? 1.0f : weights[c]);
    }
    double group_loss = 0;
    T slope{};  // what multiplies terms[c] = exp(z_c - most) in the gradient; zero in idle lanes
    T hit{};    // the extra gradient at the label
    int examples = smaller(width, s.n - g * width);
    for (int i = 0; i < examples; i++) {
      int label = label_of[g * width + i];
      double e = lane(sum, i), log_sum = ::log(e), w = weights == nullptr ? 1.0 : weights[label];
      double log_p = static_cast<double>(lane(z[label], i)) - lane(most, i) - log_sum;
      if (s.focusing > 0) {
        double p = ::exp(log_p), q = 1 - p;
        double fade = ::pow(q, s.focusing);
        group_loss -= w * fade * log_p;
        double d = q > 0 ? fade - s.focusing * fade / q * p * log_p : 0;  // minus the derivative by log p
        set_lane(slope, i, static_cast<float>(w * d / (e * divisor)));
        set_lane(hit, i, static_cast<float>(w * d / divisor));
      } else {
        double target_sum = w * sure + weight_sum * smooth;
        group_loss -= w * sure * log_p;
        if (smooth > 0) group_loss -= smooth * (lane(z_smooth, i) - weight_sum * log_sum);
        set_lane(slope, i, static_cast<float>(target_sum / (e * divisor)));
        set_lane(hit, i, static_cast<float>(w * sure / divisor));
      }
    }
    if (gradient != 0) {
      const float base = static_cast<float>(smooth / divisor);
      auto valid = Lane<T>::valid(s.n, g);
      for (int c = 0; c < classes; c++) {
        T d = terms[c] * slope;
        if (smooth > 0) d -= Lane<T>::where(valid, Lane<T>::value(base * (weights == nullptr ? 1.0f : weights[c])));
        terms[c] = d;
      }
      for (int i = 0; i < examples; i++) {
        T& at_label = terms[label_of[g * width + i]];
        set_lane(at_label, i, lane(at_label, i) - lane(hit, i));
      }
    }
    return group_loss;
  });
  *at<float>(loss) = static_cast<float>(total / divisor);
}

inline void soft_cross_entropy(int64_t context, int64_t spec, int64_t logits, int64_t targets, int64_t class_weights,
                               int64_t loss, int64_t gradient) {
  const CrossEntropySpec& s = *at<CrossEntropySpec>(spec);
  const float* weights = at<float>(class_weights);
  const int classes = s.classes;
  const float share = 1.0f / static_cast<float>(s.n), smooth = s.labelSmoothing / static_cast<float>(classes);
  double total = sum_over_groups(context_at(context), s.n, classes, gradient, [&](auto element, int g, auto* terms) {
    using T = decltype(element);
    constexpr int width = Lane<T>::width;
    const T* z = at<T>(logits) + static_cast<int64_t>(g) * classes;
    const T* q = at<T>(targets) + static_cast<int64_t>(g) * classes;
    auto target = [&](int c) {
      T t = q[c] * (1 - s.labelSmoothing) + smooth;
      return weights == nullptr ? t : t * weights[c];
    };
    T most, sum = exponentials(z, classes, terms, most);
    T target_sum{}, dot{};
    for (int c = 0; c < classes; c++) {
      T t = target(c);
      target_sum += t;
      dot += Lane<T>::where(t != 0, t * (z[c] - most));  // 0 log 0 is 0; a NaN is in the sum of exponentials
    }
    double group_loss = 0;
    int examples = smaller(width, s.n - g * width);
    for (int i = 0; i < examples; i++) {
      group_loss += lane(target_sum, i) * ::log(static_cast<double>(lane(sum, i))) - lane(dot, i);
    }
    if (gradient != 0) {
      auto valid = Lane<T>::valid(s.n, g);
      T scale = target_sum / sum;
      for (int c = 0; c < classes; c++) terms[c] = Lane<T>::where(valid, (terms[c] * scale - target(c)) * share);
    }
    return group_loss;
  });
  *at<float>(loss) = static_cast<float>(total / s.n);
}

// The mean over all logical elements of f(place, gradient&) -> loss, written once over both halves of a lanes tensor.
template <class F>
inline void mean_of_elements(int64_t context, int32_t n, int64_t features, int64_t loss, int64_t gradient, const F& f) {
  Context& c = context_at(context);
  bool lanes = n >= c.lanes_from;
  int64_t run = lanes ? n / kLanes * kLanes * features : n * features;
  int64_t count = lanes ? groups_of<V>(n) * kLanes * features : run;
  const float share = static_cast<float>(1.0 / (static_cast<double>(n) * static_cast<double>(features)));
  const I last = first_lanes(n % kLanes);
  Total total = reduce_ranges<Total>(c, count, kReductionChunk, [=](int64_t begin, int64_t end) {
    DoubleSum sum;
    along(begin, end, [&](auto place) GRADUS_LAMBDA {
      I mask = place.offset < run ? I{} - 1 : last;
      if constexpr (sizeof(place) == sizeof(Rest)) mask &= first_lanes(place.count);
      V d;
      sum.add(keep(mask, f(place, d)));
      if (gradient != 0) place.put(at<float>(gradient), keep(mask, d * share));
    });
    return Total{sum.total()};
  });
  *at<float>(loss) = static_cast<float>(total.value / (static_cast<double>(n) * static_cast<double>(features)));
}

inline void mean_squared_error(int64_t context, int32_t n, int64_t features, int64_t x, int64_t target, int64_t loss,
                               int64_t gradient) {
  const float *px = at<float>(x), *pt = at<float>(target);
  mean_of_elements(context, n, features, loss, gradient, [=](auto place, V& d) GRADUS_LAMBDA {
    V e = place(px) - place(pt);
    d = 2.0f * e;
    return e * e;
  });
}

inline void binary_cross_entropy(int64_t context, int32_t n, int64_t features, int64_t x, int64_t target, int64_t loss,
                                 int64_t gradient) {
  const float *px = at<float>(x), *pt = at<float>(target);
  mean_of_elements(context, n, features, loss, gradient, [=](auto place, V& d) GRADUS_LAMBDA {
    V v = place(px), t = place(pt);
    d = sigmoid(v) - t;
    return larger(v, V{}) - v * t + log1p_of_exp_negative(absolute(v));
  });
}

inline void count_correct(int64_t context, int32_t n, int32_t classes, int64_t logits, int64_t labels,
                          int64_t correct) {
  Context& c = context_at(context);
  const float* z = at<float>(logits);
  const int32_t* label_of = at<int32_t>(labels);
  int width = n >= c.lanes_from ? kLanes : 1;
  int count = 0;
  for (int64_t i = 0; i < n; i++) {
    const float* row = z + i / width * width * classes + i % width;
    const int label = label_of[i];
    const float value = row[static_cast<int64_t>(label) * width];
    bool first_maximum = value == value;  // a row with a NaN has no maximum
    for (int k = 0; k < classes; k++) {
      float other = row[static_cast<int64_t>(k) * width];
      if (k != label) first_maximum &= k < label ? other < value : other <= value;
    }
    count += first_maximum;
  }
  *at<float>(correct) = static_cast<float>(count);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
