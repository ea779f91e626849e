// Softmax over channels, one pixel of one group at a time.
#pragma once
#include "region.h"
#include "vector_math.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Calls f(T, first element of the pixel): its channels lie s.pixels elements apart.
template <class F>
inline void for_pixels(int64_t context, const SoftmaxSpec& s, const F& f) {
  Context& c = context_at(context);
  in_layout_of(c, s.n, [&](auto element) {
    using T = decltype(element);
    for_items(c, static_cast<int64_t>(groups_of<T>(s.n)) * s.pixels, static_cast<int64_t>(s.c) * Lane<T>::width,
              [&](int64_t i) { f(element, i / s.pixels * s.c * s.pixels + i % s.pixels); });
  });
}

inline void softmax(int64_t context, int64_t spec, int64_t x, int64_t y) {
  const SoftmaxSpec& s = *at<SoftmaxSpec>(spec);
  for_pixels(context, s, [&](auto element, int64_t offset) {
    using T = decltype(element);
    const T* px = at<T>(x) + offset;
    T* py = at<T>(y) + offset;
    T most = px[0];
    for (int64_t c = 1; c < s.c; c++) most = larger(px[c * s.pixels], most);
    T sum{};
    for (int64_t c = 0; c < s.c; c++) {
      T e = exp(px[c * s.pixels] - most);
      py[c * s.pixels] = e;
      sum += e;
    }
    T share = 1.0f / sum;
    for (int64_t c = 0; c < s.c; c++) py[c * s.pixels] *= share;
  });
}

inline void softmax_backward(int64_t context, int64_t spec, int64_t y, int64_t dy, int64_t dx, float beta) {
  const SoftmaxSpec& s = *at<SoftmaxSpec>(spec);
  for_pixels(context, s, [&](auto element, int64_t offset) {
    using T = decltype(element);
    const T *py = at<T>(y) + offset, *pdy = at<T>(dy) + offset;
    T* pdx = at<T>(dx) + offset;
    T dot{};
    for (int64_t c = 0; c < s.c; c++) dot += py[c * s.pixels] * pdy[c * s.pixels];
    for (int64_t c = 0; c < s.c; c++) {
      int64_t i = c * s.pixels;
      T d = py[i] * (pdy[i] - dot);
      pdx[i] = beta == 0 ? d : pdx[i] + d;
    }
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
