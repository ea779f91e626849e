#include "gradus.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include "context.h"

namespace gradus {
namespace {

// From here on an allocation is worth whole huge pages: one fault and one TLB entry per 2 MiB.
constexpr size_t kHugePage = size_t{2} << 20;

Context& context_at(int64_t address) { return *reinterpret_cast<Context*>(address); }

const KernelTable* kernels_of(int32_t tier) {
  switch (tier) {
    case 3: return &avx512::kKernels;
    case 2: return &avx2::kKernels;
    default: return &baseline::kKernels;
  }
}

void* allocate(size_t bytes) {
  size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  size_t rounded = (bytes + 63) / 64 * 64;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, rounded == 0 ? 64 : rounded) != 0) return nullptr;
  if (alignment == kHugePage) madvise(memory, rounded, MADV_HUGEPAGE);
  return memory;
}

}  // namespace
}  // namespace gradus

using gradus::Context;

int32_t gradus_best_tier(void) {
  __builtin_cpu_init();
  bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl");
  return v4 ? 3 : v3 ? 2 : 1;
}

int32_t gradus_has_products(int32_t products) { return gradus::has_products(static_cast<gradus::Products>(products)); }

int32_t gradus_best_products(void) { return static_cast<int32_t>(gradus::best_products()); }

int64_t gradus_context_create(int32_t threads, int32_t tier, int32_t lanes_from, int32_t convolutions, int32_t products) {
  try {
    return reinterpret_cast<int64_t>(new Context(threads, gradus::kernels_of(tier), lanes_from, static_cast<gradus::Convolutions>(convolutions),
                                                 static_cast<gradus::Products>(tier == 3 ? products : 0)));
  } catch (const std::exception&) {
    return 0;
  }
}

void gradus_context_destroy(int64_t context) { delete reinterpret_cast<Context*>(context); }

int32_t gradus_use_blas(int64_t context, const char* library) {
  void* handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
  if (handle == nullptr) return 0;
  gradus::context_at(context).sgemm = reinterpret_cast<gradus::Sgemm>(dlsym(handle, "cblas_sgemm"));
  return gradus::context_at(context).sgemm != nullptr;
}

int64_t gradus_allocate(int64_t bytes) {
  return reinterpret_cast<int64_t>(gradus::allocate(static_cast<size_t>(bytes)));
}

void gradus_free(int64_t address) { std::free(reinterpret_cast<void*>(address)); }

void gradus_forget(int64_t context, int64_t address, int64_t bytes) {
  gradus::context_at(context).weights.forget(reinterpret_cast<void*>(address), bytes);
}

int64_t gradus_spec(const int32_t* fields, int32_t count) {
  void* spec = gradus::allocate(count * sizeof(int32_t));
  if (spec != nullptr) std::memcpy(spec, fields, count * sizeof(int32_t));
  return reinterpret_cast<int64_t>(spec);
}

int64_t gradus_address(const void* memory) { return reinterpret_cast<int64_t>(memory); }

int32_t gradus_fuses_max_pool(int64_t context, int64_t conv, int64_t pool) {
  return gradus::context_at(context).kernels->fuses_max_pool(context, conv, pool);
}

#define GRADUS_DISPATCH(name, parameters, arguments)            \
  int32_t gradus_##name parameters {                            \
    try {                                                       \
      gradus::context_at(context).kernels->name arguments;      \
      return 0;                                                 \
    } catch (const std::bad_alloc&) {                           \
      return 1;                                                 \
    }                                                           \
  }
GRADUS_KERNELS(GRADUS_DISPATCH)
