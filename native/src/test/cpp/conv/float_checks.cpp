#include <cmath>
#include <limits>

#include "checks.h"
#include "expect.h"
#include "reference.h"

namespace gradus::test {

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
    const std::string how = std::to_string(pool->threads()) + " threads " + text(spec);
    const char* names[] = {"y", "dx", "dw", "db", "pooled y", "pooled dx", "pooled dw", "pooled db"};
    if (wide) expect_same(first[8], r[8], std::string(tier.name) + " wide dw " + how);
    for (size_t i = 0; i < (fused ? 8u : 4u); i++) {
      expect_same(first[i], r[i], std::string(tier.name) + " " + names[i] + " " + how);
    }
  }
}

}  // namespace gradus::test
