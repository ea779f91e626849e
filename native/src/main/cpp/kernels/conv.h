// Convolution: the kernels of either layout behind the signatures of the kernel list.
#pragma once
#include "bfloat16.h"
#include "conv_plain.h"

#include "../lanes/bf16.h"
#include "../lanes/conv.h"
#include "../lanes/conv_tiles.h"
#include "../lanes/filters.h"
#include "../lanes/winograd.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

inline bool by_winograd(const Context& c, const Conv2dSpec& s, bool faster) {
  return c.convolutions == Convolutions::kWinograd ? fits_winograd(s) : c.convolutions == Convolutions::kAuto && faster;
}

inline Products products_of(const Context& c, const Conv2dSpec& s) {
  if (s.bfloat16 == 0) return Products::kFloat;
  if (c.products == Products::kTiles) return prefers_tiles(s) ? Products::kTiles : Products::kFloat;
  return fits_bf16(s) ? c.products : Products::kFloat;
}

// Those below compute what they are named after and say so, or do nothing where other kernels are to be taken.
inline bool conv2d_by_bf16(Context& c, const Conv2dSpec& s, bool winograd, Input x, const float* w, const float* b,
                           bool with_relu, float* y) {
  if constexpr (kLanes == 16) {
    const Products products = products_of(c, s);
    if (products == Products::kFloat) return false;
    if (products == Products::kTiles) {
      tile_conv2d(c.pool, s, x, w, b, with_relu, y);
    } else {
      (winograd ? winograd_bf16_conv2d : bf16_conv2d)(c.pool, s, x, w, b, with_relu, y);
    }
    return true;
  }
  return false;
}

inline bool conv2d_relu_max_pool_by_bf16(Context& c, const Conv2dSpec& s, bool winograd, Input x, const float* w,
                                         const float* b, float* y, uint8_t* index) {
  if constexpr (kLanes == 16) {
    const Products products = products_of(c, s);
    if (products == Products::kFloat) return false;
    (products == Products::kTiles ? tile_conv2d_relu_max_pool
     : winograd                   ? winograd_bf16_conv2d_relu_max_pool
                                  : bf16_conv2d_relu_max_pool)(c.pool, s, x, w, b, y, index);
    return true;
  }
  return false;
}

inline bool conv2d_data_by_pairs(Context& c, const Conv2dSpec& s, bool winograd, const float* w, const float* y, const float* dy,
                                 float* dx, float beta) {
  if constexpr (kLanes == 16) {
    if (products_of(c, s) != Products::kPairs) return false;
    (winograd ? winograd_bf16_conv2d_data : bf16_conv2d_data)(c.pool, s, w, y, dy, dx, beta);
    return true;
  }
  return false;
}

inline bool conv2d_weights_by_pairs(Context& c, const Conv2dSpec& s, bool winograd, Input x, const float* y,
                                    const float* dy, float* dw, float beta) {
  if constexpr (kLanes == 16) {
    if (products_of(c, s) != Products::kPairs || (!winograd && !prefers_bf16_weights(s))) return false;
    (winograd ? winograd_bf16_conv2d_weights : bf16_conv2d_weights)(c.pool, s, x, y, dy, dw, beta);
    return true;
  }
  return false;
}

// Idle lanes included.
inline int64_t input_floats(const Context& c, const Conv2dSpec& s) { return physical_examples(c, s.n) * s.c * s.h * s.w; }
inline int64_t output_floats(const Context& c, const Conv2dSpec& s) {
  const PlainConv shape(s);
  return physical_examples(c, s.n) * s.k * shape.outH * shape.outW;
}

// Where no kernel reads bfloat16 values: floats of them, for the moment.
inline const float* expanded(int64_t context, const Conv2dSpec& s, const Input& x) {
  if (!x.packed) return x.as<float>();
  const int64_t count = input_floats(context_at(context), s);
  void* floats = context_at(context).pool.input_scratch(static_cast<size_t>(count) * sizeof(float));
  expand_bf16(context, reinterpret_cast<int64_t>(x.values), reinterpret_cast<int64_t>(floats), count);
  return static_cast<const float*>(floats);
}

inline Input input_at(int64_t x, int32_t packed) { return packed != 0 ? Input(at<uint16_t>(x)) : Input(at<float>(x)); }
inline Output output_at(int64_t y, int32_t packed) { return packed != 0 ? Output(at<uint16_t>(y)) : Output(at<float>(y)); }

