// The convolutions of every tier, as tables of functions.
#pragma once
#include <vector>

#include "../../../main/cpp/products.h"
#include "../../../main/cpp/specs.h"
#include "../../../main/cpp/thread_pool.h"

#define GRADUS_TIER_NAMESPACE avx512
#include "../../../main/cpp/lanes/bf16.h"
#include "../../../main/cpp/lanes/conv.h"
#include "../../../main/cpp/lanes/conv_tiles.h"
#include "../../../main/cpp/lanes/filters.h"
#include "../../../main/cpp/lanes/winograd.h"
#undef GRADUS_TIER_NAMESPACE
#define GRADUS_TIER_NAMESPACE emulated
#include "../../../main/cpp/lanes/conv_tiles.h"
#undef GRADUS_TIER_NAMESPACE
#define GRADUS_TIER_NAMESPACE avx2
#include "../../../main/cpp/lanes/conv.h"
#include "../../../main/cpp/lanes/filters.h"
#include "../../../main/cpp/lanes/winograd.h"
#undef GRADUS_TIER_NAMESPACE
#define GRADUS_TIER_NAMESPACE baseline
#include "../../../main/cpp/lanes/conv.h"
#include "../../../main/cpp/lanes/filters.h"
#include "../../../main/cpp/lanes/winograd.h"
#undef GRADUS_TIER_NAMESPACE

namespace gradus::test {

struct Tier {
  const char* name;
  int lanes;
  bool available;
  decltype(&avx512::conv2d) conv2d;
  decltype(&avx512::conv2d_backward) conv2d_backward;
  decltype(&avx512::fuses_max_pool) fuses_max_pool;
  decltype(&avx512::conv2d_relu_max_pool) conv2d_relu_max_pool;
  decltype(&avx512::conv2d_relu_max_pool_backward) conv2d_relu_max_pool_backward;
  decltype(&avx512::fits_wide_weights) fits_wide_weights;
  decltype(&avx512::conv2d_weights_wide) conv2d_weights_wide;
  decltype(&avx512::prefers_winograd) prefers_winograd;
  decltype(&avx512::winograd_conv2d) winograd_conv2d;
  decltype(&avx512::winograd_conv2d_data) winograd_conv2d_data;
  decltype(&avx512::winograd_conv2d_relu_max_pool) winograd_conv2d_relu_max_pool;
  decltype(&avx512::spread_conv2d_relu_max_pool_backward) spread_conv2d_relu_max_pool_backward;
  decltype(&avx512::winograd_conv2d_weights) winograd_conv2d_weights;
  decltype(&avx512::winograd_conv2d_weights_wide) winograd_conv2d_weights_wide;
  decltype(&avx512::packed_filter_floats) packed_filter_floats;
  decltype(&avx512::pack_filters) pack_filters;
  decltype(&avx512::filter_conv2d) filter_conv2d;
  double (*peak)();
  bool bf16;              // whether the functions of Winograd's algorithm are those of bf16.h
  double winograd_error;  // the largest allowed, over the root mean square
};

std::vector<Tier> tiers();

// Winograd's algorithm with bfloat16 products in the place of that with float ones.
Tier with_bf16(Tier tier);

// Plain sums of products of bfloat16 values.
struct Bfloat16Kernels {
  const char* name;
  bool available;
  bool (*fits)(const Conv2dSpec&);
  bool (*fits_weights)(const Conv2dSpec&);
  bool packs;  // outputs, and takes gradients so
  uint64_t every;  // of shapes, so manieth is checked
  decltype(&avx512::tile_conv2d) conv2d;
  decltype(&avx512::bf16_conv2d_relu_max_pool) conv2d_relu_max_pool;
  decltype(&avx512::tile_conv2d_data) conv2d_data;
  decltype(&avx512::tile_conv2d_weights) conv2d_weights;
};

// By vdpbf16ps, by the processor's tiles, and by tiles computed in memory, which any machine has.
std::vector<Bfloat16Kernels> bfloat16_kernels(uint64_t emulated_every = 1);

}  // namespace gradus::test
