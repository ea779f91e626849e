// The gradients of a convolution with ReLU and 2x2 max-pool: the pooled gradient is spread to the convolution's own
// outputs first, which costs little beside a quarter of the multiplications.
#include "bf16.h"
#include "conv_tiles.h"
#include "plan.h"
#include "vector.h"
#include "winograd.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// One channel of one image group. Returns the sum.
Vector spread(const Geometry& g, const float* y, const uint8_t* index, const float* dy, float* to) {
  const int rows = g.outH / 2, columns = g.outW / 2;
  const int64_t rowFloats = static_cast<int64_t>(g.outW) * kLanes;
  const Ints zeros{}, ones = zeros + 1, twos = zeros + 2, threes = zeros + 3;
  Vector sum = zero();
  for (int row = 0; row < rows; row++, to += 2 * rowFloats) {
    float *top = to, *bottom = to + rowFloats;
    for (int column = 0; column < columns; column++, top += 2 * kLanes, bottom += 2 * kLanes) {
      const Ints place = reinterpret_cast<Ints>(load_bytes(index));
      const Vector gradient = load(y) > zero() ? load(dy) : zero();
      sum += gradient;
      store(top, place == zeros ? gradient : zero());
      store(top + kLanes, place == ones ? gradient : zero());
      store(bottom, place == twos ? gradient : zero());
      store(bottom + kLanes, place == threes ? gradient : zero());
      index += kLanes, y += kLanes, dy += kLanes;
    }
    if (g.outW % 2 != 0) {
      store(top, zero());
      store(bottom, zero());
    }
  }
  if (g.outH % 2 != 0) {
    for (int64_t i = 0; i < rowFloats; i += kLanes) store(to + i, zero());
  }
  return sum;
}

int64_t spread_floats(const Geometry& g) { return g.imageGroups * g.y_group_floats(); }

}  // namespace

bool spreads_in_cache(const Conv2dSpec& conv) { return spread_floats(Geometry(conv)) <= int64_t{8} << 20; }

void spread_conv2d_relu_max_pool_backward(ThreadPool& pool, const Conv2dSpec& conv, Products products, const float* x, const float* w,
                                            const float* y, const uint8_t* index, const float* dy, float* dx, float dx_beta,
                                            float* dw, float* db, float weights_beta) {
  const Geometry g(conv);
  const int planes = g.imageGroups * g.k;
  const int64_t pooled = static_cast<int64_t>(g.outH / 2) * (g.outW / 2) * kLanes;
  const int64_t whole = static_cast<int64_t>(g.outH) * g.outW * kLanes;
  float* gradient = static_cast<float*>(pool.tensor_scratch(static_cast<size_t>(spread_floats(g) + planes) * sizeof(float)));
  float* sums = gradient + spread_floats(g);
  const int perTask = max(1, static_cast<int>(32768 / whole));
  parallel(pool, ceil_div(planes, perTask), [&](int task, int) {
    for (int plane = task * perTask; plane < min(planes, (task + 1) * perTask); plane++) {
      sums[plane] = sum_lanes(
          spread(g, y + plane * pooled, index + plane * pooled, dy + plane * pooled, gradient + plane * whole));
    }
  });
  for (int k = 0; k < g.k && db != nullptr; k++) {
    float sum = weights_beta == 0 ? 0 : db[k];
    for (int group = 0; group < g.imageGroups; group++) sum += sums[group * g.k + k];
    db[k] = sum;
  }
  if constexpr (kLanes == 16) {
    if (products == Products::kTiles) {
      if (dx != nullptr) tile_conv2d_data(pool, conv, w, nullptr, gradient, dx, dx_beta);
      if (dw != nullptr) tile_conv2d_weights(pool, conv, x, nullptr, gradient, dw, weights_beta);
      return;
    }
    if (products == Products::kPairs) {
      if (dx != nullptr) winograd_bf16_conv2d_data(pool, conv, w, nullptr, gradient, dx, dx_beta);
      if (dw != nullptr) winograd_bf16_conv2d_weights(pool, conv, x, nullptr, gradient, dw, weights_beta);
      return;
    }
  }
  if (dx != nullptr) winograd_conv2d_data(pool, conv, w, nullptr, gradient, dx, dx_beta);
  if (dw != nullptr) winograd_conv2d_weights(pool, conv, x, nullptr, gradient, dw, weights_beta);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
