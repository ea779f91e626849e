// Runs every kernel beside the convolutions' own test over awkward shapes, in both layouts of every instruction set this
// machine has, with 1 and 3 threads. The plain layout with one thread and a naive matrix product is what the others must
// agree with; the conformance kit of the Java side holds that against the definition. Buffers have exactly the size the
// kernels may touch, so that a sanitizer sees one float too many.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "../../main/cpp/context.h"
#include "../../main/cpp/gradus.h"
#include "../../main/cpp/specs.h"

namespace {

int failures = 0;
long comparisons = 0;

void naive_gemm(int, int transposeA, int transposeB, int m, int n, int k, float alpha, const float* a, int lda,
                const float* b, int ldb, float beta, float* c, int ldc) {
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int d = 0; d < k; d++) {
        sum += static_cast<double>(transposeA == 112 ? a[d * lda + i] : a[i * lda + d]) *
               (transposeB == 112 ? b[j * ldb + d] : b[d * ldb + j]);
      }
      float old = beta == 0 ? 0 : beta * c[i * ldc + j];
      c[i * ldc + j] = static_cast<float>(alpha * sum) + old;
    }
  }
}

// A variant of the backend and the memory it lent.
struct Device {
  int64_t context;
  int lanes, lanes_from;
  std::vector<void*> blocks;

  Device(int tier, int threads, bool in_lanes)
      : lanes(tier == 3 ? 16 : tier == 2 ? 8 : 4), lanes_from(in_lanes ? 1 : INT32_MAX) {
    context = gradus_context_create(threads, tier, lanes_from, 0, gradus_best_products());
    reinterpret_cast<gradus::Context*>(context)->sgemm = naive_gemm;
  }
  ~Device() {
    for (void* block : blocks) free(block);
    gradus_context_destroy(context);
  }

  int64_t memory(size_t bytes) {
    void* block = nullptr;
    if (posix_memalign(&block, 64, bytes == 0 ? 1 : bytes) != 0) abort();
    memset(block, 0xff, bytes);  // NaN: what is not written shows
    blocks.push_back(block);
    return reinterpret_cast<int64_t>(block);
  }
  int64_t physical(int n, int64_t features) const {
    int width = n >= lanes_from ? lanes : 1;
    return static_cast<int64_t>((n + width - 1) / width) * width * features;
  }
  int64_t empty(int n, int64_t features) { return memory(static_cast<size_t>(physical(n, features)) * 4); }
  int64_t places(int n, int64_t features) { return memory(static_cast<size_t>(physical(n, features))); }
  int64_t batch(int n, int64_t features, unsigned seed) {
    std::vector<float> host = random(static_cast<size_t>(n * features), seed);
    int64_t y = empty(n, features);
    check(gradus_copy_in(context, reinterpret_cast<int64_t>(host.data()), y, n, features));
    return y;
  }
  int64_t dense(size_t count, unsigned seed) {
    std::vector<float> host = random(count, seed);
    int64_t y = memory(count * 4);
    memcpy(reinterpret_cast<void*>(y), host.data(), count * 4);
    return y;
  }
  template <class T>
  int64_t spec(const T& s) {
    int64_t y = memory(sizeof(T));
    memcpy(reinterpret_cast<void*>(y), &s, sizeof(T));
    return y;
  }
  std::vector<float> read(int64_t x, int n, int64_t features) {
    std::vector<float> host(static_cast<size_t>(n * features));
    check(gradus_copy_out(context, x, reinterpret_cast<int64_t>(host.data()), n, features));
    return host;
  }
  std::vector<float> read_dense(int64_t x, size_t count) {
    const float* p = reinterpret_cast<const float*>(x);
    return std::vector<float>(p, p + count);
  }
  // The same numbers in bfloat16, and back.
  int64_t packed(int64_t x, int n, int64_t features) {
    int64_t half = empty_packed(n, features);
    check(gradus_round_bf16(context, x, 0, half, physical(n, features)));
    return half;
  }
  int64_t empty_packed(int n, int64_t features) { return memory(static_cast<size_t>(physical(n, features)) * 2); }
  int64_t expanded(int64_t half, int n, int64_t features) {
    int64_t x = empty(n, features);
    check(gradus_expand_bf16(context, half, x, physical(n, features)));
    return x;
  }
  std::vector<float> read_gradient(int64_t half, int n, int64_t features, const char* what) {
    int64_t x = expanded(half, n, features);
    idle_zero(x, n, features, what);
    return read(x, n, features);
  }

