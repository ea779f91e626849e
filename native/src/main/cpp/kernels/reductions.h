// Sums over whole tensors in double precision. Chunks have a fixed size and are added in order, so the bits do not depend on
// the number of threads.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

struct Moments {
  double sum = 0, squares = 0, not_finite = 0, zeros = 0;
  float least = __builtin_inff(), most = -__builtin_inff();

  void merge(const Moments& other) {
    sum += other.sum;
    squares += other.squares;
    not_finite += other.not_finite;
    zeros += other.zeros;
    least = smaller(least, other.least);
    most = larger(most, other.most);
  }
};

constexpr int64_t kReductionChunk = 16384;

// Reduces the ranges of 0..count-1 with f(begin, end) -> R and merges the results in order.
template <class R, class F>
inline R reduce_ranges(Context& context, int64_t count, int64_t grain, const F& f) {
  int64_t chunks = (count + grain - 1) / grain;
  R* partial = static_cast<R*>(context.pool.shared_scratch(static_cast<size_t>(chunks) * sizeof(R)));
  for_ranges(context, count, grain, [&](int64_t begin, int64_t end) { partial[begin / grain] = f(begin, end); });
  R result = partial[0];
  for (int64_t i = 1; i < chunks; i++) result.merge(partial[i]);
  return result;
}

// The moments of the floats from begin to end. Only lanes of `mask` count; begin is a whole number of vectors.
inline Moments moments(const float* x, int64_t begin, int64_t end, I mask) {
  Moments m;
  DoubleSum sum, squares;
  V least = splat(m.least), most = splat(m.most);
  I bad{}, zeros{};
  along(begin, end, [&](auto place) GRADUS_LAMBDA {
    V v = place(x);
    I counted = mask;
    if constexpr (sizeof(place) == sizeof(Rest)) counted &= first_lanes(place.count);
    I finite = (v - v == 0.0f) & counted;
    bad -= ~finite & counted;
    zeros -= (v == 0.0f) & counted;
    V clean = keep(finite, v);
    sum.add(clean);
    squares.add_product(clean, clean);
    least = finite ? smaller(least, v) : least;
    most = finite ? larger(most, v) : most;
  });
  m.sum = sum.total();
  m.squares = squares.total();
  for (int i = 0; i < kLanes; i++) {
    m.least = smaller(m.least, least[i]);
    m.most = larger(m.most, most[i]);
    m.not_finite += bad[i];
    m.zeros += zeros[i];
  }
  return m;
}

// n is 0 for a dense tensor of `features` elements.
inline void statistics(int64_t context, int64_t x, int32_t n, int64_t features, int64_t out) {
  Context& c = context_at(context);
  const float* p = at<float>(x);
  // In lanes, the groups without idle places are one run; the last one is masked.
  bool lanes = n >= c.lanes_from;
  int64_t run = lanes ? n / kLanes * kLanes * features : larger(n, 1) * features;
  Moments m;
  const I all = I{} - 1;
  if (run > 0) {
    m = reduce_ranges<Moments>(c, run, kReductionChunk,
                               [=](int64_t begin, int64_t end) { return moments(p, begin, end, all); });
  }
  if (lanes && n % kLanes != 0) {
    const I mask = first_lanes(n % kLanes);
    const float* last = p + run;
    m.merge(reduce_ranges<Moments>(c, features * kLanes, kReductionChunk, [=](int64_t begin, int64_t end) {
      return moments(last, begin, end, mask);
    }));
  }
  float* result = at<float>(out);
  result[0] = static_cast<float>(m.sum);
  result[1] = static_cast<float>(m.squares);
  result[2] = m.least;
  result[3] = m.most;
  result[4] = static_cast<float>(m.not_finite);
  result[5] = static_cast<float>(m.zeros);
}

struct Total {
  double value = 0;
  void merge(const Total& other) { value += other.value; }
};

inline void sum_of_squares(int64_t context, int64_t x, int64_t count, int64_t out) {
  const float* p = at<float>(x);
  Total total =
      reduce_ranges<Total>(context_at(context), count, kReductionChunk, [=](int64_t begin, int64_t end) {
        DoubleSum squares;
        along(begin, end, [&](auto place) GRADUS_LAMBDA {
          V v = place(p);
          squares.add_product(v, v);
        });
        return Total{squares.total()};
      });
  *at<float>(out) = static_cast<float>(total.value);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
