// Max, average and adaptive average pooling: one plane of one channel of one group at a time, over elements of T, those of max
// pooling in memory as S.
#pragma once
#include "bfloat16.h"
#include "window.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

inline int pool_out(int size, int pad, int kernel, int stride) { return (size + 2 * pad - kernel) / stride + 1; }

// The maxima of 2x2 windows side by side, of single floats; a NaN wins its window. Without branches: they would follow
// the data.
inline void max_pool_squares(const PoolSpec& s, int outH, int outW, const float* x, float* y) {
  const auto larger_of = [](V a, V b) GRADUS_LAMBDA { return (b > a) | (b != b) ? b : a; };
  const auto some = [](const float* p, int count) GRADUS_LAMBDA {
    return count >= kLanes ? load(p) : count > 0 ? load_first(p, count) : V{};
  };
  const I even = iota() * 2;
  for (int oy = 0; oy < outH; oy++, x += 2 * s.w, y += outW) {
    for (int ox = 0; ox < outW; ox += kLanes) {
      const int left = 2 * (outW - ox);
      const float* p = x + 2 * ox;
      const V a = larger_of(some(p, left), some(p + s.w, left));
      const V b = larger_of(some(p + kLanes, left - kLanes), some(p + s.w + kLanes, left - kLanes));
      const V v = larger_of(__builtin_shuffle(a, b, even), __builtin_shuffle(a, b, even + 1));
      if (left >= 2 * kLanes) {
        store(y + ox, v);
      } else {
        store_first(y + ox, v, left / 2);
      }
    }
  }
}

// The first of the largest wins, and the first NaN before all others.
template <class T, class Int>
GRADUS_INLINE void take_larger(T v, Int place, T& best, Int& where) {
  auto wins = (v > best) | ((v != v) & (best == best));
  best = wins ? v : best;
  where = wins ? place : where;
}

// Windows of 2x2 elements within the plane.
template <class T, class S>
inline void max_pool_pairs(const PoolSpec& s, int outH, int outW, const S* x, S* y, typename Lane<T>::Byte* index) {
  using L = Lane<T>;
  for (int oy = 0; oy < outH; oy++, y += outW) {
    const S* top = x + static_cast<int64_t>(oy) * s.strideH * s.w;
    for (int ox = 0; ox < outW; ox++, top += s.strideW) {
      const S* bottom = top + s.w;
      T best = wide(top[0]);
      auto where = L::integer(0);
      take_larger(wide(top[1]), L::integer(1), best, where);
      take_larger(wide(bottom[0]), L::integer(2), best, where);
      take_larger(wide(bottom[1]), L::integer(3), best, where);
      put_stored(y + ox, best);
      if (index != nullptr) *index++ = L::to_byte(where);
    }
  }
}

template <class T, class S>
inline void max_pool_plane(const PoolSpec& s, int outH, int outW, const S* x, S* y, typename Lane<T>::Byte* index) {
  using L = Lane<T>;
  for (int oy = 0; oy < outH; oy++) {
    Window rows = Window::sliding(oy, s.strideH, s.padH, s.kernelH, s.h);
    for (int ox = 0; ox < outW; ox++) {
      Window columns = Window::sliding(ox, s.strideW, s.padW, s.kernelW, s.w);
      int place = (rows.begin - oy * s.strideH + s.padH) * s.kernelW - (ox * s.strideW - s.padW);
      T best = wide(x[rows.begin * s.w + columns.begin]);
      auto where = L::integer(place + columns.begin);
      for (int iy = rows.begin; iy < rows.end; iy++, place += s.kernelW) {
        const S* row = x + iy * s.w;
        for (int ix = columns.begin; ix < columns.end; ix++) {
          T v = wide(row[ix]);
          take_larger(v, L::integer(place + ix), best, where);
        }
      }
      put_stored(y + oy * outW + ox, best);
      if (index != nullptr) index[oy * outW + ox] = L::to_byte(where);
    }
  }
}