  // Gradients of idle lanes must be zero.
  void idle_zero(int64_t x, int n, int64_t features, const char* what) {
    int width = n >= lanes_from ? lanes : 1;
    const float* last = reinterpret_cast<const float*>(x) + static_cast<int64_t>(n / width) * width * features;
    if (n % width == 0) return;
    for (int64_t f = 0; f < features; f++) {
      for (int lane = n % width; lane < width; lane++) {
        if (last[f * width + lane] != 0) {
          printf("FAILED %s: an idle lane holds %g\n", what, last[f * width + lane]);
          failures++;
          return;
        }
      }
    }
  }

  static void check(int32_t status) {
    if (status != 0) {
      printf("a kernel ran out of memory\n");
      abort();
    }
  }
  static std::vector<float> random(size_t count, unsigned seed) {
    std::vector<float> v(count);
    uint32_t state = seed * 2654435761u + 12345u;
    for (float& x : v) {
      state = state * 1664525u + 1013904223u;
      x = static_cast<float>(state >> 8) / 8388608.0f - 1.0f;
    }
    return v;
  }
};

using Outputs = std::vector<std::vector<float>>;
struct Case {
  std::string name;
  std::function<Outputs(Device&)> run;
  double tolerance = 2e-5;  // between instruction sets, of the largest output
};
constexpr double kBfloat16 = 0x1p-7;  // where outputs are rounded to it, to either side of a tie

