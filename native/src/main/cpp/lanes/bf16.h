// Convolutions over batch lanes whose factors, x, w and dy, are rounded to bfloat16, and the processor multiplies pairs of them
// and adds both products to a float (vdpbf16ps of avx512_bf16). A product or factor below the least normal number counts as 0. Tensors lie as in conv.h; results have the same bits for any number of threads.
//
// Like conv.h it has no include guard. There are kernels for the tier with 16 lanes alone.
#include <cstdint>

#include "../input.h"
#include "../specs.h"
#include "../thread_pool.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Whether the functions below can compute this convolution: one without groups. The one of the weights wants kernels of up
// to nine taps, too, and is faster than others from some channels on.
bool fits_bf16(const Conv2dSpec& spec);
bool fits_bf16_weights(const Conv2dSpec& spec);
bool prefers_bf16_weights(const Conv2dSpec& spec);

// y = conv(x, w) + b, then max(0, y) with relu. b may be null.
void bf16_conv2d(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, bool relu, float* y);

// y [N,K,Ho/2,Wo/2] = max_pool(relu(conv(x, w) + b)), as conv2d_relu_max_pool.
void bf16_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, float* y,
                               uint8_t* index);

// dx = beta dx + the gradient of conv2d with respect to x. With y (its result with relu) dy counts where y > 0.
void bf16_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                      float beta);

// dw = beta dw + the gradient of conv2d with respect to w.
void bf16_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy, float* dw,
                         float beta);

// Convolutions that winograd.h fits, by its algorithm: factors are rounded once transformed, so that they need not be before.
// The root mean square of errors is 1.4 to 1.7 % of that of the outputs; of the functions above it is 0.15 to 0.24 %.
void winograd_bf16_conv2d(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, bool relu,
                          float* y);
void winograd_bf16_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& conv, Input x, const float* w, const float* b,
                                        float* y, uint8_t* index);
void winograd_bf16_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, const float* dy, float* dx,
                               float beta);

// For few filters and channels, and for many.
void winograd_bf16_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy,
                                  float* dw, float beta);
void winograd_bf16_conv2d_weights_wide(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, const float* dy,
                                       float* dw, float beta);

}  // namespace gradus::GRADUS_TIER_NAMESPACE
