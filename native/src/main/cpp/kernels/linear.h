// Fully connected layers. In lanes: blocks of groups x outputs held in registers, weights broadcast; the weights' gradient
// transposes its stretch of x to [examples][features], so that its vectors run along the inputs. Plain: cblas_sgemm.
#pragma once
#include "blas.h"
#include "elementwise.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Outputs (or inputs, backward) a register block holds, for up to kGroupBlock groups at once.
constexpr int kGroupBlock = kLanes == 16 ? 4 : 2;
constexpr int kFeatureBlock = kLanes == 16 ? 6 : 4;

// acc[f][g] += sum over `depth` of w[f * row + d * column] x[g][d].
template <int Features, int Groups>
GRADUS_INLINE void multiply_block(V (&acc)[Features][Groups], const V* x, int64_t group_stride, const float* w,
                                  int64_t row, int64_t column, int depth) {
  for (int64_t d = 0; d < depth; d++) {
    V v[Groups];
#pragma GCC unroll 4
    for (int g = 0; g < Groups; g++) v[g] = x[g * group_stride + d];
#pragma GCC unroll 6
    for (int f = 0; f < Features; f++) {
      V weight = splat(w[f * row + d * column]);
#pragma GCC unroll 4
      for (int g = 0; g < Groups; g++) acc[f][g] += weight * v[g];
    }
  }
}

// One block of the product of weights and activations: out[g][first + f] for Features x Groups.
template <int Features, int Groups, class Finish>
inline void product_block(const V* x, int64_t group_stride, const float* w, int64_t row, int64_t column, int depth,
                          const Finish& finish) {
  V acc[Features][Groups] = {};
  multiply_block<Features, Groups>(acc, x, group_stride, w, row, column, depth);
#pragma GCC unroll 6
  for (int f = 0; f < Features; f++) {
#pragma GCC unroll 4
    for (int g = 0; g < Groups; g++) finish(f, g, acc[f][g]);
  }
}

// Calls f(integral constant) with the block sizes as compile-time numbers.
template <int N>
struct Size {
  static constexpr int value = N;
};
template <class F>
GRADUS_INLINE void with_features(int features, const F& f) {
  switch (features) {
    case 1: return f(Size<1>{});
    case 2: return f(Size<2>{});
    case 3: return f(Size<3>{});
    case 4: return f(Size<4>{});
#if GRADUS_LANES == 16
    case 5: return f(Size<5>{});
    default: return f(Size<6>{});
#else
    default: return f(Size<4>{});
#endif
  }
}
template <class F>
GRADUS_INLINE void with_groups(int groups, const F& f) {
  switch (groups) {
    case 1: return f(Size<1>{});
#if GRADUS_LANES == 16
    case 2: return f(Size<2>{});
    case 3: return f(Size<3>{});
    default: return f(Size<4>{});
#else
    default: return f(Size<2>{});
#endif
  }
}

// Splits `count` into blocks of nearly equal size, none above `most`.
struct EvenBlocks {
  int count, blocks;
  EvenBlocks(int count, int most) : count(count), blocks((count + most - 1) / most) {}
  int begin(int block) const { return static_cast<int>(static_cast<int64_t>(count) * block / blocks); }
};

// A product of batch tensors with a weight matrix as independent blocks: out[g][f] = sum over d of w[f, d] x[g][d].
struct LanesProduct {
  const V* x;
  V* out;
  const float* w;
  int64_t row, column;  // strides of w along f and d
  int groups, features, depth;
  EvenBlocks group_blocks, feature_blocks;

  LanesProduct(const V* x, V* out, const float* w, int64_t row, int64_t column, int groups, int features, int depth)
      : x(x), out(out), w(w), row(row), column(column), groups(groups), features(features), depth(depth),
        group_blocks(groups, kGroupBlock), feature_blocks(features, kFeatureBlock) {}

  // About kGrainFloats * 4 multiply-adds of vectors make a task worth its while.
  int blocks_per_task() const {
    int64_t per_block = static_cast<int64_t>(depth) * kFeatureBlock * kGroupBlock;
    return static_cast<int>(1 + 4096 / per_block);
  }
  int tasks() const {
    int blocks = group_blocks.blocks * feature_blocks.blocks, each = blocks_per_task();
    return (blocks + each - 1) / each;
  }

