// What is compared of one convolution.
#pragma once
#include <vector>

#include "kernels.h"

namespace gradus::test {

void check_conv(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed);
void check_filters(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed);
void check_filter_bits(const Tier& tier, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed);
void check_fused(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed);
void check_bits(const Tier& tier, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed);

void check_bf16(const Bfloat16Kernels& kernels, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed);
void check_packed_gradients(const Bfloat16Kernels& kernels, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed);
void check_packed_input(const Bfloat16Kernels& kernels, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed);
void check_bf16_pooled(const Bfloat16Kernels& kernels, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed);

void check_winograd(const Tier& tier, const std::vector<ThreadPool*>& pools, const Conv2dSpec& spec, uint64_t seed);
void check_winograd_pooled(const Tier& tier, ThreadPool& pool, const Conv2dSpec& spec, uint64_t seed);

}  // namespace gradus::test
