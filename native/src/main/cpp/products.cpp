#include "products.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gradus {
namespace {

bool processor_has_tiles() {
  unsigned a, b, c, d;
  constexpr unsigned kBfloat16Products = 1u << 22, kTiles = 1u << 24;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kBfloat16Products) != 0 && (d & kTiles) != 0;
}

// A tile register is 8 KiB of state that the kernel saves for processes alone that ask.
bool kernel_grants_tiles() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool tiles_usable() {
  static const bool usable = processor_has_tiles() && kernel_grants_tiles();
  return usable;
}

}  // namespace

bool has_products(Products products) {
  __builtin_cpu_init();
  if (products == Products::kFloat) return true;
  if (!__builtin_cpu_supports("avx512bf16")) return false;
  return products == Products::kPairs || tiles_usable();
}

Products best_products() {
  if (has_products(Products::kTiles)) return Products::kTiles;
  return has_products(Products::kPairs) && __builtin_cpu_is("amd") ? Products::kPairs : Products::kFloat;
}

}  // namespace gradus
