// Matrix products by the BLAS the backend handed over: C = A B + beta C, row-major, one thread.
#pragma once
#include "region.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// CblasNoTrans and CblasTrans.
enum Orientation { kAsIs = 111, kTransposed = 112 };

GRADUS_INLINE void gemm(const Context& context, Orientation a_as, Orientation b_as, int m, int n, int k, const float* a,
                        int lda, const float* b, int ldb, float beta, float* c, int ldc) {
  constexpr int kRowMajor = 101;
  context.sgemm(kRowMajor, a_as, b_as, m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