// Few images: filters in the lanes, with the weights arranged once as long as they stay the same.
inline void conv2d_few(Context& c, const Conv2dSpec& s, const float* x, const float* w, const float* b,
                       const float* residual, bool with_relu, float* y) {
  const int64_t count = static_cast<int64_t>(s.k) * (s.c / s.groups) * s.r * s.s;
  WeightCache::Kept& kept = c.weights.of(w, count, filter_arrangement(s), packed_filter_floats(s));
  if (!kept.current) pack_filters(c.pool, s, w, kept.arranged);
  kept.current = true;
  filter_conv2d(c.pool, s, x, kept.arranged, b, residual, with_relu, y);
}

inline void conv2d_unrounded(int64_t context, int64_t spec, int64_t x, int32_t packed, int64_t w, int64_t b, int64_t residual,
                             int32_t with_relu, int64_t y) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(spec);
  const bool lanes = s.n >= c.lanes_from;
  const bool relu = with_relu != 0 && residual == 0, winograd = lanes && by_winograd(c, s, prefers_winograd(s));
  const Input input = input_at(x, packed);
  const bool by_pairs = lanes && conv2d_by_bf16(c, s, winograd, input, at<float>(w), at<float>(b), relu, at<float>(y));
  const float* floats = by_pairs ? nullptr : expanded(context, s, input);
  if (!lanes && fits_filters(s)) {
    conv2d_few(c, s, floats, at<float>(w), at<float>(b), at<float>(residual), with_relu != 0, at<float>(y));
    return;
  }
  if (by_pairs) {
    // done
  } else if (winograd) {
    winograd_conv2d(c.pool, s, floats, at<float>(w), at<float>(b), relu, at<float>(y));
  } else if (lanes) {
    conv2d(c.pool, s, floats, at<float>(w), at<float>(b), relu, at<float>(y));
  } else {
    conv2d_plain(c, s, floats, at<float>(w), at<float>(b), relu, at<float>(y));
  }
  if (residual == 0) return;
  const int64_t count = output_floats(c, s);
  if (with_relu != 0) {
    add_relu(context, y, residual, y, count);
  } else {
    add(context, y, residual, y, count);
  }
}

// With a result in bfloat16: by kernels that write it, or from one in float that is rounded then.
inline void conv2d_rounded(int64_t context, int64_t spec, int64_t x, int32_t packed, int64_t w, int64_t b, int64_t residual,
                           int32_t with_relu, int64_t y) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(spec);
  const bool lanes = s.n >= c.lanes_from;
  if constexpr (kLanes == 16) {
    if (lanes && residual == 0 && products_of(c, s) == Products::kTiles) {
      tile_conv2d(c.pool, s, input_at(x, packed), at<float>(w), at<float>(b), with_relu != 0, Output(at<uint16_t>(y)));
      return;
    }
  }
  const int64_t count = output_floats(c, s);
  const int64_t floats = reinterpret_cast<int64_t>(c.pool.output_scratch(static_cast<size_t>(count) * sizeof(float)));
  conv2d_unrounded(context, spec, x, packed, w, b, residual, with_relu, floats);
  round_bf16(context, floats, 0, y, count);
}

inline void conv2d(int64_t context, int64_t spec, int64_t x, int32_t packed, int64_t w, int64_t b, int64_t residual,
                   int32_t with_relu, int64_t y, int32_t y_packed) {
  (y_packed != 0 ? conv2d_rounded : conv2d_unrounded)(context, spec, x, packed, w, b, residual, with_relu, y);
}

inline void conv2d_backward_unrounded(int64_t context, int64_t spec, int64_t x, int32_t packed, int64_t w, int64_t y, int64_t dy,
                                      int64_t dx, float dx_beta, int64_t dw, int64_t db, float weights_beta) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(spec);
  if (s.n >= c.lanes_from) {
    const bool winograd = by_winograd(c, s, prefers_winograd(s));
    if (dx != 0 && conv2d_data_by_pairs(c, s, winograd, at<float>(w), at<float>(y), at<float>(dy), at<float>(dx), dx_beta)) {
      dx = 0;
    } else if (dx != 0 && winograd) {
      winograd_conv2d_data(c.pool, s, at<float>(w), at<float>(y), at<float>(dy), at<float>(dx), dx_beta);
      dx = 0;
    }
    const bool winograd_weights = by_winograd(c, s, prefers_winograd_weights(s));
    const Input input = input_at(x, packed);
    if (dw != 0 &&
        conv2d_weights_by_pairs(c, s, winograd_weights, input, at<float>(y), at<float>(dy), at<float>(dw), weights_beta)) {
      dw = 0;
    }
    const float* floats = dw == 0 ? nullptr : expanded(context, s, input);
    if (dw != 0 && winograd_weights) {
      winograd_conv2d_weights(c.pool, s, floats, at<float>(y), at<float>(dy), at<float>(dw), weights_beta);
      dw = 0;
    } else if (dw != 0 && prefers_wide_weights(s)) {
      conv2d_weights_wide(c.pool, s, floats, at<float>(y), at<float>(dy), at<float>(dw), weights_beta);
      dw = 0;
    }
    if (dx == 0 && dw == 0 && db == 0) return;
    conv2d_backward(c.pool, s, floats, at<float>(w), at<float>(y), at<float>(dy), at<float>(dx), dx_beta,
                    at<float>(dw), at<float>(db), weights_beta);
    return;
  }
  if (y != 0) relu_backward_in_place(context, y, dy, output_floats(c, s));
  if (dw != 0) {
    const float* floats = expanded(context, s, input_at(x, packed));
    conv2d_plain_weights(c, s, floats, at<float>(dy), at<float>(dw), weights_beta);
  }
  if (db != 0) conv2d_plain_bias(c, s, at<float>(dy), at<float>(db), weights_beta);
  if (dx != 0) conv2d_plain_data(c, s, at<float>(w), at<float>(dy), at<float>(dx), dx_beta);
}