template <class E>
inline void max_pool_of(int64_t context, int64_t spec, int64_t x, int64_t y, int64_t index) {
  Context& c = context_at(context);
  const PoolSpec& s = *at<PoolSpec>(spec);
  int outH = pool_out(s.h, s.padH, s.kernelH, s.strideH), outW = pool_out(s.w, s.padW, s.kernelW, s.strideW);
  in_layout_of(c, s.n, [&](auto element) {
    using T = decltype(element);
    using S = typename Stored<T, E>::Type;
    using Byte = typename Lane<T>::Byte;
    int64_t in = static_cast<int64_t>(s.h) * s.w, out = static_cast<int64_t>(outH) * outW;
    const bool pairs = s.kernelH == 2 && s.kernelW == 2 && s.padH == 0 && s.padW == 0;
    const bool squares = sizeof(S) == sizeof(float) && index == 0 && pairs && s.strideH == 2 && s.strideW == 2;
    for_items(c, static_cast<int64_t>(groups_of<T>(s.n)) * s.c, in * Lane<T>::width, [&](int64_t plane) {
      if (squares) {
        max_pool_squares(s, outH, outW, at<float>(x) + plane * in, at<float>(y) + plane * out);
        return;
      }
      Byte* places = index == 0 ? nullptr : at<Byte>(index) + plane * out;
      (pairs ? max_pool_pairs<T, S> : max_pool_plane<T, S>)(s, outH, outW, at<S>(x) + plane * in, at<S>(y) + plane * out, places);
    });
  });
}

inline void max_pool(int64_t context, int64_t spec, int64_t x, int64_t y, int32_t packed, int64_t index) {
  (packed != 0 ? max_pool_of<uint16_t> : max_pool_of<float>)(context, spec, x, y, index);
}

// Whether every element lies under one window at most, so that each is written once.
inline bool windows_are_apart(const PoolSpec& s) {
  return s.strideH == s.kernelH && s.strideW == s.kernelW && s.padH == 0 && s.padW == 0;
}

// Where they are.
template <class T, class G, class R>
inline void max_pool_backward_tiles(const PoolSpec& s, int outH, int outW, const G* dy, const typename Lane<T>::Byte* index, R* dx) {
  using L = Lane<T>;
  for (int iy = outH * s.kernelH; iy < s.h; iy++) {
    for (int ix = 0; ix < s.w; ix++) dx[iy * s.w + ix] = R{};
  }
  for (int oy = 0; oy < outH; oy++) {
    for (int ky = 0; ky < s.kernelH; ky++) {
      R* row = dx + (oy * s.kernelH + ky) * s.w;
      for (int ox = 0; ox < outW; ox++) {
        T d = wide(dy[oy * outW + ox]);
        auto where = L::from_byte(index[oy * outW + ox]);
        for (int kx = 0; kx < s.kernelW; kx++) {
          put_stored(row + ox * s.kernelW + kx, where == L::integer(ky * s.kernelW + kx) ? d : T{});
        }
      }
      for (int ix = outW * s.kernelW; ix < s.w; ix++) row[ix] = R{};
    }
  }
}

template <class T>
inline void max_pool_backward_plane(const PoolSpec& s, int outH, int outW, const T* dy,
                                    const typename Lane<T>::Byte* index, T* dx, float beta) {
  using L = Lane<T>;
  if (beta == 0) {
    for (int i = 0; i < s.h * s.w; i++) dx[i] = T{};
  }
  for (int oy = 0; oy < outH; oy++) {
    Window rows = Window::sliding(oy, s.strideH, s.padH, s.kernelH, s.h);
    for (int ox = 0; ox < outW; ox++) {
      Window columns = Window::sliding(ox, s.strideW, s.padW, s.kernelW, s.w);
      T d = dy[oy * outW + ox];
      auto where = L::from_byte(index[oy * outW + ox]);
      for (int iy = rows.begin; iy < rows.end; iy++) {
        int place = (iy - oy * s.strideH + s.padH) * s.kernelW - (ox * s.strideW - s.padW);
        for (int ix = columns.begin; ix < columns.end; ix++) {
          dx[iy * s.w + ix] += where == L::integer(place + ix) ? d : T{};
        }
      }
    }
  }
}

