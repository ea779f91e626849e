// Convolutions of the plain layout [N,C,H,W], for batches too small for lanes: the lanes hold filters, a tap is one
// broadcast pixel times the weights of that many filters. Results have the same bits for any number of threads.
//
// The file has no include guard: it declares the kernels of the tier GRADUS_TIER_NAMESPACE names at that point.
#include <cstddef>
#include <cstdint>

#include "../specs.h"
#include "../thread_pool.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// Whether the filters of a group fill enough lanes.
bool fits_filters(const Conv2dSpec& spec);

// The weights as filter_conv2d reads them: how many floats, a number that tells arrangements of equally many weights
// apart, and the arrangement itself.
size_t packed_filter_floats(const Conv2dSpec& spec);
int64_t filter_arrangement(const Conv2dSpec& spec);
void pack_filters(ThreadPool& pool, const Conv2dSpec& spec, const float* w, float* packed);

// y = conv(x, w) + b + residual, then max(0, y) with relu. b and residual [N,K,Ho,Wo] may be null.
void filter_conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* packed, const float* b,
                   const float* residual, bool relu, float* y);

}  // namespace gradus::GRADUS_TIER_NAMESPACE
