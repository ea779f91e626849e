// Convolutions over batch lanes by the processor's tiles (AMX): x, w and dy are rounded to bfloat16, products are summed in float.
// Tensors lie as in conv.h, whose rules for betas, y and idle lanes hold here too; results have the same bits for any number of
// threads. The root mean square of errors is about 0.2 % of that of the outputs. For callers that know the processor has tiles (products.h).
//
// Like conv.h it has no include guard. There are kernels for the tier with 16 lanes alone.
#include <cstdint>

#include "../input.h"
#include "../specs.h"
#include "../thread_pool.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Whether the functions below can compute this convolution, one without groups and with enough channels to fill a good part of a tile,
// so that they are the fastest there are.
bool prefers_tiles(const Conv2dSpec& spec);

// y = conv(x, w) + b, then max(0, y) with relu. b may be null. A packed y is rounded from the sums.
void tile_conv2d(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, bool relu, Output y);

// y [N,K,Ho/2,Wo/2] = max_pool(relu(conv(x, w) + b)), as conv2d_relu_max_pool.
void tile_conv2d_relu_max_pool(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* w, const float* b, float* y,
                               uint8_t* index);

// dx = beta dx + the gradient of conv2d with respect to x, rounded where packed. With y (its result with relu) dy counts where y > 0.
void tile_conv2d_data(ThreadPool& pool, const Conv2dSpec& spec, const float* w, const float* y, Input dy, Output dx, float beta);

// dw = beta dw + the gradient of conv2d with respect to w.
void tile_conv2d_weights(ThreadPool& pool, const Conv2dSpec& spec, Input x, const float* y, Input dy, float* dw, float beta);

}  // namespace gradus::GRADUS_TIER_NAMESPACE