template <class G, class R>
inline void max_pool_backward_of(int64_t context, int64_t spec, int64_t dy, int64_t index, int64_t dx, float beta) {
  Context& c = context_at(context);
  const PoolSpec& s = *at<PoolSpec>(spec);
  int outH = pool_out(s.h, s.padH, s.kernelH, s.strideH), outW = pool_out(s.w, s.padW, s.kernelW, s.strideW);
  in_layout_of(c, s.n, [&](auto element) {
    using T = decltype(element);
    using From = typename Stored<T, G>::Type;
    using To = typename Stored<T, R>::Type;
    int64_t in = static_cast<int64_t>(s.h) * s.w, out = static_cast<int64_t>(outH) * outW;
    for_items(c, static_cast<int64_t>(groups_of<T>(s.n)) * s.c, in * Lane<T>::width, [&](int64_t plane) {
      const auto* places = at<typename Lane<T>::Byte>(index) + plane * out;
      if (beta == 0 && windows_are_apart(s)) {
        max_pool_backward_tiles<T>(s, outH, outW, at<From>(dy) + plane * out, places, at<To>(dx) + plane * in);
      } else {
        max_pool_backward_plane<T>(s, outH, outW, at<T>(dy) + plane * out, places, at<T>(dx) + plane * in, beta);
      }
    });
  });
}

// Where several windows add to an element, packed gradients are expanded, and rounded once.
inline void max_pool_backward(int64_t context, int64_t spec, int64_t dy, int32_t dy_packed, int64_t index, int64_t dx,
                              int32_t dx_packed, float beta) {
  Context& c = context_at(context);
  const PoolSpec& s = *at<PoolSpec>(spec);
  if (beta == 0 && windows_are_apart(s)) {
    (dy_packed != 0   ? (dx_packed != 0 ? max_pool_backward_of<uint16_t, uint16_t> : max_pool_backward_of<uint16_t, float>)
     : dx_packed != 0 ? max_pool_backward_of<float, uint16_t>
                      : max_pool_backward_of<float, float>)(context, spec, dy, index, dx, beta);
    return;
  }
  const int64_t planes = physical_examples(c, s.n) * s.c;
  const int64_t out = pool_out(s.h, s.padH, s.kernelH, s.strideH) * pool_out(s.w, s.padW, s.kernelW, s.strideW);
  with_float_gradients(context, dy, dy_packed != 0, planes * out, dx, dx_packed != 0, planes * s.h * s.w, beta != 0,
                       [&](int64_t from, int64_t to) { max_pool_backward_of<float, float>(context, spec, from, index, to, beta); });
}

// The mean over windows, for sliding and adaptive pooling alike: rows_of(oy) and columns_of(ox) give the window, share(ky,
// kx) the weight of each of its elements.
template <class T, class Rows, class Columns, class Share>
inline void mean_plane(int w, int outH, int outW, const T* x, T* y, Rows rows_of, Columns columns_of, Share share) {
  for (int oy = 0; oy < outH; oy++) {
    Window rows = rows_of(oy);
    for (int ox = 0; ox < outW; ox++) {
      Window columns = columns_of(ox);
      T sum{};
      for (int iy = rows.begin; iy < rows.end; iy++) {
        T line{};
        for (int ix = columns.begin; ix < columns.end; ix++) line += x[iy * w + ix];
        sum += line;
      }
      y[oy * outW + ox] = sum * share(rows, columns);
    }
  }
}

template <class T, class Rows, class Columns, class Share>
inline void mean_backward_plane(int h, int w, int outH, int outW, const T* dy, T* dx, float beta, Rows rows_of,
                                Columns columns_of, Share share) {
  if (beta == 0) {
    for (int i = 0; i < h * w; i++) dx[i] = T{};
  }
  for (int oy = 0; oy < outH; oy++) {
    Window rows = rows_of(oy);
    for (int ox = 0; ox < outW; ox++) {
      Window columns = columns_of(ox);
      T d = dy[oy * outW + ox] * share(rows, columns);
      for (int iy = rows.begin; iy < rows.end; iy++) {
        for (int ix = columns.begin; ix < columns.end; ix++) dx[iy * w + ix] += d;
      }
    }
  }
}

