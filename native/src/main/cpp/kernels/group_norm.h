// Group normalisation. One task owns a group of channels of one example, in lanes of as many as there are lanes, through both passes.
// Statistics are sums in double precision: exact enough that the mean need not be known first.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// One group of channels: where it begins, and its channels, which lie behind each other.
template <class T>
struct GroupRun {
  static constexpr int width = Lane<T>::width;  // examples it is of
  int64_t begin, statistic, sums, length;       // floats; those of one channel
  int channel, channels;
  I mask;

  GroupRun(const GroupNormSpec& s, int64_t run) {
    const int group = static_cast<int>(run / s.groups);
    channels = s.c / s.groups;
    channel = static_cast<int>(run % s.groups) * channels;
    length = static_cast<int64_t>(s.h) * s.w * width;
    begin = run * channels * length;
    statistic = run * width;
    sums = (static_cast<int64_t>(group) * s.c + channel) * 2;
    mask = I{} - 1;
    if constexpr (width > 1) mask = Lane<T>::valid(s.n, group);
  }

  int64_t end() const { return begin + channels * length; }

  // f(channel, from, to) for each of its channels.
  template <class F>
  GRADUS_INLINE void each_channel(const F& f) const {
    for (int i = 0; i < channels; i++) f(channel + i, begin + i * length, begin + (i + 1) * length);
  }

  // What sums over the group come to for each of its examples: a vector holds one value of each, or values of one.
  static GRADUS_INLINE void of_examples(const DoubleSum& sum, double (&out)[width]) {
    if constexpr (width > 1) {
      memcpy(out, &sum.low, sizeof sum.low);
      memcpy(out + width / 2, &sum.high, sizeof sum.high);
    } else {
      out[0] = sum.total();
    }
  }

  // A number of each example, beside its values.
  static GRADUS_INLINE V beside(const float* p) {
    if constexpr (width > 1) return load(p);
    return splat(*p);
  }
};

// Calls f(run) for every group of every example, in parallel.
template <class F>
inline void for_group_runs(Context& context, const GroupNormSpec& s, const F& f) {
  in_layout_of(context, s.n, [&](auto element) {
    using T = decltype(element);
    const int64_t floats = static_cast<int64_t>(s.c / s.groups) * s.h * s.w * Lane<T>::width;
    for_items(context, static_cast<int64_t>(groups_of<T>(s.n)) * s.groups, floats,
              [&](int64_t run) { f(GroupRun<T>(s, run)); });
  });
}

inline void group_norm(int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta, int64_t y, int64_t saved_mean,
                       int64_t saved_inv_std) {
  const GroupNormSpec& s = *at<GroupNormSpec>(spec);
  const double count = static_cast<double>(s.c / s.groups) * s.h * s.w;
  for_group_runs(context_at(context), s, [&](auto run) {
    const float* px = at<float>(x);
    float* py = at<float>(y);
    DoubleSum values, squares;
    along(run.begin, run.end(), [&](auto place) GRADUS_LAMBDA {
      const V v = place(px);
      values.add(v);
      squares.add_product(v, v);
    });
    constexpr int width = decltype(run)::width;
    double sums[width], sums_of_squares[width];
    float rests[width], *means = at<float>(saved_mean) + run.statistic, *inv_stds = at<float>(saved_inv_std) + run.statistic;
    run.of_examples(values, sums);
    run.of_examples(squares, sums_of_squares);
    for (int i = 0; i < width; i++) {
      const double mean = sums[i] / count;
      double variance = sums_of_squares[i] / count - mean * mean;
      if (variance < 0) variance = 0;
      means[i] = static_cast<float>(mean);
      rests[i] = static_cast<float>(mean - means[i]);  // counts where the mean is far from zero
      inv_stds[i] = static_cast<float>(1 / ::sqrt(variance + s.epsilon));
    }
    const V mean = run.beside(means), inv_std = run.beside(inv_stds), rest = run.beside(rests);
    run.each_channel([&](int c, int64_t from, int64_t to) GRADUS_LAMBDA {
      const V slope = at<float>(gamma)[c] * inv_std, offset = at<float>(beta)[c] - rest * slope;
      along(from, to, [&](auto place) GRADUS_LAMBDA { place.put(py, (place(px) - mean) * slope + offset); });
    });
  });
}

