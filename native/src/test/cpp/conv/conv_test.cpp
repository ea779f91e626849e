// Holds the lane convolutions of every tier this machine has against naive loops in double.
//   conv_test         all shapes, every tier, 1, 2 and 4 threads
//   conv_test small   the shapes that stay quick under a sanitizer
//   conv_test threads some of them on 2 and 4 threads: the thread sanitizer watches every load
//   conv_test bench [threads [tier [layer]]]   GFLOP/s on the layers of the benchmark networks beside the machine's multiply-add peak
//
// Inputs of the comparisons are small integers: every sum is exact in float, so the results must be equal, ties between
// pooled pixels are frequent, and no tolerance can hide a mistake.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench.h"
#include "checks.h"
#include "expect.h"
#include "shapes.h"

namespace gradus::test {
namespace {

int compare(const Selection& selection) {
  ThreadPool one(1), two(2), four(4);
  std::vector<ThreadPool*> pools{&two, &four};
  if (selection.alone) pools.insert(pools.begin(), &one);
  const std::vector<Conv2dSpec> list = shapes(selection);
  for (const Tier& tier : tiers()) {
    if (!tier.available) {
      std::printf("%s: skipped, this machine lacks it\n", tier.name);
      continue;
    }
    uint64_t seed = 1;
    for (const Conv2dSpec& spec : list) {
      ThreadPool& pool = *pools[seed % pools.size()];
      check_conv(tier, pool, spec, seed);
      check_fused(tier, pool, spec, seed);
      check_bits(tier, pools, spec, seed);
      check_filters(tier, pool, spec, seed);
      check_filter_bits(tier, pools, spec, seed);
      for (const Bfloat16Kernels& kernels : bfloat16_kernels(selection.emulatedEvery)) {
        if (tier.lanes != 16 || !kernels.available || seed % kernels.every != 0) continue;
        check_bf16(kernels, pools, spec, seed);
        check_bf16_pooled(kernels, pool, spec, seed);
        check_packed_input(kernels, pool, spec, seed);
        check_packed_gradients(kernels, pool, spec, seed);
      }
      seed++;
    }
    for (const Conv2dSpec& spec : filter_shapes(selection)) {
      check_filters(tier, *pools[seed % pools.size()], spec, seed);
      check_filter_bits(tier, pools, spec, seed++);
    }
    const std::vector<Conv2dSpec> filtered = winograd_shapes(selection);
    for (const Conv2dSpec& spec : filtered) {
      check_winograd_pooled(tier, two, spec, seed);
      check_winograd(tier, pools, spec, seed++);
    }
    if (tier.lanes == 16 && __builtin_cpu_supports("avx512bf16")) {
      const double float_error = largest_winograd_error;
      largest_winograd_error = 0;
      for (const Conv2dSpec& spec : filtered) {
        check_winograd_pooled(with_bf16(tier), two, spec, seed);
        for (const Bfloat16Kernels& kernels : bfloat16_kernels(selection.emulatedEvery)) {
          if (!kernels.available || seed % kernels.every != 0) continue;
          check_packed_input(kernels, two, spec, seed);
          check_packed_gradients(kernels, two, spec, seed);
        }
        check_winograd(with_bf16(tier), pools, spec, seed++);
      }
      std::printf("%s: largest error of Winograd's algorithm with bfloat16 products %.1e\n", tier.name, largest_winograd_error);
      largest_winograd_error = float_error;
    }
    std::printf("%s: %zu shapes, %zu of them by Winograd's algorithm too (largest error %.1e)\n", tier.name,
                list.size() + filtered.size(), filtered.size(), largest_winograd_error);
  }
  std::printf("%d comparisons, %d failures\n", comparisons, failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gradus::test

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "threads") return gradus::test::compare({true, 10, 5, 7, false});
  if (mode == "small") return gradus::test::compare({true, 40, 25, 1, true});
  if (mode != "bench") return gradus::test::compare({false, 400, 200, 1, true});
  for (const gradus::test::Tier& tier : gradus::test::tiers()) {
    if (tier.available && (argc > 3 ? argv[3] == std::string(tier.name) : tier.lanes == 16)) {
      gradus::test::bench(tier, argc > 2 ? std::atoi(argv[2]) : 1, argc > 4 ? argv[4] : "");
    }
  }
  return 0;
}
