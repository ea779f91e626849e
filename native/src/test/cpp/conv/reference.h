// Convolutions as they are defined, in double.
#pragma once
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "../../../main/cpp/specs.h"
#include "tensors.h"

namespace gradus::test {

inline std::string text(const Conv2dSpec& s) {
  char t[256];
  std::snprintf(t, sizeof t, "n%d c%d %dx%d k%d %dx%d stride %dx%d pad %d,%d,%d,%d dilation %dx%d groups %d", s.n, s.c, s.h, s.w, s.k,
                s.r, s.s, s.strideH, s.strideW, s.padTop, s.padLeft, s.padBottom, s.padRight, s.dilationH, s.dilationW,
                s.groups);
  return t;
}

inline int out_h(const Conv2dSpec& s) { return (s.h + s.padTop + s.padBottom - s.dilationH * (s.r - 1) - 1) / s.strideH + 1; }
inline int out_w(const Conv2dSpec& s) { return (s.w + s.padLeft + s.padRight - s.dilationW * (s.s - 1) - 1) / s.strideW + 1; }

inline PoolSpec halves(const Conv2dSpec& s) { return PoolSpec{s.n, s.k, out_h(s), out_w(s), 2, 2, 2, 2, 0, 0, 0}; }

inline Conv2dSpec square(int n, int c, int size, int k, int kernel, int stride, int pad) {
  return Conv2dSpec{n, c, size, size, k, kernel, kernel, stride, stride, pad, pad, pad, pad, 1, 1, 1};
}

// The definition.
struct Reference {
  Conv2dSpec s;
  Plain x, y, dy, dx;
  std::vector<double> w, b, dw, db;

  Reference(const Conv2dSpec& spec, Random& random, bool withBias, bool integers)
      : s(spec),
        x(s.n, s.c, s.h, s.w),
        y(s.n, s.k, out_h(s), out_w(s)),
        dy(y),
        dx(x),
        w(static_cast<size_t>(s.k) * (s.c / s.groups) * s.r * s.s),
        b(s.k),
        dw(w.size()),
        db(s.k) {
    auto value = [&](int largest) -> double { return integers ? random.between(-largest, largest) : random.real(); };
    for (double& v : x.v) v = value(4);
    for (double& v : w) v = value(3);
    for (double& v : b) v = withBias ? value(5) : 0;
    for (double& v : dy.v) v = value(3);
  }

  template <class F>
  void each_product(const F& f) {
    const int inputs = s.c / s.groups, filters = s.k / s.groups;
    each(y, [&](int i, int k, int oy, int ox) {
      for (int c = 0; c < inputs; c++)
        for (int r = 0; r < s.r; r++)
          for (int q = 0; q < s.s; q++) {
            const int iy = oy * s.strideH - s.padTop + r * s.dilationH, ix = ox * s.strideW - s.padLeft + q * s.dilationW;
            if (iy < 0 || ix < 0 || iy >= s.h || ix >= s.w) continue;
            const size_t x_at = ((static_cast<size_t>(i) * s.c + k / filters * inputs + c) * s.h + iy) * s.w + ix;
            const size_t w_at = ((static_cast<size_t>(k) * inputs + c) * s.r + r) * s.s + q;
            const size_t y_at = ((static_cast<size_t>(i) * s.k + k) * y.h + oy) * y.w + ox;
            f(x_at, w_at, y_at);
          }
    });
  }
  void forward() {
    each(y, [&](int i, int k, int oy, int ox) { y.at(i, k, oy, ox) = b[k]; });
    each_product([&](size_t x_at, size_t w_at, size_t y_at) { y.v[y_at] += x.v[x_at] * w[w_at]; });
  }
  // gradient: with respect to y
  void backward(Plain& gradient) {
    std::fill(dx.v.begin(), dx.v.end(), 0);
    std::fill(dw.begin(), dw.end(), 0);
    std::fill(db.begin(), db.end(), 0);
    each_product([&](size_t x_at, size_t w_at, size_t y_at) {
      dx.v[x_at] += gradient.v[y_at] * w[w_at];
      dw[w_at] += gradient.v[y_at] * x.v[x_at];
    });
    each(gradient, [&](int i, int k, int oy, int ox) { db[k] += gradient.at(i, k, oy, ox); });
  }
};

}  // namespace gradus::test
