// Holds the lane convolutions of every tier this machine has against naive loops in double.
//   conv_test         all shapes, every tier, 1, 2 and 4 threads
//   conv_test small   the shapes that stay quick under a sanitizer
//   conv_test threads some of them on 2 and 4 threads: the thread sanitizer watches every load
//   conv_test bench [threads [tier [layer]]]   GFLOP/s on the layers of the benchmark networks beside the machine's multiply-add peak
//
// Inputs of the comparisons are small integers: every sum is exact in float, so the results must be equal, ties between
// pooled pixels are frequent, and no tolerance can hide a mistake.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "../../main/cpp/products.h"
#include "../../main/cpp/specs.h"
#include "../../main/cpp/thread_pool.h"

#define GRADUS_TIER_NAMESPACE avx512
#include "../../main/cpp/lanes/bf16.h"
#include "../../main/cpp/lanes/conv.h"
#include "../../main/cpp/lanes/conv_tiles.h"
#include "../../main/cpp/lanes/filters.h"
#include "../../main/cpp/lanes/winograd.h"
#undef GRADUS_TIER_NAMESPACE
#define GRADUS_TIER_NAMESPACE emulated
#include "../../main/cpp/lanes/conv_tiles.h"
#undef GRADUS_TIER_NAMESPACE
#define GRADUS_TIER_NAMESPACE avx2
#include "../../main/cpp/lanes/conv.h"
#include "../../main/cpp/lanes/filters.h"
#include "../../main/cpp/lanes/winograd.h"
#undef GRADUS_TIER_NAMESPACE
#define GRADUS_TIER_NAMESPACE baseline
#include "../../main/cpp/lanes/conv.h"
#include "../../main/cpp/lanes/filters.h"
#include "../../main/cpp/lanes/winograd.h"
#undef GRADUS_TIER_NAMESPACE

namespace gradus {
namespace {

// Sums of multiply-adds that stay in registers: what the tier can do at best, in GFLOP/s of one thread.
#define GRADUS_PEAK(name, lanes, isa)                                                                      \
  __attribute__((target(isa))) double name() {                                                             \
    typedef float V __attribute__((vector_size(4 * lanes)));                                               \
    double best = 0;                                                                                       \
    for (int attempt = 0; attempt < 20; attempt++) {                                                       \
      V a0 = {}, a1 = {}, a2 = {}, a3 = {}, a4 = {}, a5 = {}, a6 = {}, a7 = {}, a8 = {}, a9 = {};          \
      V x = 1.0f + V{}, y = 0.5f + V{};                                                                    \
      constexpr int kTurns = 200000;                                                                       \
      auto begin = std::chrono::steady_clock::now();                                                       \
      for (int i = 0; i < kTurns; i++) {                                                                   \
        a0 += x * y, a1 += x * y, a2 += x * y, a3 += x * y, a4 += x * y;                                   \
        a5 += x * y, a6 += x * y, a7 += x * y, a8 += x * y, a9 += x * y;                                   \
        asm volatile("" : "+x"(a0), "+x"(a1), "+x"(a2), "+x"(a3), "+x"(a4), "+x"(x), "+x"(y));             \
        asm volatile("" : "+x"(a5), "+x"(a6), "+x"(a7), "+x"(a8), "+x"(a9));                               \
      }                                                                                                    \
      double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();    \
      V sum = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9;                                             \
      asm volatile("" : "+x"(sum));                                                                        \
      best = std::max(best, 20.0 * lanes * kTurns / seconds * 1e-9);                                       \
    }                                                                                                      \
    return best;                                                                                           \
  }
GRADUS_PEAK(peak_avx512, 16, "avx512f")
GRADUS_PEAK(peak_avx2, 8, "avx2,fma")
GRADUS_PEAK(peak_baseline, 4, "sse2")

struct Tier {
  const char* name;
  int lanes;
  bool available;
  decltype(&avx512::conv2d) conv2d;
  decltype(&avx512::conv2d_backward) conv2d_backward;
  decltype(&avx512::fuses_max_pool) fuses_max_pool;
  decltype(&avx512::conv2d_relu_max_pool) conv2d_relu_max_pool;
  decltype(&avx512::conv2d_relu_max_pool_backward) conv2d_relu_max_pool_backward;
  decltype(&avx512::fits_wide_weights) fits_wide_weights;
  decltype(&avx512::conv2d_weights_wide) conv2d_weights_wide;
  decltype(&avx512::prefers_winograd) prefers_winograd;
  decltype(&avx512::winograd_conv2d) winograd_conv2d;
  decltype(&avx512::winograd_conv2d_data) winograd_conv2d_data;
  decltype(&avx512::winograd_conv2d_relu_max_pool) winograd_conv2d_relu_max_pool;
  decltype(&avx512::spread_conv2d_relu_max_pool_backward) spread_conv2d_relu_max_pool_backward;
  decltype(&avx512::winograd_conv2d_weights) winograd_conv2d_weights;
  decltype(&avx512::winograd_conv2d_weights_wide) winograd_conv2d_weights_wide;
  decltype(&avx512::packed_filter_floats) packed_filter_floats;
  decltype(&avx512::pack_filters) pack_filters;
  decltype(&avx512::filter_conv2d) filter_conv2d;
  double (*peak)();
  bool bf16;              // whether the functions of Winograd's algorithm are those of bf16.h
  double winograd_error;  // the largest allowed, over the root mean square
};

std::vector<Tier> tiers() {
  const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512cd");
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#define GRADUS_TIER(name, lanes, available)                                                      \
  Tier {                                                                                         \
    #name, lanes, available, name::conv2d, name::conv2d_backward, name::fuses_max_pool,          \
        name::conv2d_relu_max_pool, name::conv2d_relu_max_pool_backward, name::fits_wide_weights, \
        name::conv2d_weights_wide, name::prefers_winograd,                                       \
        name::winograd_conv2d, name::winograd_conv2d_data, name::winograd_conv2d_relu_max_pool,  \
        name::spread_conv2d_relu_max_pool_backward, name::winograd_conv2d_weights,             \
        name::winograd_conv2d_weights_wide,                                                      \
        name::packed_filter_floats, name::pack_filters, name::filter_conv2d, peak_##name, false, 1e-4 \
  }
  return {GRADUS_TIER(avx512, 16, v4), GRADUS_TIER(avx2, 8, v3), GRADUS_TIER(baseline, 4, true)};
}

// Winograd's algorithm with bfloat16 products in the place of that with float ones.
Tier with_bf16(Tier tier) {
  tier.name = "avx512 bf16";
  tier.bf16 = true;
  tier.winograd_error = 0.3;
  tier.winograd_conv2d_data = avx512::winograd_bf16_conv2d_data;
  tier.winograd_conv2d = [](ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* b, bool relu,
                            float* y) { avx512::winograd_bf16_conv2d(pool, spec, x, w, b, relu, y); };
  tier.winograd_conv2d_relu_max_pool = [](ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w,
                                          const float* b, float* y, uint8_t* index) {
    avx512::winograd_bf16_conv2d_relu_max_pool(pool, spec, x, w, b, y, index);
  };
  tier.winograd_conv2d_weights = [](ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy,
                                    float* dw, float beta) {
    avx512::winograd_bf16_conv2d_weights(pool, spec, x, y, dy, dw, beta);
  };
  tier.winograd_conv2d_weights_wide = [](ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y,
                                         const float* dy, float* dw, float beta) {
    avx512::winograd_bf16_conv2d_weights_wide(pool, spec, x, y, dy, dw, beta);
  };
  return tier;
}

// Memory of exactly the size asked for, aligned as the backend's, filled with NaN.
template <class T>
class Block {
 public:
  explicit Block(size_t count) : count_(count), data_(static_cast<T*>(std::aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64))) {
    std::memset(data_.get(), 0xff, count * sizeof(T));
  }
  T* get() const { return data_.get(); }
  T& operator[](size_t i) const { return data_.get()[i]; }
  size_t count() const { return count_; }
  size_t bytes() const { return count_ * sizeof(T); }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  size_t count_;
  std::unique_ptr<T, Free> data_;
};
using Floats = Block<float>;

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  uint32_t next() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<uint32_t>(state_ >> 33);
  }
  int between(int low, int high) { return low + static_cast<int>(next() % static_cast<uint32_t>(high - low + 1)); }
  float real() { return static_cast<float>(next() % 20001) / 10000 - 1; }

 private:
  uint64_t state_;
};

std::string text(const Conv2dSpec& s) {
  char t[256];
  std::snprintf(t, sizeof t, "n%d c%d %dx%d k%d %dx%d stride %dx%d pad %d,%d,%d,%d dilation %dx%d groups %d", s.n, s.c, s.h, s.w, s.k,
                s.r, s.s, s.strideH, s.strideW, s.padTop, s.padLeft, s.padBottom, s.padRight, s.dilationH, s.dilationW,
                s.groups);
  return t;
}

int failures = 0;
int comparisons = 0;

