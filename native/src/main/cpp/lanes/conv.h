// Convolutions over batch lanes. A tensor [N,C,H,W] lies as [ceil(N/L)][C][H][W][L] floats at a 64-byte aligned
// address; weights [K,C/groups,R,S], biases and their gradients are dense. Lanes beyond N hold finite values in
// activations and zeros in gradients, so sums over the batch need no mask; these kernels keep that so. Results have the
// same bits for any number of threads. Betas are 0 (overwrite, whatever was there) or 1 (add).
//
// The file has no include guard: it declares the kernels of the tier GRADUS_TIER_NAMESPACE names at that point.
#include <cstdint>

#include "../specs.h"
#include "../thread_pool.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// y = conv(x, w) + b, then max(0, y) with relu. b may be null.
void conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* b, bool relu, float* y);

// The gradients of conv2d. With y (its result with relu) dy counts where y > 0. dx, dw and db may each be null; x is
// read for dw alone and w for dx alone.
void conv2d_backward(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* y, const float* dy,
                     float* dx, float dx_beta, float* dw, float* db, float weights_beta);

// Whether the function below can compute this gradient of the weights, and whether it is also faster.
bool fits_wide_weights(const Conv2dSpec& spec);
bool prefers_wide_weights(const Conv2dSpec& spec);

// dw = beta dw + the gradient of conv2d with respect to w, for many input channels. With y dy counts where y > 0.
void conv2d_weights_wide(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy, float* dw,
                         float beta);

// Whether the two functions below serve this pooling: windows of 2x2 pixels, stride 2, no padding.
bool fuses_max_pool(const Conv2dSpec& conv, const PoolSpec& pooling);

// y [N,K,Ho/2,Wo/2] = max_pool(relu(conv(x, w) + b)). index, which may be null, is the place of the maximum in its
// window, row by row, the first of equals, as uint8 in lanes layout; a NaN wins its window.
void conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& conv, const PoolSpec& pooling, const float* x, const float* w,
                          const float* b, float* y, uint8_t* index);

// The gradients of conv2d_relu_max_pool; dy counts where y > 0. dx, dw and db may each be null.
void conv2d_relu_max_pool_backward(ThreadPool& pool, const Conv2dSpec& conv, const PoolSpec& pooling, const float* x,
                                   const float* w, const float* y, const uint8_t* index, const float* dy, float* dx,
                                   float dx_beta, float* dw, float* db, float weights_beta);

}  // namespace gradus::GRADUS_TIER_NAMESPACE