// Calls f(T, plane index, windows) for every plane of a sliding average.
template <class F>
inline void for_average_planes(int64_t context, const PoolSpec& s, const F& f) {
  Context& c = context_at(context);
  int outH = pool_out(s.h, s.padH, s.kernelH, s.strideH), outW = pool_out(s.w, s.padW, s.kernelW, s.strideW);
  auto rows = [&](int o) { return Window::sliding(o, s.strideH, s.padH, s.kernelH, s.h); };
  auto columns = [&](int o) { return Window::sliding(o, s.strideW, s.padW, s.kernelW, s.w); };
  auto share = [&](Window r, Window q) {
    int count = s.countPadding ? s.kernelH * s.kernelW : (r.end - r.begin) * (q.end - q.begin);
    return 1.0f / static_cast<float>(count);
  };
  in_layout_of(c, s.n, [&](auto element) {
    using T = decltype(element);
    for_items(c, static_cast<int64_t>(groups_of<T>(s.n)) * s.c, static_cast<int64_t>(s.h) * s.w * Lane<T>::width,
              [&](int64_t plane) { f(element, plane, outH, outW, rows, columns, share); });
  });
}

inline void avg_pool(int64_t context, int64_t spec, int64_t x, int64_t y) {
  const PoolSpec& s = *at<PoolSpec>(spec);
  for_average_planes(context, s, [&](auto element, int64_t plane, int outH, int outW, auto rows, auto columns, auto share) {
    using T = decltype(element);
    mean_plane(s.w, outH, outW, at<T>(x) + plane * s.h * s.w, at<T>(y) + plane * outH * outW, rows, columns, share);
  });
}

inline void avg_pool_backward(int64_t context, int64_t spec, int64_t dy, int64_t dx, float beta) {
  const PoolSpec& s = *at<PoolSpec>(spec);
  for_average_planes(context, s, [&](auto element, int64_t plane, int outH, int outW, auto rows, auto columns, auto share) {
    using T = decltype(element);
    mean_backward_plane(s.h, s.w, outH, outW, at<T>(dy) + plane * outH * outW, at<T>(dx) + plane * s.h * s.w, beta, rows,
                        columns, share);
  });
}

template <class F>
inline void for_adaptive_planes(int64_t context, const AdaptivePoolSpec& s, const F& f) {
  Context& c = context_at(context);
  auto rows = [&](int o) { return Window::adaptive(o, s.h, s.outH); };
  auto columns = [&](int o) { return Window::adaptive(o, s.w, s.outW); };
  auto share = [](Window r, Window q) { return 1.0f / static_cast<float>((r.end - r.begin) * (q.end - q.begin)); };
  in_layout_of(c, s.n, [&](auto element) {
    using T = decltype(element);
    for_items(c, static_cast<int64_t>(groups_of<T>(s.n)) * s.c, static_cast<int64_t>(s.h) * s.w * Lane<T>::width,
              [&](int64_t plane) { f(element, plane, rows, columns, share); });
  });
}

inline void adaptive_avg_pool(int64_t context, int64_t spec, int64_t x, int64_t y) {
  const AdaptivePoolSpec& s = *at<AdaptivePoolSpec>(spec);
  for_adaptive_planes(context, s, [&](auto element, int64_t plane, auto rows, auto columns, auto share) {
    using T = decltype(element);
    mean_plane(s.w, s.outH, s.outW, at<T>(x) + plane * s.h * s.w, at<T>(y) + plane * s.outH * s.outW, rows, columns,
               share);
  });
}

inline void adaptive_avg_pool_backward(int64_t context, int64_t spec, int64_t dy, int64_t dx, float beta) {
  const AdaptivePoolSpec& s = *at<AdaptivePoolSpec>(spec);
  for_adaptive_planes(context, s, [&](auto element, int64_t plane, auto rows, auto columns, auto share) {
    using T = decltype(element);
    mean_backward_plane(s.h, s.w, s.outH, s.outW, at<T>(dy) + plane * s.outH * s.outW, at<T>(dx) + plane * s.h * s.w,
                        beta, rows, columns, share);
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