void fail(const std::string& what) {
  if (++failures <= 20) std::printf("FAILED %s\n", what.c_str());
}

int out_h(const Conv2dSpec& s) { return (s.h + s.padTop + s.padBottom - s.dilationH * (s.r - 1) - 1) / s.strideH + 1; }
int out_w(const Conv2dSpec& s) { return (s.w + s.padLeft + s.padRight - s.dilationW * (s.s - 1) - 1) / s.strideW + 1; }

// A plain [n,c,h,w] tensor and its way into and out of lanes.
struct Plain {
  int n, c, h, w;
  std::vector<double> v;
  Plain(int n, int c, int h, int w) : n(n), c(c), h(h), w(w), v(static_cast<size_t>(n) * c * h * w) {}
  double& at(int i, int j, int y, int x) { return v[((static_cast<size_t>(i) * c + j) * h + y) * w + x]; }
};

size_t lane_index(const Plain& p, int lanes, int i, int j, int y, int x) {
  return ((((static_cast<size_t>(i) / lanes * p.c + j) * p.h + y) * p.w) + x) * lanes + i % lanes;
}
size_t lane_count(const Plain& p, int lanes) { return static_cast<size_t>((p.n + lanes - 1) / lanes) * p.c * p.h * p.w * lanes; }

template <class T>
void each(const Plain& p, const T& f) {
  for (int i = 0; i < p.n; i++)
    for (int j = 0; j < p.c; j++)
      for (int y = 0; y < p.h; y++)
        for (int x = 0; x < p.w; x++) f(i, j, y, x);
}

// idle: what the lanes beyond n hold.
void to_lanes(Plain& p, int lanes, float idle, const Floats& out) {
  for (size_t i = 0; i < out.count(); i++) out[i] = idle;
  each(p, [&](int i, int j, int y, int x) { out[lane_index(p, lanes, i, j, y, x)] = static_cast<float>(p.at(i, j, y, x)); });
}

void expect(Plain& want, int lanes, const Floats& got, const std::string& what) {
  comparisons++;
  int shown = 0;
  each(want, [&](int i, int j, int y, int x) {
    const float g = got[lane_index(want, lanes, i, j, y, x)];
    const double w = want.at(i, j, y, x);
    if (!(static_cast<double>(g) == w || (std::isnan(g) && std::isnan(w))) && shown++ == 0) {
      char t[160];
      std::snprintf(t, sizeof t, " at [%d,%d,%d,%d]: %g instead of %g", i, j, y, x, g, w);
      fail(what + t);
    }
  });
}

void expect(const std::vector<double>& want, const Floats& got, const std::string& what) {
  comparisons++;
  for (size_t i = 0; i < want.size(); i++) {
    if (static_cast<double>(got[i]) == want[i]) continue;
    char t[160];
    std::snprintf(t, sizeof t, " at %zu: %g instead of %g", i, got[i], want[i]);
    return fail(what + t);
  }
}

void expect_idle(const Plain& p, int lanes, const Floats& got, bool zero, const std::string& what) {
  for (size_t i = 0; i < got.count(); i++) {
    const size_t group = i / (static_cast<size_t>(p.c) * p.h * p.w * lanes);
    if (static_cast<int>(group) * lanes + static_cast<int>(i % lanes) < p.n) continue;
    if (zero ? got[i] != 0 : !std::isfinite(got[i])) return fail(what + ": a lane beyond n holds " + std::to_string(got[i]));
  }
}

