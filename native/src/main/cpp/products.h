// How convolutions multiply factors that were rounded to bfloat16.
#pragma once
#include <cstdint>

namespace gradus {

// As floats; as pairs by vdpbf16ps (avx512_bf16); or by the processor's tiles (AMX). In the order of gradus.backend.cpu.Bfloat16Products.
enum class Products : int32_t { kFloat, kPairs, kTiles };

// Whether this processor has them. For tiles the kernel is asked, too: it must let this process use them.
bool has_products(Products products);

// The fastest there are. Processors of Intel's take as long for a pair as for four floats, so that pairs are none of theirs.
Products best_products();

}  // namespace gradus