// Tiles read and write gradients in either format. For all other kernels they are expanded, and rounded again.
inline void conv2d_backward(int64_t context, int64_t spec, int64_t x, int32_t packed, int64_t w, int64_t y, int64_t dy,
                            int32_t dy_packed, int64_t dx, int32_t dx_packed, float dx_beta, int64_t dw, int64_t db,
                            float weights_beta) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(spec);
  const bool lanes = s.n >= c.lanes_from;
  if constexpr (kLanes == 16) {
    if (lanes && products_of(c, s) == Products::kTiles) {
      const Input gradient = input_at(dy, dy_packed);
      if (dx != 0) tile_conv2d_data(c.pool, s, at<float>(w), at<float>(y), gradient, output_at(dx, dx_packed), dx_beta);
      if (dw != 0) tile_conv2d_weights(c.pool, s, input_at(x, packed), at<float>(y), gradient, at<float>(dw), weights_beta);
      dx = dw = 0;
      if (db == 0) return;
    }
  }
  with_float_gradients(context, dy, dy_packed != 0, output_floats(c, s), dx, dx_packed != 0, input_floats(c, s), dx_beta != 0,
                       [&](int64_t from, int64_t to) {
                         conv2d_backward_unrounded(context, spec, x, packed, w, y, from, to, dx_beta, dw, db, weights_beta);
                       });
}

inline bool fuses_max_pool(int64_t context, int64_t conv, int64_t pool) {
  const Conv2dSpec& s = *at<Conv2dSpec>(conv);
  return s.n >= context_at(context).lanes_from && fuses_max_pool(s, *at<PoolSpec>(pool));
}

// Only where fuses_max_pool.
inline void conv2d_relu_max_pool(int64_t context, int64_t conv, int64_t pool, int64_t x, int64_t w, int64_t b, int64_t y,
                                 int64_t index) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(conv);
  const bool winograd = by_winograd(c, s, prefers_winograd(s));
  if (conv2d_relu_max_pool_by_bf16(c, s, winograd, at<float>(x), at<float>(w), at<float>(b), at<float>(y), at<uint8_t>(index))) {
    return;
  }
  if (winograd) {
    winograd_conv2d_relu_max_pool(c.pool, s, at<float>(x), at<float>(w), at<float>(b), at<float>(y), at<uint8_t>(index));
  } else {
    conv2d_relu_max_pool(c.pool, s, *at<PoolSpec>(pool), at<float>(x), at<float>(w), at<float>(b), at<float>(y),
                         at<uint8_t>(index));
  }
}

inline void conv2d_relu_max_pool_backward(int64_t context, int64_t conv, int64_t pool, int64_t x, int64_t w, int64_t y,
                                          int64_t index, int64_t dy, int64_t dx, float dx_beta, int64_t dw, int64_t db,
                                          float weights_beta) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(conv);
  const Products products = products_of(c, s);
  if (by_winograd(c, s, prefers_winograd(s) && spreads_in_cache(s)) || (products == Products::kTiles && spreads_in_cache(s))) {
    spread_conv2d_relu_max_pool_backward(c.pool, s, products, at<float>(x), at<float>(w), at<float>(y), at<uint8_t>(index),
                                           at<float>(dy), at<float>(dx), dx_beta, at<float>(dw), at<float>(db), weights_beta);
  } else {
    conv2d_relu_max_pool_backward(c.pool, s, *at<PoolSpec>(pool), at<float>(x), at<float>(w), at<float>(y),
                                  at<uint8_t>(index), at<float>(dy), at<float>(dx), dx_beta, at<float>(dw), at<float>(db),
                                  weights_beta);
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