std::vector<Case> cases() {
  std::vector<Case> all;
  const int batches[] = {1, 3, 15, 16, 17, 33};
  const int shapes[][3] = {{1, 1, 1}, {3, 7, 5}, {5, 2, 13}, {2, 9, 8}};
  for (int n : batches) {
    for (auto& shape : shapes) {
      const int c = shape[0], h = shape[1], w = shape[2], size = c * h * w;
      std::string at = " n" + std::to_string(n) + " c" + std::to_string(c) + " " + std::to_string(h) + "x" + std::to_string(w);
      for (int kind = 0; kind < 14; kind++) {
        all.push_back({"activation " + std::to_string(kind) + at, [=](Device& d) {
                         int64_t x = d.batch(n, size, 1), y = d.empty(n, size), dy = d.batch(n, size, 2);
                         int64_t count = d.physical(n, size);
                         gradus_activation(d.context, kind, 0.3f, x, y, 0, count);
                         gradus_activation_backward(d.context, kind, 0.3f, x, y, 0, dy, 0, dy, 0, 0, count);
                         d.idle_zero(dy, n, size, "activation_backward");
                         return Outputs{d.read(y, n, size), d.read(dy, n, size)};
                       }});
        all.push_back({"packed activation " + std::to_string(kind) + at, [=](Device& d) {
                         int64_t x = d.packed(d.batch(n, size, 1), n, size), y = d.empty_packed(n, size), wide = d.batch(n, size, 2);
                         int64_t dy = d.packed(wide, n, size), dx = d.packed(wide, n, size), plain = d.batch(n, size, 3);
                         int64_t count = d.physical(n, size);
                         gradus_activation(d.context, kind, 0.3f, x, y, 1, count);
                         gradus_activation_backward(d.context, kind, 0.3f, x, y, 1, dy, 1, dy, 1, 0, count);
                         gradus_activation_backward(d.context, kind, 0.3f, x, y, 1, wide, 0, dx, 1, 1, count);
                         gradus_activation_backward(d.context, kind, 0.3f, x, y, 1, wide, 0, plain, 0, 1, count);
                         return Outputs{d.read(d.expanded(y, n, size), n, size), d.read_gradient(dy, n, size, "packed in place"),
                                        d.read_gradient(dx, n, size, "packed activation"), d.read(plain, n, size)};
                       }, kBfloat16});
      }
      all.push_back({"arithmetic" + at, [=](Device& d) {
                       int64_t a = d.batch(n, size, 1), b = d.batch(n, size, 2), y = d.empty(n, size);
                       int64_t out = d.memory(6 * 4), count = d.physical(n, size);
                       gradus_add(d.context, a, b, y, count);
                       gradus_multiply(d.context, y, b, y, count);
                       gradus_add_scaled(d.context, 0.5f, a, y, count);
                       gradus_scale(d.context, 1.5f, y, count);
                       gradus_add_relu(d.context, y, a, y, count);
                       gradus_statistics(d.context, y, n, size, out);
                       return Outputs{d.read(y, n, size), d.read_dense(out, 6)};
                     }});
      all.push_back({"bfloat16" + at, [=](Device& d) {
                       int64_t x = d.batch(n, size, 1), y = d.empty(n, size), again = d.empty(n, size);
                       int64_t count = d.physical(n, size), packed = d.memory(static_cast<size_t>(count) * 2);
                       gradus_round_bf16(d.context, x, y, packed, count);
                       gradus_expand_bf16(d.context, packed, again, count);
                       gradus_round_bf16(d.context, x, x, 0, count);
                       d.idle_zero(again, n, size, "bfloat16");
                       return Outputs{d.read(y, n, size), d.read(again, n, size), d.read(x, n, size)};
                     }});
      all.push_back({"dropout" + at, [=](Device& d) {
                       int64_t x = d.batch(n, size, 1), y = d.empty(n, size);
                       gradus_dropout(d.context, n, size, 1 << 23, 77, 2.0f, x, y, 0);
                       gradus_dropout(d.context, n, size, 1 << 23, 78, 2.0f, x, y, 1);
                       return Outputs{d.read(y, n, size)};
                     }});
      for (int window = 2; window <= 3; window++) {
        for (int pad = 0; pad <= 1; pad++) {
          const PoolSpec s{n, c, h, w, window, window, 2, 2, pad, pad, pad};
          if (h + 2 * pad < window || w + 2 * pad < window) continue;
          const int out = c * ((h + 2 * pad - window) / 2 + 1) * ((w + 2 * pad - window) / 2 + 1);
          all.push_back({"pooling " + std::to_string(window) + " pad " + std::to_string(pad) + at, [=](Device& d) {
                           int64_t spec = d.spec(s), x = d.batch(n, size, 1), y = d.empty(n, out), dy = d.batch(n, out, 2);
                           int64_t index = d.places(n, out), dx = d.empty(n, size), average = d.empty(n, out);
                           gradus_max_pool(d.context, spec, x, y, 0, index);
                           gradus_max_pool_backward(d.context, spec, dy, 0, index, dx, 0, 0);
                           gradus_max_pool_backward(d.context, spec, dy, 0, index, dx, 0, 1);
                           gradus_avg_pool(d.context, spec, x, average);
                           gradus_avg_pool_backward(d.context, spec, dy, dx, 1);
                           d.idle_zero(dx, n, size, "pooling backward");
                           return Outputs{d.read(y, n, out), d.read(dx, n, size), d.read(average, n, out)};
                         }});
          all.push_back({"packed pooling " + std::to_string(window) + " pad " + std::to_string(pad) + at, [=](Device& d) {
                           int64_t spec = d.spec(s), x = d.packed(d.batch(n, size, 1), n, size), y = d.empty_packed(n, out);
                           int64_t wide = d.batch(n, out, 2), dy = d.packed(wide, n, out), index = d.places(n, out);
                           int64_t dx = d.empty_packed(n, size), plain = d.empty(n, size);
                           gradus_max_pool(d.context, spec, x, y, 1, index);
                           gradus_max_pool_backward(d.context, spec, dy, 1, index, dx, 1, 0);
                           gradus_max_pool_backward(d.context, spec, wide, 0, index, dx, 1, 1);
                           gradus_max_pool_backward(d.context, spec, dy, 1, index, plain, 0, 0);
                           d.idle_zero(plain, n, size, "pooling backward of packed gradients");
                           return Outputs{d.read(d.expanded(y, n, out), n, out), d.read_gradient(dx, n, size, "packed pooling"),
                                          d.read(plain, n, size)};
                         }, kBfloat16});
        }
      }
      all.push_back({"adaptive pooling" + at, [=](Device& d) {
                       int64_t spec = d.spec(AdaptivePoolSpec{n, c, h, w, 2, 3});
                       int64_t x = d.batch(n, size, 1), y = d.empty(n, c * 6), dx = d.empty(n, size);
                       gradus_adaptive_avg_pool(d.context, spec, x, y);
                       gradus_adaptive_avg_pool_backward(d.context, spec, y, dx, 0);
                       return Outputs{d.read(y, n, c * 6), d.read(dx, n, size)};
                     }});
      for (int with = 0; with < 4; with++) {  // bit 0: residual, bit 1: accumulate
        all.push_back({"batch norm " + std::to_string(with) + at, [=](Device& d) {
                         int64_t spec = d.spec(BatchNormSpec{n, c, h, w, 0.1f, 1e-5f}), x = d.batch(n, size, 1);
                         int64_t residual = with & 1 ? d.batch(n, size, 2) : 0, y = d.empty(n, size), z = d.empty(n, size);
                         int64_t gamma = d.dense(c, 3), beta = d.dense(c, 4), mean = d.dense(c, 5), var = d.memory(c * 4);
                         int64_t saved = d.memory(c * 4), inv = d.memory(c * 4), dg = d.dense(c, 6), db = d.dense(c, 7);
                         int64_t dy = d.batch(n, size, 8), dx = d.batch(n, size, 9);
                         int64_t dres = with & 1 ? d.batch(n, size, 10) : 0;
                         float keep = with & 2 ? 1 : 0;
                         gradus_fill(d.context, var, c, 1);
                         gradus_batch_norm_training(d.context, spec, x, gamma, beta, mean, var, residual, 1, 0, y, saved, inv);
                         gradus_batch_norm_inference(d.context, spec, x, gamma, beta, mean, var, residual, 0, 0, z);
                         gradus_batch_norm_backward(d.context, spec, x, y, 0, gamma, dres == 0 ? beta : 0, saved, inv, dy, 0, dx,
                                                    keep, dres, keep, 0, dg, db, keep);
                         d.idle_zero(dx, n, size, "batch_norm_backward");
                         int64_t fixed = d.batch(n, size, 11), beside = dres != 0 ? d.batch(n, size, 12) : 0;
                         gradus_batch_norm_inference_backward(d.context, spec, with & 1 ? y : 0, 0, gamma, var, dy, 0, fixed, keep,
                                                              beside, keep, 0);
                         d.idle_zero(fixed, n, size, "batch_norm_inference_backward");
                         Outputs out{d.read(y, n, size), d.read(z, n, size), d.read(dx, n, size), d.read_dense(dg, c),
                                     d.read_dense(db, c), d.read_dense(mean, c), d.read_dense(var, c), d.read(fixed, n, size)};
                         if (dres != 0) out.push_back(d.read(dres, n, size));
                         if (beside != 0) out.push_back(d.read(beside, n, size));
                         return out;
                       }});
        all.push_back({"packed batch norm " + std::to_string(with) + at, [=](Device& d) {
                         int64_t spec = d.spec(BatchNormSpec{n, c, h, w, 0.1f, 1e-5f}), x = d.packed(d.batch(n, size, 1), n, size);
                         int64_t residual = with & 1 ? d.packed(d.batch(n, size, 2), n, size) : 0, y = d.empty_packed(n, size);
                         int64_t gamma = d.dense(c, 3), beta = d.dense(c, 4), mean = d.dense(c, 5), var = d.memory(c * 4);
                         int64_t saved = d.memory(c * 4), inv = d.memory(c * 4), dg = d.dense(c, 6), db = d.dense(c, 7);
                         int64_t wide = d.batch(n, size, 8), dy = d.packed(wide, n, size), dx = d.packed(d.batch(n, size, 9), n, size);
                         int64_t dres = with & 1 ? d.packed(d.batch(n, size, 10), n, size) : 0;
                         float keep = with & 2 ? 1 : 0;
                         gradus_fill(d.context, var, c, 1);
                         gradus_batch_norm_training(d.context, spec, x, gamma, beta, mean, var, residual, 1, 1, y, saved, inv);
                         gradus_batch_norm_backward(d.context, spec, x, y, 1, gamma, dres == 0 ? beta : 0, saved, inv, wide, 0, dx,
                                                    keep, dres, keep, 1, dg, db, keep);
                         gradus_batch_norm_backward(d.context, spec, x, y, 1, gamma, dres == 0 ? beta : 0, saved, inv, dy, 1, dx, 1,
                                                    dres, 0, 1, dg, db, 1);
                         gradus_batch_norm_backward(d.context, spec, x, 0, 1, gamma, 0, saved, inv, dy, 1, dy, 0, 0, 0, 1, dg, db, 1);
                         int64_t z = d.empty_packed(n, size), fixed = d.packed(d.batch(n, size, 11), n, size);
                         gradus_batch_norm_inference(d.context, spec, x, gamma, beta, mean, var, residual, 1, 1, z);
                         gradus_batch_norm_inference_backward(d.context, spec, z, 1, gamma, var, wide, 0, fixed, keep, dres, keep, 1);
                         gradus_batch_norm_inference_backward(d.context, spec, z, 1, gamma, var, wide, 0, wide, 0, 0, 0, 0);
                         gradus_batch_norm_inference_backward(d.context, spec, 0, 1, gamma, var, dy, 1, dy, 0, 0, 0, 1);
                         Outputs out{d.read(d.expanded(z, n, size), n, size),
                                     d.read_gradient(fixed, n, size, "packed batch_norm_inference_backward"),
                                     d.read(wide, n, size), d.read(d.expanded(y, n, size), n, size),
                                     d.read_gradient(dx, n, size, "packed batch norm"),
                                     d.read_gradient(dy, n, size, "packed batch norm in place"), d.read_dense(dg, c),
                                     d.read_dense(db, c)};
                         if (dres != 0) out.push_back(d.read(d.expanded(dres, n, size), n, size));
                         return out;
                       }, kBfloat16});
      }
      for (int groups = 1; groups <= c; groups++) {
        if (c % groups != 0) continue;
        all.push_back({"group norm of " + std::to_string(groups) + at, [=](Device& d) {
                         int64_t spec = d.spec(GroupNormSpec{n, c, h, w, groups, 1e-5f}), x = d.batch(n, size, 1);
                         int64_t gamma = d.dense(c, 2), beta = d.dense(c, 3), y = d.empty(n, size), dy = d.batch(n, size, 4);
                         int64_t mean = d.empty(n, groups), inv = d.empty(n, groups), dx = d.batch(n, size, 5);
                         int64_t dg = d.dense(c, 6), db = d.dense(c, 7), alone = d.empty(n, size);
                         gradus_group_norm(d.context, spec, x, gamma, beta, y, mean, inv);
                         gradus_group_norm_backward(d.context, spec, x, gamma, mean, inv, dy, dx, 1, dg, db, 1);
                         d.idle_zero(dx, n, size, "group_norm_backward");
                         gradus_group_norm_backward(d.context, spec, x, gamma, mean, inv, dy, alone, 0, 0, 0, 0);
                         gradus_group_norm_backward(d.context, spec, x, gamma, mean, inv, dy, 0, 0, dg, db, 1);
                         gradus_group_norm_backward(d.context, spec, x, gamma, mean, inv, dy, dy, 0, dg, db, 0);
                         return Outputs{d.read(y, n, size), d.read(dx, n, size), d.read(alone, n, size), d.read(dy, n, size),
                                        d.read_dense(dg, c), d.read_dense(db, c), d.read(mean, n, groups), d.read(inv, n, groups)};
                       }});
      }
      all.push_back({"softmax and channels" + at, [=](Device& d) {
                       int64_t spec = d.spec(SoftmaxSpec{n, c, h * w}), x = d.batch(n, size, 1), y = d.empty(n, size);
                       int64_t dx = d.empty(n, size), both = d.batch(n, size + 2 * h * w, 3);
                       int64_t copy = d.spec(ChannelCopySpec{n, h * w, c, c, 0, c + 2, 1});
                       gradus_softmax(d.context, spec, x, y);
                       gradus_softmax_backward(d.context, spec, y, x, dx, 0);
                       gradus_copy_channels(d.context, copy, x, both, 1);
                       int64_t scale = d.spec(ChannelScaleSpec{n, c, h * w}), factors = d.batch(n, c, 4);
                       int64_t scaled = d.batch(n, size, 5), dots = d.batch(n, c, 6);
                       gradus_scale_channels(d.context, scale, x, factors, scaled, 1);
                       gradus_dot_channels(d.context, scale, x, scaled, dots, 1);
                       return Outputs{d.read(y, n, size), d.read(dx, n, size), d.read(both, n, size + 2 * h * w),
                                      d.read(scaled, n, size), d.read(dots, n, c)};
                     }});
      const Conv2dSpec conv{n, c, h, w, c * 2, 3, 2, 2, 1, 2, 1, 1, 1, 1, 1, c};
      const int64_t outputs = static_cast<int64_t>(c) * 2 * ((h + 3 - 3) / 2 + 1) * (w + 2 - 2 + 1);
      all.push_back({"convolution" + at, [=](Device& d) {
                       int64_t spec = d.spec(conv), x = d.batch(n, size, 1), k = d.dense(c * 2 * 6, 2);
                       int64_t b = d.dense(c * 2, 3), y = d.empty(n, outputs), dy = d.batch(n, outputs, 4);
                       int64_t dx = d.empty(n, size), dk = d.dense(c * 2 * 6, 5), db = d.dense(c * 2, 6);
                       gradus_conv2d(d.context, spec, x, 0, k, b, 0, 1, y, 0);
                       gradus_conv2d_backward(d.context, spec, x, 0, k, y, dy, 0, dx, 0, 0, dk, db, 1);
                       d.idle_zero(dx, n, size, "conv2d_backward");
                       return Outputs{d.read(y, n, outputs), d.read(dx, n, size), d.read_dense(dk, c * 2 * 6),
                                      d.read_dense(db, c * 2)};
                     }});
      all.push_back({"packed convolution" + at, [=](Device& d) {
                       int64_t spec = d.spec(conv), x = d.packed(d.batch(n, size, 1), n, size), k = d.dense(c * 2 * 6, 2);
                       int64_t b = d.dense(c * 2, 3), y = d.empty_packed(n, outputs), dk = d.dense(c * 2 * 6, 5), db = d.dense(c * 2, 6);
                       int64_t dy = d.packed(d.batch(n, outputs, 4), n, outputs), dx = d.empty_packed(n, size);
                       gradus_conv2d(d.context, spec, x, 1, k, b, 0, 0, y, 1);
                       gradus_conv2d_backward(d.context, spec, x, 1, k, 0, dy, 1, dx, 1, 0, dk, db, 1);
                       gradus_conv2d_backward(d.context, spec, x, 1, k, 0, dy, 1, dx, 1, 1, 0, 0, 0);
                       return Outputs{d.read(d.expanded(y, n, outputs), n, outputs), d.read_gradient(dx, n, size, "packed convolution"),
                                      d.read_dense(dk, c * 2 * 6), d.read_dense(db, c * 2)};
                     }, kBfloat16});
    }
    const Conv2dSpec wide{n, 5, 9, 11, 21, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    all.push_back({"wide convolution n" + std::to_string(n), [=](Device& d) {
                     const int64_t in = 5 * 9 * 11, out = 21 * 9 * 11;
                     int64_t spec = d.spec(wide), x = d.batch(n, in, 1), k = d.dense(21 * 5 * 9, 2), b = d.dense(21, 3);
                     int64_t y = d.empty(n, out), sum = d.empty(n, out), residual = d.batch(n, out, 4);
                     gradus_conv2d(d.context, spec, x, 0, k, b, 0, 0, y, 0);
                     gradus_conv2d(d.context, spec, x, 0, k, 0, residual, 1, sum, 0);
                     return Outputs{d.read(y, n, out), d.read(sum, n, out)};
                   }});
    const int sizes[][2] = {{1, 1}, {7, 31}, {33, 10}, {130, 13}};
    for (auto& size : sizes) {
      const int in = size[0], out = size[1];
      std::string at = " n" + std::to_string(n) + " " + std::to_string(in) + "->" + std::to_string(out);
      for (int keep = 0; keep < 2; keep++) {
        all.push_back({"linear " + std::to_string(keep) + at, [=](Device& d) {
                         int64_t spec = d.spec(LinearSpec{n, in, out}), x = d.batch(n, in, 1), w = d.dense(in * out, 2);
                         int64_t b = d.dense(out, 3), y = d.empty(n, out), dy = d.batch(n, out, 4), dx = d.batch(n, in, 5);
                         int64_t dw = d.dense(in * out, 6), db = d.dense(out, 7);
                         gradus_linear(d.context, spec, x, w, b, 1, y);
                         gradus_linear_backward(d.context, spec, x, w, y, dy, dx, keep, dw, db, keep);
                         d.idle_zero(dx, n, in, "linear_backward");
                         return Outputs{d.read(y, n, out), d.read(dx, n, in), d.read_dense(dw, in * out),
                                        d.read_dense(db, out)};
                       }});
      }
    }
    for (int variant = 0; variant < 3; variant++) {  // plain, smoothed and weighted, focal
      const int classes = 11;
      all.push_back({"losses " + std::to_string(variant) + " n" + std::to_string(n), [=](Device& d) {
                       int64_t spec = d.spec(CrossEntropySpec{n, classes, variant == 1 ? 0.1f : 0, variant == 2 ? 2.0f : 0});
                       int64_t z = d.batch(n, classes, 1), q = d.batch(n, classes, 2), labels = d.memory(n * 4);
                       int64_t weights = variant == 1 ? d.dense(classes, 3) : 0, loss = d.memory(4), dz = d.empty(n, classes);
                       for (int i = 0; i < n; i++) reinterpret_cast<int32_t*>(labels)[i] = i * 7 % classes;
                       Outputs out;
                       auto keep = [&] {
                         out.push_back(d.read_dense(loss, 1));
                         out.push_back(d.read(dz, n, classes));
                         d.idle_zero(dz, n, classes, "loss");
                       };
                       gradus_cross_entropy(d.context, spec, z, labels, weights, loss, dz);
                       keep();
                       gradus_soft_cross_entropy(d.context, spec, z, q, weights, loss, dz);
                       keep();
                       gradus_mean_squared_error(d.context, n, classes, z, q, loss, dz);
                       keep();
                       gradus_binary_cross_entropy(d.context, n, classes, z, q, loss, dz);
                       keep();
                       gradus_cross_entropy(d.context, spec, z, labels, weights, loss, 0);
                       out.push_back(d.read_dense(loss, 1));
                       gradus_count_correct(d.context, n, classes, z, labels, loss);
                       out.push_back(d.read_dense(loss, 1));
                       return out;
                     }});
    }
  }
  for (int n : {1, 7, 33}) {
    for (int64_t pixels : {int64_t{1}, int64_t{25}, int64_t{1024}}) {
      all.push_back({"bytes in " + std::to_string(n) + " x " + std::to_string(pixels), [=](Device& d) {
                       const int channels = 3;
                       size_t features = static_cast<size_t>(channels * pixels), count = static_cast<size_t>(n) * features;
                       std::vector<uint8_t> bytes(count);  // exactly as long: a read beyond the end shows
                       for (size_t i = 0; i < count; i++) bytes[i] = static_cast<uint8_t>(i * 7 + i / 256);
                       int64_t scales = d.dense(2 * channels, 1), y = d.empty(n, static_cast<int64_t>(features));
                       gradus_copy_in_bytes(d.context, reinterpret_cast<int64_t>(bytes.data()), scales, y, n, channels, pixels);
                       d.idle_zero(y, n, static_cast<int64_t>(features), "bytes in");
                       return Outputs{d.read(y, n, static_cast<int64_t>(features))};
                     }});
    }
  }
  for (size_t count : {size_t{1}, size_t{17}, size_t{20011}}) {
    all.push_back({"optimizers " + std::to_string(count), [=](Device& d) {
                     int64_t w = d.dense(count, 1), g = d.dense(count, 2), m = d.dense(count, 3), v = d.memory(count * 4);
                     int64_t out = d.memory(4), c = static_cast<int64_t>(count);
                     gradus_multiply(d.context, m, m, v, c);
                     gradus_sgd(d.context, w, g, m, c, 0.1f, 0.9f, 0, 1, 0.01f, 0);
                     gradus_adam(d.context, w, g, m, v, c, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 1, 0.1f, 0.001f);
                     int64_t a = d.memory(count * 4), b = d.memory(count * 4), k = d.memory(count * 4);
                     for (int rule = 0; rule < 5; rule++) {
                       gradus_fill(d.context, a, c, 9);  // above the square of any mean: a variance is not negative
                       gradus_fill(d.context, b, c, 0.5f);
                       gradus_fill(d.context, k, c, 0.25f);
                       gradus_update(d.context, rule, w, g, a, rule < 3 ? b : 0, rule < 2 ? k : 0, c, 0.01f, 0.99f,
                                     0.01f, 0.9f, 0.1f, 0.99f, 0.01f, 1e-3f, 0.5f, 1);
                       gradus_add(d.context, v, a, v, c);
                       gradus_add(d.context, v, b, v, c);
                       gradus_add(d.context, v, k, v, c);
                     }
                     gradus_add_l1(d.context, 0.1f, w, g, c);
                     gradus_clamp(d.context, 0.5f, g, c);
                     gradus_sum_of_squares(d.context, w, c, out);
                     return Outputs{d.read_dense(g, count), d.read_dense(w, count), d.read_dense(v, count), d.read_dense(out, 1)};
                   }});
  }
  return all;
}

void compare(const std::string& name, const Outputs& expected, const Outputs& actual, double tolerance) {
  for (size_t i = 0; i < expected.size(); i++) {
    double largest = 0;
    for (float e : expected[i]) largest = std::fmax(largest, std::fabs(e));
    for (size_t j = 0; j < expected[i].size(); j++) {
      float e = expected[i][j], a = actual[i][j];
      bool same = tolerance == 0 ? memcmp(&e, &a, 4) == 0 : std::fabs(e - a) <= tolerance * (1 + largest);
      comparisons++;
      if (!same) {
        printf("FAILED %s: output %zu[%zu] is %.9g, expected %.9g\n", name.c_str(), i, j, a, e);
        failures++;
        break;
      }
    }
  }
}

// A convolution of few images keeps its weights as it reads them: whatever writes to them must be noticed.
void check_kept_weights(int tier) {
  const Conv2dSpec conv{1, 3, 6, 9, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const int64_t count = 20 * 3 * 9, size = 3 * 6 * 9, outputs = 20 * 6 * 9;
  struct Writer {
    const char* name;
    std::function<void(Device&, int64_t w, int64_t other, int64_t last)> write;
  };
  const std::vector<Writer> writers = {
      {"fill", [](Device& d, int64_t w, int64_t, int64_t) { gradus_fill(d.context, w, 1, 3); }},
      {"zero", [](Device& d, int64_t, int64_t, int64_t last) { gradus_zero(d.context, last, 4); }},
      {"copy", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_copy(d.context, other, w + 64, 4); }},
      {"add", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_add(d.context, w, other, w, 1); }},
      {"multiply", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_multiply(d.context, w, other, w, 1); }},
      {"add_scaled", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_add_scaled(d.context, 2, other, w, 1); }},
      {"scale", [](Device& d, int64_t w, int64_t, int64_t) { gradus_scale(d.context, 2, w, 1); }},
      {"scale_by", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_scale_by(d.context, other, w, 1); }},
      {"add_relu", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_add_relu(d.context, other, other, w, 1); }},
      {"activation", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_activation(d.context, 5, 0, other, w, 0, 1); }},
      {"round_bf16",
       [](Device& d, int64_t w, int64_t other, int64_t) { gradus_round_bf16(d.context, other, w, 0, 1); }},
      {"expand_bf16", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_expand_bf16(d.context, other, w, 1); }},
      {"activation_backward",
       [](Device& d, int64_t w, int64_t other, int64_t) {
         gradus_activation_backward(d.context, 5, 0, other, other, 0, other, 0, w, 0, 1, 1);
       }},
      {"sgd", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_sgd(d.context, w, other, 0, 1, 0.5f, 0, 0, 0, 0, 1); }},
      {"adam",
       [=](Device& d, int64_t w, int64_t other, int64_t) {
         gradus_adam(d.context, w, other, d.dense(count, 7), d.dense(count, 8), 1, 0.5f, 0.9f, 0.99f, 1, 0, 0, 1, 1);
       }},
      {"update",
       [=](Device& d, int64_t w, int64_t other, int64_t) {
         gradus_update(d.context, 4, w, other, d.dense(count, 7), 0, 0, 1, 0.5f, 1, 0, 0.9f, 0.1f, 0.99f, 0.01f, 1, 0, 1);
       }},
      {"add_l1", [](Device& d, int64_t w, int64_t other, int64_t) { gradus_add_l1(d.context, 1, other, w, 1); }},
      {"clamp", [](Device& d, int64_t w, int64_t, int64_t) { gradus_clamp(d.context, 0.001f, w, 1); }},
      {"a slice that ends in them",
       [=](Device& d, int64_t w, int64_t other, int64_t) { gradus_add(d.context, w + 8, other, w + 8, count - 2); }},
      {"forget",
       [](Device& d, int64_t w, int64_t, int64_t) {
         *reinterpret_cast<float*>(w) = 3;
         gradus_forget(d.context, w, 4);
       }},
  };
  const auto outputs_of = [&](Device& d, const std::vector<float>& weights, int64_t w) {
    memcpy(reinterpret_cast<void*>(w), weights.data(), weights.size() * 4);
    int64_t y = d.empty(1, outputs);
    gradus_conv2d(d.context, d.spec(conv), d.batch(1, size, 1), 0, w, 0, 0, 0, y, 0);
    return d.read(y, 1, outputs);
  };
  for (const Writer& writer : writers) {
    Device d(tier, 2, false);
    int64_t w = d.dense(count, 2), other = d.dense(count, 3);
    const std::vector<float> before = d.read_dense(w, count);
    const std::vector<float> old = outputs_of(d, before, w);
    writer.write(d, w, other, w + (count - 1) * 4);
    const std::vector<float> weights = d.read_dense(w, count);
    Device fresh(tier, 1, false);
    const std::vector<float> expected = outputs_of(fresh, weights, fresh.dense(count, 4));
    if (expected == old) {
      printf("FAILED weights after %s: it changed nothing\n", writer.name);
      failures++;
    }
    compare(std::string("weights after ") + writer.name, {expected}, {outputs_of(d, weights, w)}, 0);
  }
}

}  // namespace

int main() {
  for (int tier = 1; tier <= gradus_best_tier(); tier++) check_kept_weights(tier);
  const char* tiers[] = {"", "baseline", "avx2", "avx512"};
  for (const Case& one : cases()) {
    Outputs expected;
    {
      Device reference(1, 1, false);
      expected = one.run(reference);
    }
    for (int tier = 1; tier <= gradus_best_tier(); tier++) {
      for (int in_lanes = 0; in_lanes < 2; in_lanes++) {
        Outputs alone;
        for (int threads : {1, 3}) {
          Device device(tier, threads, in_lanes != 0);
          Outputs actual = one.run(device);
          std::string name = one.name + " (" + tiers[tier] + (in_lanes ? ", lanes" : ", plain") + ")";
          compare(name, expected, actual, one.tolerance);
          if (threads == 1) {
            alone = actual;
          } else {
            compare(name + ", the bits of 3 threads against 1", alone, actual, 0);
          }
        }
      }
    }
    if (failures > 20) break;
  }
  printf("%ld values compared, %d failures\n", comparisons, failures);
  return failures == 0 ? 0 : 1;
}
