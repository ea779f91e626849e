#include <cmath>
#include <limits>

#include "checks.h"
#include "expect.h"
#include "reference.h"

namespace gradus::test {

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
  const Block<uint16_t> halves = rounded(x);
  const Input inputs[] = {Input(x.get()), Input(halves.get())};
  const bool winograd = avx512::fits_winograd(spec), pooled = avx512::fuses_max_pool(spec, test::halves(spec));
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

}  // namespace gradus::test
