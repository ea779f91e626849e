#include "kernels.h"

#include <algorithm>
#include <chrono>

namespace gradus::test {

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

}  // namespace

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

std::vector<Bfloat16Kernels> bfloat16_kernels(uint64_t emulated_every) {
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

}  // namespace gradus::test