  // finish(f, value of V) -> V makes the result; f is the absolute feature.
  template <class Finish>
  void run(int task, const Finish& finish) const {
    int blocks = group_blocks.blocks * feature_blocks.blocks, each = blocks_per_task();
    for (int block = task * each; block < smaller((task + 1) * each, blocks); block++) {
      int gb = block / feature_blocks.blocks, fb = block % feature_blocks.blocks;
      int g0 = group_blocks.begin(gb), f0 = feature_blocks.begin(fb);
      with_groups(group_blocks.begin(gb + 1) - g0, [&](auto group_count) {
        with_features(feature_blocks.begin(fb + 1) - f0, [&](auto feature_count) {
          product_block<decltype(feature_count)::value, decltype(group_count)::value>(
              x + static_cast<int64_t>(g0) * depth, depth, w + f0 * row, row, column, depth, [&](int f, int g, V v) {
                V& place = out[static_cast<int64_t>(g0 + g) * features + f0 + f];
                place = finish(f0 + f, v, place);
              });
        });
      });
    }
  }
};

inline void linear_lanes(Context& context, const LinearSpec& s, const float* x, const float* w, const float* b,
                         bool with_relu, float* y) {
  LanesProduct product(reinterpret_cast<const V*>(x), reinterpret_cast<V*>(y), w, s.in, 1, groups_of<V>(s.n), s.out,
                       s.in);
  parallel(context.pool, product.tasks(), [&](int task, int) {
    product.run(task, [=](int f, V v, V) GRADUS_LAMBDA {
      if (b != nullptr) v += b[f];
      return with_relu ? relu(v) : v;
    });
  });
}

// dw[o][i..] for kWeightColumns inputs per task: x transposed to rows of examples, dy broadcast lane by lane.
constexpr int kWeightColumns = 2 * kLanes;
constexpr int kWeightRows = kLanes == 16 ? 8 : 4;

// The first `count` floats (at most a vector) at p = beta p + v.
GRADUS_INLINE void put_first(float* p, V v, int count, float beta) {
  if (count >= kLanes) {
    store(p, beta == 0 ? v : load(p) + v);
  } else if (count > 0) {
    store_first(p, beta == 0 ? v : load_first(p, count) + v, count);
  }
}

template <int Rows>
inline void weight_rows(const LinearSpec& s, const float* xt, const float* dy, int o, int i, float* dw, float beta) {
  V acc[Rows][2] = {};
  for (int first = 0; first < s.n; first += kLanes) {
    const float* d = dy + (static_cast<int64_t>(first / kLanes) * s.out + o) * kLanes;
    const int examples = smaller(kLanes, s.n - first);
    for (int n = 0; n < examples; n++, xt += kWeightColumns) {
      V x0 = load(xt), x1 = load(xt + kLanes);
#pragma GCC unroll 8
      for (int r = 0; r < Rows; r++) {
        V slope = splat(d[r * kLanes + n]);
        acc[r][0] += slope * x0;
        acc[r][1] += slope * x1;
      }
    }
  }
  const int columns = s.in - i;
#pragma GCC unroll 8
  for (int r = 0; r < Rows; r++) {
    float* out = dw + static_cast<int64_t>(o + r) * s.in + i;
    put_first(out, acc[r][0], columns, beta);
    put_first(out + kLanes, acc[r][1], columns - kLanes, beta);
  }
}

inline void weight_columns(const LinearSpec& s, const V* x, const float* dy, int i, float* xt, float* dw, float beta) {
  int groups = groups_of<V>(s.n);
  for (int g = 0; g < groups; g++) {
    for (int half = 0; half < 2; half++) {
      V v[kLanes];
      int first = i + half * kLanes;
      const V* source = x + static_cast<int64_t>(g) * s.in + first;
      for (int j = 0; j < kLanes; j++) v[j] = first + j < s.in ? source[j] : V{};
      transpose(v);
      for (int j = 0; j < kLanes; j++) {
        store(xt + (static_cast<int64_t>(g) * kLanes + j) * kWeightColumns + half * kLanes, v[j]);
      }
    }
  }
  int o = 0;
  for (; o + kWeightRows <= s.out; o += kWeightRows) weight_rows<kWeightRows>(s, xt, dy, o, i, dw, beta);
  for (; o + 2 <= s.out; o += 2) weight_rows<2>(s, xt, dy, o, i, dw, beta);
  for (; o < s.out; o++) weight_rows<1>(s, xt, dy, o, i, dw, beta);
}