template <class T>
void expect_same(const Block<T>& a, const Block<T>& b, const std::string& what) {
  comparisons++;
  if (std::memcmp(a.get(), b.get(), a.bytes()) != 0) fail(what + ": other bits than with one thread");
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

Floats dense(const std::vector<double>& v) {
  Floats f(v.size());
  for (size_t i = 0; i < v.size(); i++) f[i] = static_cast<float>(v[i]);
  return f;
}

std::vector<double> times(const std::vector<double>& v, double factor) {
  std::vector<double> r(v);
  for (double& e : r) e *= factor;
  return r;
}

void check_conv(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed) {
  Random random(seed);
  const int L = tier.lanes;
  const bool withBias = seed % 3 != 0;
  Reference ref(spec, random, withBias, true);
  const std::string what = std::string(tier.name) + " threads " + std::to_string(pool.threads()) + " " + text(spec);
  Floats x(lane_count(ref.x, L)), y(lane_count(ref.y, L)), dy(lane_count(ref.y, L)), dx(lane_count(ref.x, L));
  Floats w = dense(ref.w), b = dense(ref.b), dw(ref.w.size()), db(ref.b.size());
  to_lanes(ref.x, L, 0, x);
  to_lanes(ref.dy, L, 0, dy);

  ref.forward();
  tier.conv2d(pool, spec, x.get(), w.get(), withBias ? b.get() : nullptr, false, y.get());
  expect(ref.y, L, y, "forward " + what);
  expect_idle(ref.y, L, y, false, "forward " + what);
  for (double& v : ref.y.v) v = std::max(0.0, v);
  tier.conv2d(pool, spec, x.get(), w.get(), withBias ? b.get() : nullptr, true, y.get());
  expect(ref.y, L, y, "forward relu " + what);

  // Gradients do not look at idle lanes of activations, as long as these are finite.
  to_lanes(ref.x, L, 7, x);
  ref.backward(ref.dy);
  tier.conv2d_backward(pool, spec, x.get(), w.get(), nullptr, dy.get(), dx.get(), 0, dw.get(), db.get(), 0);
  expect(ref.dx, L, dx, "dx " + what);
  expect_idle(ref.dx, L, dx, true, "dx " + what);
  expect(ref.dw, dw, "dw " + what);
  expect(ref.db, db, "db " + what);
  // Again, each alone, and added.
  tier.conv2d_backward(pool, spec, nullptr, w.get(), nullptr, dy.get(), dx.get(), 1, nullptr, nullptr, 0);
  Plain twice = ref.dx;
  twice.v = times(ref.dx.v, 2);
  expect(twice, L, dx, "dx added " + what);
  tier.conv2d_backward(pool, spec, x.get(), nullptr, nullptr, dy.get(), nullptr, 0, dw.get(), db.get(), 1);
  expect(times(ref.dw, 2), dw, "dw added " + what);
  expect(times(ref.db, 2), db, "db added " + what);
  tier.conv2d_backward(pool, spec, x.get(), nullptr, nullptr, dy.get(), nullptr, 0, dw.get(), nullptr, 0);
  expect(ref.dw, dw, "dw alone " + what);

  // Behind a ReLU.
  Plain masked = ref.dy;
  for (size_t i = 0; i < masked.v.size(); i++) masked.v[i] = ref.y.v[i] > 0 ? ref.dy.v[i] : 0;
  ref.backward(masked);
  tier.conv2d_backward(pool, spec, x.get(), w.get(), y.get(), dy.get(), dx.get(), 0, dw.get(), db.get(), 0);
  expect(ref.dx, L, dx, "relu dx " + what);
  expect(ref.dw, dw, "relu dw " + what);
  expect(ref.db, db, "relu db " + what);
  if (!tier.fits_wide_weights(spec)) return;
  tier.conv2d_weights_wide(pool, spec, x.get(), y.get(), dy.get(), dw.get(), 0);
  expect(ref.dw, dw, "wide relu dw " + what);
  tier.conv2d_weights_wide(pool, spec, x.get(), y.get(), dy.get(), dw.get(), 1);
  expect(times(ref.dw, 2), dw, "wide relu dw added " + what);
  ref.backward(ref.dy);
  tier.conv2d_weights_wide(pool, spec, x.get(), nullptr, dy.get(), dw.get(), 0);
  expect(ref.dw, dw, "wide dw " + what);
}

// Filters in the lanes: the plain layout, which is lanes of width 1.
void check_filters(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed) {
  Random random(seed);
  const bool withBias = seed % 3 != 0;
  Reference ref(spec, random, withBias, true);
  const std::string what = "filters " + std::string(tier.name) + " threads " + std::to_string(pool.threads()) + " " + text(spec);
  Floats x(ref.x.v.size()), y(ref.y.v.size()), residual(ref.y.v.size()), w = dense(ref.w), b = dense(ref.b);
  Floats packed(tier.packed_filter_floats(spec));
  to_lanes(ref.x, 1, 0, x);
  to_lanes(ref.dy, 1, 0, residual);
  tier.pack_filters(pool, spec, w.get(), packed.get());
  const float* bias = withBias ? b.get() : nullptr;
  ref.forward();
  tier.filter_conv2d(pool, spec, x.get(), packed.get(), bias, nullptr, false, y.get());
  expect(ref.y, 1, y, what);
  Plain positive = ref.y, sum = ref.y;
  for (double& v : positive.v) v = std::max(0.0, v);
  tier.filter_conv2d(pool, spec, x.get(), packed.get(), bias, nullptr, true, y.get());
  expect(positive, 1, y, "relu " + what);
  for (size_t i = 0; i < sum.v.size(); i++) sum.v[i] += ref.dy.v[i];
  tier.filter_conv2d(pool, spec, x.get(), packed.get(), bias, residual.get(), false, y.get());
  expect(sum, 1, y, "residual " + what);
  for (double& v : sum.v) v = std::max(0.0, v);
  tier.filter_conv2d(pool, spec, x.get(), packed.get(), bias, residual.get(), true, y.get());
  expect(sum, 1, y, "residual relu " + what);
}

// Real numbers, and one that is none: the same bits for any number of threads.
void check_filter_bits(const Tier& tier, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed) {
  Random random(seed);
  Reference ref(spec, random, true, false);
  if (seed % 4 == 1) ref.x.at(0, 0, spec.h / 2, spec.w / 2) = std::numeric_limits<double>::quiet_NaN();
  Floats x(ref.x.v.size()), w = dense(ref.w), b = dense(ref.b), first(ref.y.v.size()), packed(tier.packed_filter_floats(spec));
  to_lanes(ref.x, 1, 0, x);
  for (ThreadPool* pool : pools) {
    Floats y(ref.y.v.size());
    tier.pack_filters(*pool, spec, w.get(), packed.get());
    tier.filter_conv2d(*pool, spec, x.get(), packed.get(), b.get(), nullptr, true, y.get());
    if (pool == pools[0]) {
      std::memcpy(first.get(), y.get(), y.bytes());
      ref.forward();
      each(ref.y, [&](int i, int k, int oy, int ox) {
        if (std::isnan(ref.y.at(i, k, oy, ox)) != std::isnan(y[lane_index(ref.y, 1, i, k, oy, ox)])) fail("NaN " + text(spec));
      });
    } else {
      expect_same(first, y, std::string(tier.name) + " filters " + std::to_string(pool->threads()) + " threads " + text(spec));
    }
  }
}

PoolSpec halves(const Conv2dSpec& s) { return PoolSpec{s.n, s.k, out_h(s), out_w(s), 2, 2, 2, 2, 0, 0, 0}; }

void check_fused(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed) {
  const PoolSpec pooling = halves(spec);
  const bool fits = out_h(spec) >= 2 && out_w(spec) >= 2;
  const std::string what = std::string(tier.name) + " threads " + std::to_string(pool.threads()) + " " + text(spec);
  if (tier.fuses_max_pool(spec, pooling) != fits) fail("fuses_max_pool " + what);
  PoolSpec other = pooling;
  other.kernelH = 3;
  if (tier.fuses_max_pool(spec, other)) fail("fuses_max_pool with another window " + what);
  if (!fits) return;
  Random random(seed + 99);
  const int L = tier.lanes;
  Reference ref(spec, random, true, true);
  // One NaN, which makes some windows NaN.
  if (seed % 4 == 1) ref.x.at(0, 0, spec.h / 2, spec.w / 2) = std::numeric_limits<double>::quiet_NaN();
  ref.forward();
  Plain pooled(spec.n, spec.k, ref.y.h / 2, ref.y.w / 2), place(pooled), dy(pooled), gradient(ref.y);
  each(pooled, [&](int i, int k, int oy, int ox) {
    double best = 0;
    int at = 0;
    for (int q = 0; q < 4; q++) {
      double v = ref.y.at(i, k, oy * 2 + q / 2, ox * 2 + q % 2);
      if (v < 0) v = 0;
      if (q == 0 || (!std::isnan(best) && (std::isnan(v) || v > best))) best = v, at = q;
    }
    pooled.at(i, k, oy, ox) = best;
    place.at(i, k, oy, ox) = at;
    dy.at(i, k, oy, ox) = random.between(-3, 3);
    if (best > 0) gradient.at(i, k, oy * 2 + at / 2, ox * 2 + at % 2) = dy.at(i, k, oy, ox);
    for (int q = 0; q < 4; q++)
      if (q != at || !(best > 0)) gradient.at(i, k, oy * 2 + q / 2, ox * 2 + q % 2) = 0;
  });
  each(gradient, [&](int i, int k, int oy, int ox) {
    if (oy / 2 >= pooled.h || ox / 2 >= pooled.w) gradient.at(i, k, oy, ox) = 0;
  });
  Floats x(lane_count(ref.x, L)), y(lane_count(pooled, L)), y2(lane_count(pooled, L)), g(lane_count(pooled, L));
  Floats dx(lane_count(ref.x, L)), w = dense(ref.w), b = dense(ref.b), dw(ref.w.size()), db(ref.b.size());
  Block<uint8_t> index(lane_count(pooled, L));
  to_lanes(ref.x, L, 0, x);
  to_lanes(dy, L, 0, g);
  tier.conv2d_relu_max_pool(pool, spec, pooling, x.get(), w.get(), b.get(), y.get(), index.get());
  expect(pooled, L, y, "pooled " + what);
  expect_idle(pooled, L, y, false, "pooled " + what);
  bool same = true;
  each(place, [&](int i, int k, int oy, int ox) { same &= index[lane_index(place, L, i, k, oy, ox)] == place.at(i, k, oy, ox); });
  if (!same) fail("index " + what);
  tier.conv2d_relu_max_pool(pool, spec, pooling, x.get(), w.get(), b.get(), y2.get(), nullptr);
  expect_same(y, y2, "pooled without index " + what);

  // The gradients of the weights are NaN where the NaN was read: compare without it.
  if (seed % 4 == 1) {
    ref.x.at(0, 0, spec.h / 2, spec.w / 2) = 2;
    to_lanes(ref.x, L, 0, x);
  }
  ref.backward(gradient);
  tier.conv2d_relu_max_pool_backward(pool, spec, pooling, x.get(), w.get(), y.get(), index.get(), g.get(), dx.get(), 0, dw.get(),
                                     db.get(), 0);
  expect(ref.dx, L, dx, "pooled dx " + what);
  expect_idle(ref.dx, L, dx, true, "pooled dx " + what);
  expect(ref.dw, dw, "pooled dw " + what);
  expect(ref.db, db, "pooled db " + what);
  tier.conv2d_relu_max_pool_backward(pool, spec, pooling, x.get(), w.get(), y.get(), index.get(), g.get(), nullptr, 0, dw.get(),
                                     db.get(), 1);
  expect(times(ref.dw, 2), dw, "pooled dw added " + what);
  expect(times(ref.db, 2), db, "pooled db added " + what);
}

// Real numbers: the same bits for any number of threads.
void check_bits(const Tier& tier, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed) {
  Random random(seed);
  const int L = tier.lanes;
  Reference ref(spec, random, true, false);
  const PoolSpec pooling = halves(spec);
  const bool fused = tier.fuses_max_pool(spec, pooling);
  Plain pooled(spec.n, spec.k, std::max(1, ref.y.h / 2), std::max(1, ref.y.w / 2));
  Floats x(lane_count(ref.x, L)), dy(lane_count(ref.y, L)), w = dense(ref.w), b = dense(ref.b);
  to_lanes(ref.x, L, 0, x);
  to_lanes(ref.dy, L, 0, dy);
  std::vector<Floats> first;
  for (ThreadPool* pool : pools) {
    std::vector<Floats> r;
    for (size_t count : {lane_count(ref.y, L), lane_count(ref.x, L), ref.w.size(), ref.b.size(), lane_count(pooled, L),
                         lane_count(ref.x, L), ref.w.size(), ref.b.size(), ref.w.size()}) {
      r.emplace_back(count);
    }
    Block<uint8_t> index(lane_count(pooled, L));
    tier.conv2d(*pool, spec, x.get(), w.get(), b.get(), true, r[0].get());
    tier.conv2d_backward(*pool, spec, x.get(), w.get(), r[0].get(), dy.get(), r[1].get(), 0, r[2].get(), r[3].get(), 0);
    const bool wide = tier.fits_wide_weights(spec);
    if (wide) tier.conv2d_weights_wide(*pool, spec, x.get(), nullptr, dy.get(), r[8].get(), 0);
    if (fused) {
      tier.conv2d_relu_max_pool(*pool, spec, pooling, x.get(), w.get(), b.get(), r[4].get(), index.get());
      tier.conv2d_relu_max_pool_backward(*pool, spec, pooling, x.get(), w.get(), r[4].get(), index.get(), r[4].get(), r[5].get(), 0,
                                         r[6].get(), r[7].get(), 0);
    }
    if (first.empty()) {
      first = std::move(r);
      continue;
    }
    const char* names[] = {"y", "dx", "dw", "db", "pooled y", "pooled dx", "pooled dw", "pooled db"};
    if (wide) expect_same(first[8], r[8], std::string(tier.name) + " wide dw " + std::to_string(pool->threads()) + " threads " + text(spec));
    for (size_t i = 0; i < (fused ? 8u : 4u); i++) {
      expect_same(first[i], r[i], std::string(tier.name) + " " + names[i] + " " + std::to_string(pool->threads()) + " threads " + text(spec));
    }
  }
}

// The largest difference, over the root mean square of what is wanted.
double error(Plain& want, int lanes, const Floats& got) {
  double largest = 0, squares = 0;
  each(want, [&](int i, int j, int y, int x) {
    const double w = want.at(i, j, y, x), difference = std::abs(got[lane_index(want, lanes, i, j, y, x)] - w);
    largest = std::isnan(difference) ? HUGE_VAL : std::max(largest, difference);
    squares += w * w;
  });
  const double mean = std::sqrt(squares / static_cast<double>(want.v.size()));
  return mean == 0 ? largest : largest / mean;
}

double error(const std::vector<double>& want, const Floats& got) {
  double largest = 0, squares = 0;
  for (size_t i = 0; i < want.size(); i++) {
    const double difference = std::abs(got[i] - want[i]);
    largest = std::isnan(difference) ? HUGE_VAL : std::max(largest, difference);
    squares += want[i] * want[i];
  }
  const double mean = std::sqrt(squares / static_cast<double>(want.size()));
  return mean == 0 ? largest : largest / mean;
}

double largest_winograd_error = 0;

// Transforms round, so integers are no help: real numbers, and an error a hundredth of half precision's, or what bfloat16 costs.
void expect_near(double e, double bound, const std::string& what) {
  comparisons++;
  largest_winograd_error = std::max(largest_winograd_error, e);
  if (!(e < bound)) fail(what + ": error " + std::to_string(e));
}

void expect_near(double e, const std::string& what) { expect_near(e, 1e-4, what); }

// Plain sums of products of bfloat16 values.
struct Bfloat16Kernels {
  const char* name;
  bool available;
  bool (*fits)(const Conv2dSpec&);
  bool (*fits_weights)(const Conv2dSpec&);
  bool packs;  // outputs, and takes gradients so
  uint64_t every;  // of shapes, so manieth is checked
  decltype(&avx512::tile_conv2d) conv2d;
  decltype(&avx512::bf16_conv2d_relu_max_pool) conv2d_relu_max_pool;
  decltype(&avx512::tile_conv2d_data) conv2d_data;
  decltype(&avx512::tile_conv2d_weights) conv2d_weights;
};

// By vdpbf16ps, by the processor's tiles, and by tiles computed in memory, which any machine has.
std::vector<Bfloat16Kernels> bfloat16_kernels(uint64_t emulated_every = 1) {
  const bool pairs = has_products(Products::kPairs);
  const auto any = [](const Conv2dSpec& s) { return s.groups == 1; };
  const auto bf16_conv2d = [](ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, bool relu,
                              Output y) { avx512::bf16_conv2d(pool, spec, x, w, b, relu, y.as<float>()); };
  const auto bf16_conv2d_data = [](ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, Input dy, Output dx,
                                   float beta) {
    avx512::bf16_conv2d_data(pool, spec, w, y, dy.as<float>(), dx.as<float>(), beta);
  };
  const auto bf16_conv2d_weights = [](ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, Input dy, float* dw,
                                      float beta) { avx512::bf16_conv2d_weights(pool, spec, x, y, dy.as<float>(), dw, beta); };
  return {{"bf16", pairs, avx512::fits_bf16, avx512::fits_bf16_weights, false, 1, bf16_conv2d, avx512::bf16_conv2d_relu_max_pool,
           bf16_conv2d_data, bf16_conv2d_weights},
          {"tiles", has_products(Products::kTiles), any, any, true, 1, avx512::tile_conv2d, avx512::tile_conv2d_relu_max_pool,
           avx512::tile_conv2d_data, avx512::tile_conv2d_weights},
          {"emulated tiles", pairs, any, any, true, emulated_every, emulated::tile_conv2d, emulated::tile_conv2d_relu_max_pool,
           emulated::tile_conv2d_data, emulated::tile_conv2d_weights}};
}

Floats expanded(const Block<uint16_t>& halves) {
  Floats floats(halves.count());
  for (size_t i = 0; i < halves.count(); i++) {
    const uint32_t bits = static_cast<uint32_t>(halves[i]) << 16;
    std::memcpy(&floats[i], &bits, 4);
  }
  return floats;
}

// To the nearest number that bfloat16 holds, of two the even one.
Block<uint16_t> rounded(const Floats& floats) {
  Block<uint16_t> halves(floats.count());
  for (size_t i = 0; i < floats.count(); i++) {
    uint32_t bits;
    std::memcpy(&bits, &floats[i], 4);
    halves[i] = static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
  return halves;
}

// Factors of the comparisons are small integers, which bfloat16 holds; products and sums are exact.
void check_bf16(const Bfloat16Kernels& kernels, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed) {
  if (!kernels.fits(spec)) return;
  const bool weights = kernels.fits_weights(spec);
  const std::string what = std::string(kernels.name) + " " + text(spec);
  Random random(seed);
  const int L = 16;
  const bool withBias = seed % 3 != 0;
  Reference ref(spec, random, withBias, true);
  ref.forward();
  Plain positive = ref.y, masked = ref.dy;
  for (size_t i = 0; i < masked.v.size(); i++) {
    positive.v[i] = std::max(0.0, positive.v[i]);
    masked.v[i] = positive.v[i] > 0 ? ref.dy.v[i] : 0;
  }
  Floats x(lane_count(ref.x, L)), y(lane_count(ref.y, L)), dy(lane_count(ref.y, L)), dx(lane_count(ref.x, L));
  Floats w = dense(ref.w), b = dense(ref.b), dw(ref.w.size());
  to_lanes(ref.x, L, 0, x);
  to_lanes(ref.dy, L, 0, dy);
  ThreadPool& pool = *pools[seed % pools.size()];
  kernels.conv2d(pool, spec, x.get(), w.get(), withBias ? b.get() : nullptr, false, y.get());
  expect(ref.y, L, y, what);
  expect_idle(ref.y, L, y, false, what);
  kernels.conv2d(pool, spec, x.get(), w.get(), withBias ? b.get() : nullptr, true, y.get());
  expect(positive, L, y, "relu " + what);

  ref.backward(ref.dy);
  to_lanes(ref.x, L, 7, x);  // gradients do not look at idle lanes of activations
  kernels.conv2d_data(pool, spec, w.get(), nullptr, dy.get(), dx.get(), 0);
  expect(ref.dx, L, dx, "dx " + what);
  expect_idle(ref.dx, L, dx, true, "dx " + what);
  kernels.conv2d_data(pool, spec, w.get(), nullptr, dy.get(), dx.get(), 1);
  Plain twice = ref.dx;
  twice.v = times(ref.dx.v, 2);
  expect(twice, L, dx, "dx added " + what);
  if (weights) {
    kernels.conv2d_weights(pool, spec, x.get(), nullptr, dy.get(), dw.get(), 0);
    expect(ref.dw, dw, "dw " + what);
    kernels.conv2d_weights(pool, spec, x.get(), nullptr, dy.get(), dw.get(), 1);
    expect(times(ref.dw, 2), dw, "dw added " + what);
  }
  ref.backward(masked);
  kernels.conv2d_data(pool, spec, w.get(), y.get(), dy.get(), dx.get(), 0);
  expect(ref.dx, L, dx, "relu dx " + what);
  if (weights) {
    kernels.conv2d_weights(pool, spec, x.get(), y.get(), dy.get(), dw.get(), 0);
    expect(ref.dw, dw, "relu dw " + what);
  }

  // Real numbers, rounded to bfloat16: the same bits for any number of threads, and near the sum in double.
  Reference real(spec, random, true, false);
  for (std::vector<double>* values : {&real.x.v, &real.w, &real.dy.v}) {
    for (double& v : *values) v = std::nearbyint(v * 64) / 64;
  }
  real.forward();
  real.backward(real.dy);
  to_lanes(real.x, L, 0, x);
  to_lanes(real.dy, L, 0, dy);
  w = dense(real.w);
  b = dense(real.b);
  std::vector<Floats> first;
  for (ThreadPool* each : pools) {
    std::vector<Floats> r;
    for (size_t count : {y.count(), dx.count(), dw.count()}) r.emplace_back(count);
    kernels.conv2d(*each, spec, x.get(), w.get(), b.get(), false, r[0].get());
    kernels.conv2d_data(*each, spec, w.get(), nullptr, dy.get(), r[1].get(), 0);
    if (weights) kernels.conv2d_weights(*each, spec, x.get(), nullptr, dy.get(), r[2].get(), 0);
    if (first.empty()) {
      expect_near(error(real.y, L, r[0]), what);
      expect_near(error(real.dx, L, r[1]), "dx " + what);
      if (weights) expect_near(error(real.dw, r[2]), "dw " + what);
      first = std::move(r);
      continue;
    }
    for (size_t i = 0; i < (weights ? 3u : 2u); i++) {
      expect_same(first[i], r[i], std::to_string(i) + " " + std::to_string(each->threads()) + " threads " + what);
    }
  }
  if (!kernels.packs) return;
  for (bool relu : {false, true}) {
    Block<uint16_t> halves(y.count());
    kernels.conv2d(pool, spec, x.get(), w.get(), b.get(), relu, Output(halves.get()));
    Floats sums(y.count());
    for (size_t i = 0; i < y.count(); i++) sums[i] = relu ? std::max(0.0f, first[0][i]) : first[0][i];
    expect_same(expanded(rounded(sums)), expanded(halves), "packed result " + what);
  }
}

// Gradients that lie in bfloat16 give the bits of the same ones in float, and those that are written their rounded ones.
void check_packed_gradients(const Bfloat16Kernels& kernels, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed) {
  if (!kernels.packs || !kernels.fits(spec)) return;
  Random random(seed);
  Reference ref(spec, random, true, true);  // of small integers, which bfloat16 holds
  ref.forward();
  const std::string what = std::string("packed gradients ") + kernels.name + " " + text(spec);
  Floats x(lane_count(ref.x, 16)), y(lane_count(ref.y, 16)), dy(lane_count(ref.y, 16)), w = dense(ref.w);
  to_lanes(ref.x, 16, 0, x);
  to_lanes(ref.y, 16, 0, y);
  to_lanes(ref.dy, 16, 0, dy);
  const Block<uint16_t> halves = rounded(dy);
  for (const float* passed : {static_cast<const float*>(nullptr), static_cast<const float*>(y.get())}) {
    for (float beta : {0.0f, 1.0f}) {
      Floats plain(x.count()), fromHalves(x.count()), dw(ref.w.size()), dwFromHalves(ref.w.size());
      for (size_t i = 0; i < x.count(); i++) plain[i] = fromHalves[i] = x[i];
      for (size_t i = 0; i < dw.count(); i++) dw[i] = dwFromHalves[i] = w[i];
      Block<uint16_t> packed = rounded(x), both = rounded(x);
      kernels.conv2d_data(pool, spec, w.get(), passed, dy.get(), plain.get(), beta);
      kernels.conv2d_data(pool, spec, w.get(), passed, Input(halves.get()), fromHalves.get(), beta);
      kernels.conv2d_data(pool, spec, w.get(), passed, dy.get(), Output(packed.get()), beta);
      kernels.conv2d_data(pool, spec, w.get(), passed, Input(halves.get()), Output(both.get()), beta);
      expect_same(plain, fromHalves, "dx " + what);
      const Floats nearest = expanded(rounded(plain));
      expect_same(nearest, expanded(packed), "dx packed " + what);
      expect_same(nearest, expanded(both), "dx both packed " + what);
      kernels.conv2d_weights(pool, spec, x.get(), passed, dy.get(), dw.get(), beta);
      kernels.conv2d_weights(pool, spec, x.get(), passed, Input(halves.get()), dwFromHalves.get(), beta);
      expect_same(dw, dwFromHalves, "dw " + what);
    }
  }
}

// An input that lies in bfloat16 gives the bits of the same one in float.
void check_packed_input(const Bfloat16Kernels& kernels, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed) {
  if (!kernels.fits(spec)) return;
  Random random(seed);
  Reference ref(spec, random, true, true);  // of small integers, which bfloat16 holds
  const std::string what = std::string("packed ") + kernels.name + " " + text(spec);
  Floats x(lane_count(ref.x, 16)), dy(lane_count(ref.y, 16)), w = dense(ref.w), b = dense(ref.b);
  to_lanes(ref.x, 16, 0, x);
  to_lanes(ref.dy, 16, 0, dy);
  Block<uint16_t> halves(x.count());
  for (size_t i = 0; i < x.count(); i++) {
    uint32_t bits;
    std::memcpy(&bits, &x[i], 4);
    halves[i] = static_cast<uint16_t>(bits >> 16);
  }
  const Input inputs[] = {Input(x.get()), Input(halves.get())};
  const bool winograd = avx512::fits_winograd(spec), pooled = avx512::fuses_max_pool(spec, ::gradus::halves(spec));
  std::vector<Floats> first;
  for (const Input& input : inputs) {
    std::vector<Floats> r;
    for (size_t count : {dy.count(), dy.count(), ref.w.size(), ref.w.size(), ref.w.size(), dy.count(), dy.count()}) {
      r.emplace_back(count);
      std::memset(r.back().get(), 0, count * sizeof(float));
    }
    kernels.conv2d(pool, spec, input, w.get(), b.get(), false, r[0].get());
    if (winograd) {
      avx512::winograd_bf16_conv2d(pool, spec, input, w.get(), b.get(), false, r[1].get());
      avx512::winograd_bf16_conv2d_weights(pool, spec, input, nullptr, dy.get(), r[2].get(), 0);
      avx512::winograd_bf16_conv2d_weights_wide(pool, spec, input, nullptr, dy.get(), r[3].get(), 0);
    }
    if (kernels.fits_weights(spec)) kernels.conv2d_weights(pool, spec, input, nullptr, dy.get(), r[4].get(), 0);
    if (pooled) kernels.conv2d_relu_max_pool(pool, spec, input, w.get(), b.get(), r[5].get(), nullptr);
    if (pooled && winograd) {
      avx512::winograd_bf16_conv2d_relu_max_pool(pool, spec, input, w.get(), b.get(), r[6].get(), nullptr);
    }
    if (first.empty()) {
      first = std::move(r);
      continue;
    }
    for (size_t i = 0; i < r.size(); i++) expect_same(first[i], r[i], std::to_string(i) + " " + what);
  }
}

// Pooling picks among the values the convolution itself gives.
void check_bf16_pooled(const Bfloat16Kernels& kernels, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed) {
  if (!kernels.fits(spec) || !avx512::fuses_max_pool(spec, halves(spec))) return;
  Random random(seed);
  const int L = 16;
  Reference ref(spec, random, true, true);
  if (seed % 4 == 1) ref.x.at(0, 0, spec.h / 2, spec.w / 2) = std::numeric_limits<double>::quiet_NaN();
  const std::string what = std::string(kernels.name) + " pooled " + text(spec);
  Plain pooled(spec.n, spec.k, ref.y.h / 2, ref.y.w / 2);
  Floats x(lane_count(ref.x, L)), w = dense(ref.w), b = dense(ref.b);
  Floats want(lane_count(pooled, L)), y(want.count()), alone(want.count());
  Block<uint8_t> wantIndex(want.count()), index(want.count());
  to_lanes(ref.x, L, 0, x);
  avx512::conv2d_relu_max_pool(pool, spec, halves(spec), x.get(), w.get(), b.get(), want.get(), wantIndex.get());
  kernels.conv2d_relu_max_pool(pool, spec, x.get(), w.get(), b.get(), y.get(), index.get());
  kernels.conv2d_relu_max_pool(pool, spec, x.get(), w.get(), b.get(), alone.get(), nullptr);
  each(pooled, [&](int i, int k, int oy, int ox) { pooled.at(i, k, oy, ox) = want[lane_index(pooled, L, i, k, oy, ox)]; });
  expect(pooled, L, y, what);
  expect(pooled, L, alone, what + " without index");
  expect_idle(pooled, L, y, false, what);
  comparisons++;
  bool same = true;
  each(pooled, [&](int i, int k, int oy, int ox) {
    const size_t at = lane_index(pooled, L, i, k, oy, ox);
    same &= index[at] == wantIndex[at];
  });
  if (!same) fail(what + ": index");
}

void check_winograd(const Tier& tier, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed) {
  Random random(seed);
  const int L = tier.lanes;
  const bool withBias = seed % 3 != 0;
  Reference ref(spec, random, withBias, false);
  const std::string what = std::string(tier.name) + " " + text(spec);
  Floats x(lane_count(ref.x, L)), dy(lane_count(ref.y, L)), w = dense(ref.w), b = dense(ref.b);
  to_lanes(ref.x, L, 0, x);
  to_lanes(ref.dy, L, 0, dy);
  ref.forward();
  Plain positive = ref.y, masked = ref.dy;
  for (double& v : positive.v) v = std::max(0.0, v);
  std::vector<Floats> first;
  for (ThreadPool* pool : pools) {
    Floats y(lane_count(ref.y, L)), dx(lane_count(ref.x, L)), plain(lane_count(ref.y, L));
    tier.winograd_conv2d(*pool, spec, x.get(), w.get(), withBias ? b.get() : nullptr, false, plain.get());
    tier.winograd_conv2d(*pool, spec, x.get(), w.get(), withBias ? b.get() : nullptr, true, y.get());
    if (first.empty()) {
      expect_near(error(ref.y, L, plain), tier.winograd_error, "winograd " + what);
      expect_idle(ref.y, L, y, false, "winograd " + what);
      expect_near(error(positive, L, y), tier.winograd_error, "winograd relu " + what);
      ref.backward(ref.dy);
      tier.winograd_conv2d_data(*pool, spec, w.get(), nullptr, dy.get(), dx.get(), 0);
      expect_near(error(ref.dx, L, dx), tier.winograd_error, "winograd dx " + what);
      tier.winograd_conv2d_data(*pool, spec, w.get(), nullptr, dy.get(), dx.get(), 1);
      Plain twice = ref.dx;
      twice.v = times(ref.dx.v, 2);
      expect_near(error(twice, L, dx), tier.winograd_error, "winograd dx added " + what);
      // Gradients do not look at idle lanes of activations, as long as these are finite.
      to_lanes(ref.x, L, 7, x);
      Floats alone(ref.w.size());
      tier.winograd_conv2d_weights(*pool, spec, x.get(), nullptr, dy.get(), alone.get(), 0);
      expect_near(error(ref.dw, alone), tier.winograd_error, "winograd dw " + what);
      tier.winograd_conv2d_weights(*pool, spec, x.get(), nullptr, dy.get(), alone.get(), 1);
      expect_near(error(times(ref.dw, 2), alone), tier.winograd_error, "winograd dw added " + what);
      tier.winograd_conv2d_weights_wide(*pool, spec, x.get(), nullptr, dy.get(), alone.get(), 0);
      expect_near(error(ref.dw, alone), tier.winograd_error, "winograd wide dw " + what);
      tier.winograd_conv2d_weights_wide(*pool, spec, x.get(), nullptr, dy.get(), alone.get(), 1);
      expect_near(error(times(ref.dw, 2), alone), tier.winograd_error, "winograd wide dw added " + what);
      to_lanes(ref.x, L, 0, x);
      for (size_t i = 0; i < masked.v.size(); i++) masked.v[i] = positive.v[i] > 0 ? ref.dy.v[i] : 0;
      to_lanes(positive, L, 1, y);
      ref.backward(masked);
    }
    Floats reluDx(lane_count(ref.x, L));
    Floats mask(lane_count(ref.y, L));
    to_lanes(positive, L, 1, mask);
    tier.winograd_conv2d_data(*pool, spec, w.get(), mask.get(), dy.get(), reluDx.get(), 0);
    Floats reluDw(ref.w.size()), wideDw(ref.w.size());
    tier.winograd_conv2d_weights(*pool, spec, x.get(), mask.get(), dy.get(), reluDw.get(), 0);
    tier.winograd_conv2d_weights_wide(*pool, spec, x.get(), mask.get(), dy.get(), wideDw.get(), 0);
    if (first.empty()) {
      expect_near(error(ref.dx, L, reluDx), tier.winograd_error, "winograd relu dx " + what);
      expect_idle(ref.dx, L, reluDx, true, "winograd dx " + what);
      first.push_back(std::move(plain));
      expect_near(error(ref.dw, reluDw), tier.winograd_error, "winograd relu dw " + what);
      first.push_back(std::move(reluDx));
      expect_near(error(ref.dw, wideDw), tier.winograd_error, "winograd wide relu dw " + what);
      first.push_back(std::move(reluDw));
      first.push_back(std::move(wideDw));
      continue;
    }
    expect_same(first[0], plain, "winograd y " + what);
    expect_same(first[1], reluDx, "winograd dx " + what);
    expect_same(first[2], reluDw, "winograd dw " + what);
    expect_same(first[3], wideDw, "winograd wide dw " + what);
  }
}

Conv2dSpec square(int n, int c, int size, int k, int kernel, int stride, int pad) {
  return Conv2dSpec{n, c, size, size, k, kernel, kernel, stride, stride, pad, pad, pad, pad, 1, 1, 1};
}

// Which comparisons are made.
struct Selection {
  bool small;              // only shapes that are quick
  int others, winograds;   // so many shapes of random numbers
  uint64_t emulatedEvery;  // of the shapes for tiles computed in memory
  bool alone;              // on one thread, too
};

std::vector<Conv2dSpec> shapes(const Selection& selection) {
  std::vector<Conv2dSpec> list = {
      square(1, 1, 1, 1, 1, 1, 0),
      square(3, 1, 7, 6, 5, 1, 0),
      square(17, 3, 8, 5, 3, 1, 1),
      square(16, 6, 12, 16, 5, 1, 0),
      square(5, 12, 9, 13, 3, 2, 1),
      square(4, 16, 6, 32, 1, 2, 0),
      square(4, 7, 6, 9, 1, 1, 0),
      square(2, 3, 15, 7, 7, 2, 3),
      square(2, 3, 13, 4, 11, 4, 2),
      {2, 4, 5, 9, 6, 3, 2, 1, 2, 0, 1, 2, 0, 1, 1, 2},
      {3, 6, 7, 6, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 6},    // depthwise
      {3, 6, 9, 7, 12, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 6},   // depthwise with a multiplier
      {2, 2, 11, 10, 3, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1},  // dilated
      {2, 2, 11, 10, 3, 3, 4, 2, 3, 2, 1, 0, 5, 2, 3, 1},  // dilated, strided
      {2, 3, 9, 11, 2, 4, 4, 4, 2, 0, 3, 1, 2, 2, 2, 1},   // phases without taps
      {2, 1, 2, 3, 2, 5, 7, 1, 1, 3, 2, 4, 3, 1, 1, 1},    // a kernel larger than the image
      {2, 2, 3, 3, 3, 1, 1, 1, 1, 2, 3, 1, 0, 1, 1, 1},    // padding larger than the kernel
      {2, 2, 3, 3, 3, 2, 1, 3, 3, 4, 5, 3, 2, 1, 1, 1},
      {33, 2, 1, 5, 3, 1, 3, 1, 1, 0, 1, 0, 1, 1, 1, 1},   // one row
      {2, 4, 6, 1, 8, 3, 1, 1, 1, 1, 0, 1, 0, 1, 1, 4},    // one column
      {1, 1, 500, 420, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},  // with 16 lanes more bands than partial sums
  };
  if (!selection.small) {
    for (int n : {1, 2, 8, 15, 16, 31, 32, 33}) list.push_back(square(n, 3, 5, 4, 3, 1, 1));
    for (int k = 1; k <= 14; k++) list.push_back(square(2, k % 5 + 1, 6 + k, k, 3, 1 + k % 2, 1));
    for (int c = 1; c <= 14; c++) list.push_back(square(2, c, 5 + c, c % 4 + 1, c % 3 * 2 + 1, 1, c % 3));
    list.push_back(square(64, 1, 28, 6, 5, 1, 0));
    list.push_back(square(16, 16, 16, 32, 3, 1, 1));
    list.push_back(square(16, 3, 40, 16, 3, 1, 1));
    list.push_back(square(16, 64, 8, 64, 3, 1, 1));
    list.push_back(square(16, 32, 16, 64, 3, 2, 1));
    list.push_back(square(17, 64, 14, 32, 1, 1, 0));
  }
  // Any others the rules allow.
  Random random(2026);
  for (int left = selection.others; left > 0;) {
    const int groups = random.between(0, 3) == 0 ? random.between(1, 4) : 1;
    Conv2dSpec s{random.between(1, selection.small ? 9 : 33), groups * random.between(1, 5), random.between(1, 12), random.between(1, 12),
                 groups * random.between(1, 7), random.between(1, 5), random.between(1, 7), random.between(1, 4),
                 random.between(1, 4), random.between(0, 3), random.between(0, 3), random.between(0, 3), random.between(0, 3),
                 random.between(1, 3), random.between(1, 3), groups};
    if (s.h + s.padTop + s.padBottom < s.dilationH * (s.r - 1) + 1 || s.w + s.padLeft + s.padRight < s.dilationW * (s.s - 1) + 1) {
      continue;
    }
    list.push_back(s);
    left--;
  }
  return list;
}

// Rows as long as a tile and longer, and more filters than lanes.
std::vector<Conv2dSpec> filter_shapes(const Selection& selection) {
  std::vector<Conv2dSpec> list = {
      square(1, 3, 33, 17, 3, 1, 1), square(2, 5, 24, 33, 3, 2, 1), square(1, 2, 31, 48, 5, 3, 2), square(3, 40, 8, 40, 3, 1, 1),
      square(2, 33, 4, 70, 3, 1, 1), square(1, 6, 16, 20, 1, 2, 0), square(1, 4, 36, 16, 7, 2, 3), square(1, 1, 40, 3, 18, 1, 0),
      {2, 6, 19, 21, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2},  {1, 4, 20, 40, 24, 3, 5, 1, 2, 1, 3, 0, 2, 2, 3, 2},
  };
  if (!selection.small) {
    for (int size = 4; size <= 40; size += 3) list.push_back(square(2, 5, size, 16 + size, 3, 1 + size % 2, 1));
    list.push_back(square(1, 64, 32, 64, 3, 1, 1));
    list.push_back(square(1, 512, 4, 512, 3, 1, 1));
    list.push_back(square(1, 64, 40, 96, 3, 2, 1));
  }
  return list;
}

// Pooling picks among the values the convolution itself gives: exactly those, with the place of the first largest.
void check_winograd_pooled(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed) {
  const PoolSpec pooling = halves(spec);
  if (!tier.fuses_max_pool(spec, pooling)) return;
  Random random(seed);
  const int L = tier.lanes;
  Reference ref(spec, random, true, false);
  const std::string what = "winograd pooled " + std::string(tier.name) + " " + text(spec);
  Floats x(lane_count(ref.x, L)), w = dense(ref.w), b = dense(ref.b), all(lane_count(ref.y, L));
  if (seed % 4 == 1) ref.x.at(0, 0, spec.h / 2, spec.w / 2) = std::numeric_limits<double>::quiet_NaN();
  to_lanes(ref.x, L, 0, x);
  tier.winograd_conv2d(pool, spec, x.get(), w.get(), b.get(), true, all.get());
  Plain pooled(spec.n, spec.k, ref.y.h / 2, ref.y.w / 2);
  Floats y(lane_count(pooled, L)), alone(lane_count(pooled, L));
  Block<uint8_t> index(lane_count(pooled, L));
  tier.winograd_conv2d_relu_max_pool(pool, spec, x.get(), w.get(), b.get(), y.get(), index.get());
  tier.winograd_conv2d_relu_max_pool(pool, spec, x.get(), w.get(), b.get(), alone.get(), nullptr);
  expect_same(y, alone, what + " without index");
  bool places = true;
  each(pooled, [&](int i, int k, int oy, int ox) {
    double best = 0;
    int at = 0;
    for (int q = 0; q < 4; q++) {
      const double v = all[lane_index(ref.y, L, i, k, oy * 2 + q / 2, ox * 2 + q % 2)];
      if (q == 0 || (!std::isnan(best) && (std::isnan(v) || v > best))) best = v, at = q;
    }
    pooled.at(i, k, oy, ox) = best;
    places &= index[lane_index(pooled, L, i, k, oy, ox)] == at;
  });
  expect(pooled, L, y, what);
  expect_idle(pooled, L, y, false, what);
  comparisons++;
  if (!places) fail(what + ": index");

  if (seed % 4 == 1) return;  // the gradients of the weights are NaN where the NaN was read
  Plain dy(pooled), gradient(spec.n, spec.k, ref.y.h, ref.y.w);
  each(pooled, [&](int i, int k, int oy, int ox) {
    dy.at(i, k, oy, ox) = random.real();
    if (pooled.at(i, k, oy, ox) > 0) {
      const int at = index[lane_index(pooled, L, i, k, oy, ox)];
      gradient.at(i, k, oy * 2 + at / 2, ox * 2 + at % 2) = dy.at(i, k, oy, ox);
    }
  });
  ref.backward(gradient);
  Floats g(lane_count(pooled, L)), dx(lane_count(ref.x, L)), dw(ref.w.size()), db(ref.b.size());
  to_lanes(dy, L, 0, g);
  tier.spread_conv2d_relu_max_pool_backward(pool, spec, tier.bf16 ? Products::kPairs : Products::kFloat, x.get(), w.get(), y.get(), index.get(), g.get(), dx.get(), 0, dw.get(),
                                              db.get(), 0);
  expect_near(error(ref.dx, L, dx), tier.winograd_error, what + " dx");
  expect_idle(ref.dx, L, dx, true, what + " dx");
  expect_near(error(ref.dw, dw), tier.winograd_error, what + " dw");
  expect_near(error(ref.db, db), tier.winograd_error, what + " db");
  tier.spread_conv2d_relu_max_pool_backward(pool, spec, tier.bf16 ? Products::kPairs : Products::kFloat, x.get(), w.get(), y.get(), index.get(), g.get(), nullptr, 0, dw.get(),
                                              db.get(), 1);
  expect_near(error(times(ref.dw, 2), dw), tier.winograd_error, what + " dw added");
  expect_near(error(times(ref.db, 2), db), tier.winograd_error, what + " db added");
}

std::vector<Conv2dSpec> winograd_shapes(const Selection& selection) {
  std::vector<Conv2dSpec> list = {
      square(1, 1, 3, 1, 3, 1, 0),    square(17, 3, 8, 5, 3, 1, 1),   square(33, 16, 7, 16, 3, 1, 1),
      square(2, 70, 4, 9, 3, 1, 1),   square(16, 17, 5, 130, 3, 1, 2), square(4, 130, 3, 33, 3, 1, 1),
      square(33, 150, 7, 37, 3, 1, 1),
      {2, 5, 1, 9, 6, 3, 3, 1, 1, 3, 0, 0, 3, 1, 1, 1}, {3, 4, 9, 1, 7, 3, 3, 1, 1, 0, 3, 3, 1, 1, 1, 1},
  };
  if (!selection.small) {
    for (int size = 1; size <= 13; size++) list.push_back(square(5, 6, size, 7, 3, 1, 1));
    list.push_back(square(32, 64, 15, 64, 3, 1, 1));
    list.push_back(square(32, 128, 8, 128, 3, 1, 1));
    list.push_back(square(32, 512, 4, 512, 3, 1, 1));
    list.push_back(square(128, 256, 7, 64, 3, 1, 1));
    list.push_back(square(64, 24, 31, 64, 3, 1, 1));
  }
  Random random(7);
  for (int left = selection.winograds; left > 0;) {
    Conv2dSpec s{random.between(1, 33), random.between(1, 40), random.between(1, 14), random.between(1, 14), random.between(1, 40),
                 3, 3, 1, 1, random.between(0, 4), random.between(0, 4), random.between(0, 4), random.between(0, 4), 1, 1, 1};
    if (s.h + s.padTop + s.padBottom < 3 || s.w + s.padLeft + s.padRight < 3) continue;
    list.push_back(s);
    left--;
  }
  return list;
}

int test(const Selection& selection) {
  ThreadPool one(1), two(2), four(4);
  std::vector<ThreadPool*> pools{&two, &four};
  if (selection.alone) pools.insert(pools.begin(), &one);
  const std::vector<Conv2dSpec> list = shapes(selection);
  for (const Tier& tier : tiers()) {
    if (!tier.available) {
      std::printf("%s: skipped, this machine lacks it\n", tier.name);
      continue;
    }
    uint64_t seed = 1;
    for (const Conv2dSpec& spec : list) {
      ThreadPool& pool = *pools[seed % pools.size()];
      check_conv(tier, pool, spec, seed);
      check_fused(tier, pool, spec, seed);
      check_bits(tier, pools, spec, seed);
      check_filters(tier, pool, spec, seed);
      check_filter_bits(tier, pools, spec, seed);
      for (const Bfloat16Kernels& kernels : bfloat16_kernels(selection.emulatedEvery)) {
        if (tier.lanes != 16 || !kernels.available || seed % kernels.every != 0) continue;
        check_bf16(kernels, pools, spec, seed);
        check_bf16_pooled(kernels, pool, spec, seed);
        check_packed_input(kernels, pool, spec, seed);
        check_packed_gradients(kernels, pool, spec, seed);
      }
      seed++;
    }
    for (const Conv2dSpec& spec : filter_shapes(selection)) {
      check_filters(tier, *pools[seed % pools.size()], spec, seed);
      check_filter_bits(tier, pools, spec, seed++);
    }
    const std::vector<Conv2dSpec> filtered = winograd_shapes(selection);
    for (const Conv2dSpec& spec : filtered) {
      check_winograd_pooled(tier, two, spec, seed);
      check_winograd(tier, pools, spec, seed++);
    }
    if (tier.lanes == 16 && __builtin_cpu_supports("avx512bf16")) {
      const double float_error = largest_winograd_error;
      largest_winograd_error = 0;
      for (const Conv2dSpec& spec : filtered) {
        check_winograd_pooled(with_bf16(tier), two, spec, seed);
        for (const Bfloat16Kernels& kernels : bfloat16_kernels(selection.emulatedEvery)) {
          if (!kernels.available || seed % kernels.every != 0) continue;
          check_packed_input(kernels, two, spec, seed);
          check_packed_gradients(kernels, two, spec, seed);
        }
        check_winograd(with_bf16(tier), pools, spec, seed++);
      }
      std::printf("%s: largest error of Winograd's algorithm with bfloat16 products %.1e\n", tier.name, largest_winograd_error);
      largest_winograd_error = float_error;
    }
    std::printf("%s: %zu shapes, %zu of them by Winograd's algorithm too (largest error %.1e)\n", tier.name,
                list.size() + filtered.size(), filtered.size(), largest_winograd_error);
  }
  std::printf("%d comparisons, %d failures\n", comparisons, failures);
  return failures == 0 ? 0 : 1;
}

template <class F>
double seconds_of(int threads, const F& f) {
  using Clock = std::chrono::steady_clock;
  auto elapsed = [](Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); };
  // With one thread its own time, so that other programs' share of the core does not count.
  auto now = [&] {
    if (threads > 1) return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  };
  auto begin = Clock::now();
  for (int i = 0; i < 2 || elapsed(begin) < 0.03; i++) f();
  std::vector<double> times;
  begin = Clock::now();
  while (times.size() < 5 || elapsed(begin) < 0.15) {
    const double t = now();
    f();
    times.push_back(now() - t);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 8];  // other programs share this machine: near the best, but not one lucky run
}

void bench(const Tier& tier, int threads, const std::string& only) {
  struct Layer {
    const char* name;
    Conv2dSpec spec;
    bool pooled;
  };
  const Layer layers[] = {{"W5s1", square(32, 64, 32, 64, 3, 1, 1), false},   {"W5s2", square(32, 128, 16, 128, 3, 1, 1), false},
                          {"W5s3", square(32, 256, 8, 256, 3, 1, 1), false},  {"W5s4", square(32, 512, 4, 512, 3, 1, 1), false},
                          {"fast1", square(128, 24, 31, 64, 3, 1, 1), false}, {"fast2", square(128, 64, 15, 256, 3, 1, 1), false},
                          {"fast3", square(128, 256, 7, 256, 3, 1, 1), false}, {"fast4", square(128, 256, 3, 256, 3, 1, 1), false},
                          {"W1c1", square(64, 1, 28, 6, 5, 1, 0), true},      {"W1c2", square(64, 6, 12, 16, 5, 1, 0), true},
                          {"W2c1", square(64, 3, 32, 16, 3, 1, 1), true},     {"W2c2", square(64, 16, 16, 32, 3, 1, 1), true},
                          {"W3c3", square(64, 32, 8, 64, 3, 1, 1), true},     {"W2bigc1", square(32, 3, 256, 16, 3, 1, 1), true},
                          {"W2bigc2", square(32, 16, 128, 32, 3, 1, 1), true}, {"W4c1", square(128, 3, 32, 16, 3, 1, 1), false},
                          {"W4s1", square(128, 16, 32, 16, 3, 1, 1), false},  {"W4s2d", square(128, 16, 32, 32, 3, 2, 1), false},
                          {"W4s2p", square(128, 16, 32, 32, 1, 2, 0), false}, {"W4s2", square(128, 32, 16, 32, 3, 1, 1), false},
                          {"W4s3d", square(128, 32, 16, 64, 3, 2, 1), false}, {"W4s3", square(128, 64, 8, 64, 3, 1, 1), false},
                          {"W4s3p", square(128, 32, 16, 64, 1, 2, 0), false}, {"W5c1", square(32, 3, 32, 64, 3, 1, 1), false},
                          {"W5s2d", square(32, 64, 32, 128, 3, 2, 1), false}, {"W5s2p", square(32, 64, 32, 128, 1, 2, 0), false},
                          {"W5s3d", square(32, 128, 16, 256, 3, 2, 1), false}, {"W5s4d", square(32, 256, 8, 512, 3, 2, 1), false},
                          {"W5s4p", square(32, 256, 8, 512, 1, 2, 0), false},
                          {"conv7", square(32, 3, 64, 32, 7, 2, 3), false},   {"conv1x1", square(32, 64, 16, 64, 1, 1, 0), false},
                          {"depthwise", {32, 64, 16, 16, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 64}, false}};
  ThreadPool pool(threads);
  const double peak = tier.peak() * threads;
  std::printf("%s, %d threads, peak %.0f GFLOP/s; GFLOP/s (%% of peak)\n", tier.name, threads, peak);
  std::printf("%-10s %14s %14s %14s %14s %14s %14s\n", "layer", "forward", "data", "weights", "backward", "fused fwd", "fused bwd");
  for (const Layer& layer : layers) {
    const Conv2dSpec& s = layer.spec;
    if (std::string(layer.name).rfind(only, 0) != 0) continue;
    const int L = tier.lanes;
    Random random(1);
    Plain px(s.n, s.c, s.h, s.w), py(s.n, s.k, out_h(s), out_w(s)), pp(s.n, s.k, py.h / 2, py.w / 2);
    Floats x(lane_count(px, L)), y(lane_count(py, L)), dy(lane_count(py, L)), dx(lane_count(px, L)), w(static_cast<size_t>(s.k) * s.c / s.groups * s.r * s.s);
    Floats b(s.k), dw(w.count()), db(s.k), p(lane_count(pp, L)), dp(lane_count(pp, L));
    Block<uint8_t> index(lane_count(pp, L));
    for (const Floats* f : {&x, &dy, &w, &b, &dp})
      for (size_t i = 0; i < f->count(); i++) (*f)[i] = random.real();
    const double flop = 2.0 * s.n * py.c * py.h * py.w * (s.c / s.groups) * s.r * s.s;
    const PoolSpec pooling = halves(s);
    auto show = [&](double work, const auto& f) {
      const double rate = work / seconds_of(threads, f) * 1e-9;
      char t[64];
      std::snprintf(t, sizeof t, "%.0f (%.0f%%)", rate, 100 * rate / peak);
      std::printf(" %14s", t);
    };
    std::printf("%-10s", layer.name);
    show(flop, [&] { tier.conv2d(pool, s, x.get(), w.get(), b.get(), true, y.get()); });
    show(flop, [&] { tier.conv2d_backward(pool, s, nullptr, w.get(), nullptr, dy.get(), dx.get(), 0, nullptr, nullptr, 0); });
    show(flop, [&] { tier.conv2d_backward(pool, s, x.get(), nullptr, nullptr, dy.get(), nullptr, 0, dw.get(), db.get(), 0); });
    const bool first = s.c == 1 || s.c == 3;
    if (s.r == 3 && s.strideH == 1 && s.groups == 1 && s.c >= 8) {
      std::printf(" winograd");
      show(flop, [&] { tier.winograd_conv2d(pool, s, x.get(), w.get(), b.get(), true, y.get()); });
      show(flop, [&] { tier.winograd_conv2d_data(pool, s, w.get(), nullptr, dy.get(), dx.get(), 0); });
      show(flop, [&] { tier.winograd_conv2d_weights(pool, s, x.get(), nullptr, dy.get(), dw.get(), 0); });
    }
    show(flop * (first ? 1 : 2), [&] {
      tier.conv2d_backward(pool, s, x.get(), w.get(), y.get(), dy.get(), first ? nullptr : dx.get(), 0, dw.get(), db.get(), 0);
    });
    if (layer.pooled) {
      show(flop, [&] { tier.conv2d_relu_max_pool(pool, s, pooling, x.get(), w.get(), b.get(), p.get(), index.get()); });
      if (s.c >= 8 && s.r == 3) {
        show(flop, [&] { tier.winograd_conv2d_relu_max_pool(pool, s, x.get(), w.get(), b.get(), p.get(), index.get()); });
      }
      show(flop * (first ? 1 : 2), [&] {
        tier.conv2d_relu_max_pool_backward(pool, s, pooling, x.get(), w.get(), p.get(), index.get(), dp.get(),
                                           first ? nullptr : dx.get(), 0, dw.get(), db.get(), 0);
      });
    }
    for (const Bfloat16Kernels& kernels : bfloat16_kernels()) {
      if (L != 16 || !kernels.available || kernels.conv2d_data == &emulated::tile_conv2d_data || !kernels.fits_weights(s)) continue;
      std::printf(" %s", kernels.name);
      show(flop, [&] { kernels.conv2d(pool, s, x.get(), w.get(), b.get(), false, y.get()); });
      show(flop, [&] { kernels.conv2d_data(pool, s, w.get(), nullptr, dy.get(), dx.get(), 0); });
      show(flop, [&] { kernels.conv2d_weights(pool, s, x.get(), nullptr, dy.get(), dw.get(), 0); });
    }
    if (L == 16 && __builtin_cpu_supports("avx512bf16") && avx512::fits_bf16_weights(s)) {
      if (s.r == 3 && s.strideH == 1 && s.c >= 8) {
        std::printf(" winograd bf16");
        show(flop, [&] { avx512::winograd_bf16_conv2d(pool, s, x.get(), w.get(), b.get(), true, y.get()); });
        show(flop, [&] { avx512::winograd_bf16_conv2d_data(pool, s, w.get(), nullptr, dy.get(), dx.get(), 0); });
        show(flop, [&] { avx512::winograd_bf16_conv2d_weights(pool, s, x.get(), nullptr, dy.get(), dw.get(), 0); });
      }
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "threads") return gradus::test({true, 10, 5, 7, false});
  if (mode != "bench") return mode == "small" ? gradus::test({true, 40, 25, 1, true}) : gradus::test({false, 400, 200, 1, true});
  for (const gradus::Tier& tier : gradus::tiers()) {
    if (tier.available && (argc > 3 ? argv[3] == std::string(tier.name) : tier.lanes == 16)) {
      gradus::bench(tier, argc > 2 ? std::atoi(argv[2]) : 1, argc > 4 ? argv[4] : "");
    }
  }
  return 0;
}
