// The plain C face of the kernels. Addresses and handles travel as int64_t. Nothing throws across it: kernels return 0, or
// 1 when working memory ran out. Arguments are trusted.
#pragma once
#include <stdint.h>

#include "kernel_list.h"

#if defined(__GNUC__)
#define GRADUS_API __attribute__((visibility("default")))
#else
#define GRADUS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

// The best instruction set of this processor: 3 AVX-512, 2 AVX2 with FMA, 1 baseline x86-64. Their vectors
// hold 16, 8 and 4 floats.
GRADUS_API int32_t gradus_best_tier(void);

// How factors that were rounded to bfloat16 can be multiplied: 0 as floats, 1 as pairs by vdpbf16ps, 2 by tiles (AMX). Whether this
// processor has them, and the fastest of those it has.
GRADUS_API int32_t gradus_has_products(int32_t products);
GRADUS_API int32_t gradus_best_products(void);

// A thread pool and a tier. Batches of at least lanes_from examples are stored in lanes, smaller ones plainly. 0 when
// memory ran out or no thread could be started.
GRADUS_API int64_t gradus_context_create(int32_t threads, int32_t tier, int32_t lanes_from, int32_t convolutions,
                                         int32_t products);
GRADUS_API void gradus_context_destroy(int64_t context);

// Hands over cblas_sgemm, which the plain layout needs, by the name of a library the process has already loaded. 0 when
// that library is not loaded or has no such function.
GRADUS_API int32_t gradus_use_blas(int64_t context, const char* library);

// Memory of at least that many bytes, 64-byte aligned, contents undefined; 0 when there is none.
GRADUS_API int64_t gradus_allocate(int64_t bytes);
GRADUS_API void gradus_free(int64_t address);

// Before memory is freed, or after somebody else than the kernels wrote to it: what a context keeps of the weights in it
// is forgotten.
GRADUS_API void gradus_forget(int64_t context, int64_t address, int64_t bytes);

// A copy of a spec's fields, in the order of specs.h, to be released with gradus_free; 0 when memory ran out.
GRADUS_API int64_t gradus_spec(const int32_t* fields, int32_t count);

// The pointer itself: how the address of a direct buffer reaches Java.
GRADUS_API int64_t gradus_address(const void* memory);

// Whether conv2d_relu_max_pool has a kernel for these two specs.
GRADUS_API int32_t gradus_fuses_max_pool(int64_t context, int64_t conv, int64_t pool);

#define GRADUS_DECLARE(name, parameters, arguments) GRADUS_API int32_t gradus_##name parameters;
GRADUS_KERNELS(GRADUS_DECLARE)
#undef GRADUS_DECLARE

#ifdef __cplusplus
}
#endif