inline void linear_backward_lanes(Context& context, const LinearSpec& s, const float* x, const float* w,
                                  const float* dy, float* dx, float dx_beta, float* dw, float* db,
                                  float weights_beta) {
  int groups = groups_of<V>(s.n);
  LanesProduct to_inputs(reinterpret_cast<const V*>(dy), reinterpret_cast<V*>(dx), w, 1, s.in, groups, s.in, s.out);
  int weight_tasks = dw == nullptr ? 0 : (s.in + kWeightColumns - 1) / kWeightColumns;
  int data_tasks = dx == nullptr ? 0 : to_inputs.tasks();
  if (db != nullptr) {
    const V* slopes = reinterpret_cast<const V*>(dy);
    for (int o = 0; o < s.out; o++) {
      V sum{};
      for (int g = 0; g < groups; g++) sum += slopes[static_cast<int64_t>(g) * s.out + o];
      float total = sum_of_lanes(sum);
      db[o] = weights_beta == 0 ? total : db[o] + total;
    }
  }
  size_t scratch_bytes = static_cast<size_t>(groups) * kLanes * kWeightColumns * 4;
  parallel(context.pool, weight_tasks + data_tasks, [&](int task, int worker) {
    if (task < weight_tasks) {
      float* xt = static_cast<float*>(context.pool.scratch(worker, scratch_bytes));
      weight_columns(s, reinterpret_cast<const V*>(x), dy, task * kWeightColumns, xt, dw, weights_beta);
    } else if (dx_beta == 0) {
      to_inputs.run(task - weight_tasks, [](int, V v, V) GRADUS_LAMBDA { return v; });
    } else {
      to_inputs.run(task - weight_tasks, [](int, V v, V old) GRADUS_LAMBDA { return old + v; });
    }
  });
}

// A few examples: rows of weights are read once, each beside all examples. N examples times kFewRows sums.
constexpr int kFewExamples = 4, kFewRows = 4;

template <int N, int Rows>
GRADUS_INLINE void few_outputs(const LinearSpec& s, const float* x, const float* w, const float* b, bool with_relu, int o,
                               float* y) {
  V sum[Rows][N] = {};
  const float* rows = w + static_cast<int64_t>(o) * s.in;
  along(0, s.in, [&](auto place) GRADUS_LAMBDA {
    V v[N];
#pragma GCC unroll 4
    for (int n = 0; n < N; n++) v[n] = place(x + static_cast<int64_t>(n) * s.in);
#pragma GCC unroll 4
    for (int r = 0; r < Rows; r++) {
      const V weight = place(rows + static_cast<int64_t>(r) * s.in);
#pragma GCC unroll 4
      for (int n = 0; n < N; n++) sum[r][n] += weight * v[n];
    }
  });
  for (int r = 0; r < Rows; r++) {
    for (int n = 0; n < N; n++) {
      const float total = sum_of_lanes(sum[r][n]) + (b == nullptr ? 0 : b[o + r]);
      y[static_cast<int64_t>(n) * s.out + o + r] = with_relu ? relu(total) : total;
    }
  }
}

template <int N>
inline void linear_few(Context& context, const LinearSpec& s, const float* x, const float* w, const float* b,
                       bool with_relu, float* y) {
  const int64_t grain = larger<int64_t>(1, 2 * kGrainFloats / s.in / kFewRows) * kFewRows;
  for_ranges(context, s.out, grain, [&](int64_t begin, int64_t end) {
    int o = static_cast<int>(begin);
    for (; o + kFewRows <= end; o += kFewRows) few_outputs<N, kFewRows>(s, x, w, b, with_relu, o, y);
    for (; o < end; o++) few_outputs<N, 1>(s, x, w, b, with_relu, o, y);
  });
}

// The plain layout multiplies blocks of fixed size, so that the bits do not depend on the number of threads.
constexpr int kPlainRows = 64, kPlainColumns = 256;

