#include <cmath>
#include <limits>

#include "checks.h"
#include "expect.h"
#include "reference.h"

namespace gradus::test {

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
  const Products products = tier.bf16 ? Products::kPairs : Products::kFloat;
  tier.spread_conv2d_relu_max_pool_backward(pool, spec, products, x.get(), w.get(), y.get(), index.get(), g.get(), dx.get(), 0,
                                            dw.get(), db.get(), 0);
  expect_near(error(ref.dx, L, dx), tier.winograd_error, what + " dx");
  expect_idle(ref.dx, L, dx, true, what + " dx");
  expect_near(error(ref.dw, dw), tier.winograd_error, what + " dw");
  expect_near(error(ref.db, db), tier.winograd_error, what + " db");
  tier.spread_conv2d_relu_max_pool_backward(pool, spec, products, x.get(), w.get(), y.get(), index.get(), g.get(), nullptr, 0,
                                            dw.get(), db.get(), 1);
  expect_near(error(times(ref.dw, 2), dw), tier.winograd_error, what + " dw added");
  expect_near(error(times(ref.db, 2), db), tier.winograd_error, what + " db added");
}

}  // namespace gradus::test
