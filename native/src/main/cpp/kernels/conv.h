// Convolution: the kernels of either layout behind the signatures of the kernel list.
#pragma once
#include "conv_plain.h"

#include "../lanes/conv.h"
#include "../lanes/winograd.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

inline bool by_winograd(const Context& c, const Conv2dSpec& s, bool faster) {
  return c.convolutions == Convolutions::kWinograd ? fits_winograd(s) : c.convolutions == Convolutions::kAuto && faster;
}

inline void conv2d(int64_t context, int64_t spec, int64_t x, int64_t w, int64_t b, int32_t relu, int64_t y) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(spec);
  if (s.n >= c.lanes_from && by_winograd(c, s, prefers_winograd(s))) {
    winograd_conv2d(c.pool, s, at<float>(x), at<float>(w), at<float>(b), relu != 0, at<float>(y));
  } else if (s.n >= c.lanes_from) {
    conv2d(c.pool, s, at<float>(x), at<float>(w), at<float>(b), relu != 0, at<float>(y));
  } else {
    conv2d_plain(c, s, at<float>(x), at<float>(w), at<float>(b), relu != 0, at<float>(y));
  }
}

inline void conv2d_backward(int64_t context, int64_t spec, int64_t x, int64_t w, int64_t y, int64_t dy, int64_t dx,
                            float dx_beta, int64_t dw, int64_t db, float weights_beta) {
  Context& c = context_at(context);
  const Conv2dSpec& s = *at<Conv2dSpec>(spec);
  if (s.n >= c.lanes_from) {
    if (dx != 0 && by_winograd(c, s, prefers_winograd(s))) {
      winograd_conv2d_data(c.pool, s, at<float>(w), at<float>(y), at<float>(dy), at<float>(dx), dx_beta);
      dx = 0;
    }
    if (dw != 0 && by_winograd(c, s, prefers_winograd_weights(s))) {
      winograd_conv2d_weights(c.pool, s, at<float>(x), at<float>(y), at<float>(dy), at<float>(dw), weights_beta);
      dw = 0;
    }
    if (dx == 0 && dw == 0 && db == 0) return;
    conv2d_backward(c.pool, s, at<float>(x), at<float>(w), at<float>(y), at<float>(dy), at<float>(dx), dx_beta,
                    at<float>(dw), at<float>(db), weights_beta);
    return;
  }
  if (y != 0) {
    const PlainConv conv(s);
    activation_backward(context, kRelu, 0, y, y, dy, dy, 0, static_cast<int64_t>(s.n) * s.k * conv.outH * conv.outW);
  }
  if (dw != 0) conv2d_plain_weights(c, s, at<float>(x), at<float>(dy), at<float>(dw), weights_beta);
  if (db != 0) conv2d_plain_bias(c, s, at<float>(dy), at<float>(db), weights_beta);
  if (dx != 0) conv2d_plain_data(c, s, at<float>(w), at<float>(dy), at<float>(dx), dx_beta);
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
  if (by_winograd(c, s, prefers_winograd(s))) {
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
  if (by_winograd(c, s, prefers_winograd(s) && spreads_in_cache(s))) {
    winograd_conv2d_relu_max_pool_backward(c.pool, s, at<float>(x), at<float>(w), at<float>(y), at<uint8_t>(index),
                                           at<float>(dy), at<float>(dx), dx_beta, at<float>(dw), at<float>(db), weights_beta);
  } else {
    conv2d_relu_max_pool_backward(c.pool, s, *at<PoolSpec>(pool), at<float>(x), at<float>(w), at<float>(y),
                                  at<uint8_t>(index), at<float>(dy), at<float>(dx), dx_beta, at<float>(dw), at<float>(db),
                                  weights_beta);
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