template <class F>
inline void for_tiles(Context& context, int rows, int columns, const F& f) {
  int across = (columns + kPlainColumns - 1) / kPlainColumns, down = (rows + kPlainRows - 1) / kPlainRows;
  parallel(context.pool, across * down, [&](int task, int) {
    int row = task / across * kPlainRows, column = task % across * kPlainColumns;
    f(row, column, smaller(kPlainRows, rows - row), smaller(kPlainColumns, columns - column));
  });
}

inline void linear_plain(Context& context, const LinearSpec& s, const float* x, const float* w, const float* b,
                         bool with_relu, float* y) {
  switch (s.n) {
    case 1: return linear_few<1>(context, s, x, w, b, with_relu, y);
    case 2: return linear_few<2>(context, s, x, w, b, with_relu, y);
    case 3: return linear_few<3>(context, s, x, w, b, with_relu, y);
    case kFewExamples: return linear_few<kFewExamples>(context, s, x, w, b, with_relu, y);
    default: break;
  }
  for_tiles(context, s.n, s.out, [&](int n, int o, int rows, int columns) {
    float* tile = y + static_cast<int64_t>(n) * s.out + o;
    gemm(context, kAsIs, kTransposed, rows, columns, s.in, x + static_cast<int64_t>(n) * s.in, s.in,
         w + static_cast<int64_t>(o) * s.in, s.in, 0, tile, s.out);
    for (int r = 0; r < rows; r++) {
      float* line = tile + static_cast<int64_t>(r) * s.out;
      along(0, columns, [=](auto place) GRADUS_LAMBDA {
        V v = place(line);
        if (b != nullptr) v += place(b + o);
        place.put(line, with_relu ? relu(v) : v);
      });
    }
  });
}

inline void linear_backward_plain(Context& context, const LinearSpec& s, const float* x, const float* w,
                                  const float* dy, float* dx, float dx_beta, float* dw, float* db,
                                  float weights_beta) {
  if (dw != nullptr) {
    for_tiles(context, s.out, s.in, [&](int o, int i, int rows, int columns) {
      gemm(context, kTransposed, kAsIs, rows, columns, s.n, dy + o, s.out, x + i, s.in, weights_beta,
           dw + static_cast<int64_t>(o) * s.in + i, s.in);
    });
  }
  if (db != nullptr) {
    along(0, s.out, [&](auto place) GRADUS_LAMBDA {
      V sum = weights_beta == 0 ? V{} : place(db);
      for (int n = 0; n < s.n; n++) sum += place(dy + static_cast<int64_t>(n) * s.out);
      place.put(db, sum);
    });
  }
  if (dx != nullptr) {
    for_tiles(context, s.n, s.in, [&](int n, int i, int rows, int columns) {
      gemm(context, kAsIs, kAsIs, rows, columns, s.out, dy + static_cast<int64_t>(n) * s.out, s.out, w + i, s.in,
           dx_beta, dx + static_cast<int64_t>(n) * s.in + i, s.in);
    });
  }
}

inline void linear(int64_t context, int64_t spec, int64_t x, int64_t w, int64_t b, int32_t relu, int64_t y) {
  Context& c = context_at(context);
  const LinearSpec& s = *at<LinearSpec>(spec);
  auto* f = s.n >= c.lanes_from ? linear_lanes : linear_plain;
  f(c, s, at<float>(x), at<float>(w), at<float>(b), relu != 0, at<float>(y));
}

inline void linear_backward(int64_t context, int64_t spec, int64_t x, int64_t w, int64_t y, int64_t dy, int64_t dx,
                            float dx_beta, int64_t dw, int64_t db, float weights_beta) {
  Context& c = context_at(context);
  const LinearSpec& s = *at<LinearSpec>(spec);
  bool lanes = s.n >= c.lanes_from;
  if (y != 0) {
    int64_t count = static_cast<int64_t>(lanes ? groups_of<V>(s.n) * kLanes : s.n) * s.out;
    relu_backward_in_place(context, y, dy, count);
  }
  auto* f = lanes ? linear_backward_lanes : linear_backward_plain;
  f(c, s, at<float>(x), at<float>(w), at<float>(dy), at<float>(dx), dx_beta, at<float>(dw), at<float>(db),
    weights_beta);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
