// All kernels for one instruction set: compiled three times, with GRADUS_LANES = 16, 8 and 4.
#include "batch_norm.h"
#include "bfloat16.h"
#include "channels.h"
#include "conv.h"
#include "dropout.h"
#include "elementwise.h"
#include "group_norm.h"
#include "linear.h"
#include "losses.h"
#include "optimizers.h"
#include "pooling.h"
#include "reductions.h"
#include "softmax.h"
#include "transfer.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

const KernelTable kKernels = {
#define GRADUS_ENTRY(name, parameters, arguments) name,
    GRADUS_KERNELS(GRADUS_ENTRY)
#undef GRADUS_ENTRY
    fuses_max_pool,
};

}  // namespace gradus::GRADUS_TIER_NAMESPACE
