// What one opened backend owns on the native side.
#pragma once
#include <cstdint>

#include "kernel_list.h"
#include "products.h"
#include "thread_pool.h"
#include "weight_cache.h"

namespace gradus {

struct KernelTable {
#define GRADUS_FIELD(name, parameters, arguments) void(*name) parameters;
  GRADUS_KERNELS(GRADUS_FIELD)
#undef GRADUS_FIELD
  bool (*fuses_max_pool)(int64_t context, int64_t conv, int64_t pool);
};

// cblas_sgemm with 32-bit integers.
using Sgemm = void (*)(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, const float* a,
                       int lda, const float* b, int ldb, float beta, float* c, int ldc);

// How 3x3 convolutions of stride 1 are computed in lanes. In the order of gradus.backend.cpu.ConvolutionChoice.
enum class Convolutions : int32_t { kAuto, kDirect, kWinograd };

struct Context {
  Context(int threads, const KernelTable* kernels, int lanes_from, Convolutions convolutions, Products products)
      : pool(threads),
        kernels(kernels),
        lanes_from(lanes_from),
        convolutions(convolutions),
        products(products) {}

  ThreadPool pool;
  const KernelTable* const kernels;
  // The physical layout of a batch is a function of its size alone: lanes from here on, plain below.
  const int lanes_from;
  const Convolutions convolutions;
  // What factors rounded to bfloat16 are multiplied by. Those of pairs and tiles belong to the tier of AVX-512.
  const Products products;
  Sgemm sgemm = nullptr;
  // Every kernel that writes to dense memory says so here.
  WeightCache weights;
};

// The kernels compiled for one instruction set each (kernels/tier.cpp, three times).
namespace avx512 {
extern const KernelTable kKernels;
}
namespace avx2 {
extern const KernelTable kKernels;
}
namespace baseline {
extern const KernelTable kKernels;
}

}  // namespace gradus
