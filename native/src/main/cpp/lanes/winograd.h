// Convolutions of 3x3 kernels with stride 1 by Winograd's minimal filtering F(4x4, 3x3), over batch lanes: 36
// multiplications give 16 outputs, where the direct sum takes 144. The transforms cost additions and a digit of
// precision: errors are 4 to 16 times those of the direct sum. Lavin and Gray 2015 (arXiv:1509.09308).
//
// Tensors, idle lanes and bits are as conv.h says. The file has no include guard: it declares the kernels of the tier
// GRADUS_TIER_NAMESPACE names at that point.
#include <cstdint>

#include "../products.h"
#include "../specs.h"
#include "../thread_pool.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Whether the functions below can compute this convolution.
bool fits_winograd(const Conv2dSpec& spec);

// Whether they are also faster than the direct ones: for the output and the gradient of the input, and for the gradient
// of the weights. Depends on the spec alone: the choice decides bits.
bool prefers_winograd(const Conv2dSpec& spec);
bool prefers_winograd_weights(const Conv2dSpec& spec);

// y = conv(x, w) + b, then max(0, y) with relu. b may be null.
void winograd_conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* b, bool relu,
                     float* y);

// dx = dx_beta dx + the gradient of conv2d with respect to x. With y (its result with relu) dy counts where y > 0.
void winograd_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                          float dx_beta);

// dw = beta dw + the gradient of conv2d with respect to w. With y dy counts where y > 0.
void winograd_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy, float* dw,
                             float beta);

// The same, for many input channels.
void winograd_conv2d_weights_wide(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* y, const float* dy,
                                  float* dw, float beta);

// y [N,K,Ho/2,Wo/2] = max_pool(relu(conv(x, w) + b)), as conv2d_relu_max_pool of conv.h. index may be null.
void winograd_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& conv, const float* x, const float* w, const float* b,
                                   float* y, uint8_t* index);

// Its gradients, as conv2d_relu_max_pool_backward of conv.h; dx, dw and db may each be null. Products other than of floats, which a tier
// of 16 lanes alone has, are those of bf16.h, and of conv_tiles.h for the convolutions it prefers.
void spread_conv2d_relu_max_pool_backward(ThreadPool& pool, const Conv2dSpec& conv, Products products, const float* x, const float* w,
                                            const float* y, const uint8_t* index, const float* dy, float* dx, float dx_beta,
                                            float* dw, float* db, float weights_beta);

// Whether the gradient of the convolution's own output, which that function writes in between, is small enough to pay.
bool spreads_in_cache(const Conv2dSpec& conv);

}  // namespace gradus::GRADUS_TIER_NAMESPACE