// dx = inv_std (g - mean(g) - xhat mean(g xhat)) with g = gamma dy; dx may be null, or dy. dgamma and dbeta may both be null.
inline void group_norm_backward(int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t saved_mean,
                                int64_t saved_inv_std, int64_t dy, int64_t dx, float dx_beta, int64_t dgamma, int64_t dbeta,
                                float weights_beta) {
  Context& c = context_at(context);
  const GroupNormSpec& s = *at<GroupNormSpec>(spec);
  const double count = static_cast<double>(s.c / s.groups) * s.h * s.w;
  const int groups = static_cast<int>(physical_examples(c, s.n) / (s.n >= c.lanes_from ? kLanes : 1));
  // For each group of examples and each channel: the sums of dy, and of dy times the normalised x.
  double* partials = static_cast<double*>(c.pool.shared_scratch(sizeof(double) * 2 * static_cast<size_t>(groups) * s.c));
  for_group_runs(c, s, [&](auto run) {
    const float *px = at<float>(x), *pdy = at<float>(dy);
    const V mean = run.beside(at<float>(saved_mean) + run.statistic);
    const V inv_std = run.beside(at<float>(saved_inv_std) + run.statistic);
    DoubleSum shifts, tilts;
    run.each_channel([&](int channel, int64_t from, int64_t to) GRADUS_LAMBDA {
      DoubleSum total, along_x;
      along(from, to, [&](auto place) GRADUS_LAMBDA {
        const V gradient = place(pdy);
        total.add(gradient);
        along_x.add_product(gradient, place(px) - mean);
      });
      along_x.low *= DoubleSum::low_half(inv_std);
      along_x.high *= DoubleSum::high_half(inv_std);
      double* sums = partials + run.sums + (channel - run.channel) * 2;
      sums[0] = total.total();
      sums[1] = along_x.total();
      const double weight = at<float>(gamma)[channel];
      shifts.low += weight * total.low;
      shifts.high += weight * total.high;
      tilts.low += weight * along_x.low;
      tilts.high += weight * along_x.high;
    });
    if (dx == 0) return;
    constexpr int width = decltype(run)::width;
    double sums[width], sums_along_x[width];
    float means[width], slopes[width];
    run.of_examples(shifts, sums);
    run.of_examples(tilts, sums_along_x);
    for (int i = 0; i < width; i++) {
      means[i] = static_cast<float>(sums[i] / count);
      slopes[i] = static_cast<float>(sums_along_x[i] / count);
    }
    const V shift = run.beside(means), tilt = run.beside(slopes) * inv_std;
    float* pdx = at<float>(dx);
    run.each_channel([&](int channel, int64_t from, int64_t to) GRADUS_LAMBDA {
      const float weight = at<float>(gamma)[channel];
      along(from, to, [&](auto place) GRADUS_LAMBDA {
        const V r = keep(run.mask, inv_std * (weight * place(pdy) - shift - (place(px) - mean) * tilt));
        place.put(pdx, dx_beta == 0 ? r : place(pdx) + r);
      });
    });
  });
  if (dgamma == 0) return;
  for_items(c, s.c, 2 * groups, [&](int64_t channel) {
    double total = 0, along_x = 0;
    for (int g = 0; g < groups; g++) {
      const double* sums = partials + (static_cast<int64_t>(g) * s.c + channel) * 2;
      total += sums[0];
      along_x += sums[1];
    }
    float &dg = at<float>(dgamma)[channel], &db = at<float>(dbeta)[channel];
    dg = static_cast<float>(along_x + (weights_beta == 0 ? 0 : dg));
    db = static_cast<float>(total + (weights_beta == 0 ? 0 : db));
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
