#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "bench.h"
#include "reference.h"

namespace gradus::test {

namespace {

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

}  // namespace

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
    Floats x(lane_count(px, L)), y(lane_count(py, L)), dy(lane_count(py, L)), dx(lane_count(px, L));
    Floats w(static_cast<size_t>(s.k) * s.c / s.groups * s.r * s.s);
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

}  // namespace gradus::test
