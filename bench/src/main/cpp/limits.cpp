// Measures what this machine can do at most: limits THREADS SECONDS prints a line "name value unit" for each limit.
// Multiply-adds per second in registers, and bytes per second out of the second-level cache and out of memory. Every figure is the
// median of five tries; in a try all threads begin together and the slowest counts.
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace {

constexpr int kTries = 5;
constexpr size_t kFloatsInCache = size_t{512} << 8;    // 512 KiB: within a second-level cache, far beyond a first-level one
constexpr size_t kFloatsInMemory = size_t{128} << 18;  // 128 MiB for each array of each thread
volatile float sink;                                   // what is written here was computed

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The slowest thread's seconds for `work(thread)`.
double run_together(int threads, const std::function<void(int)>& work) {
  std::atomic<int> waiting{threads};
  std::vector<double> seconds(threads);
  auto body = [&](int thread) {
    waiting--;
    while (waiting.load() > 0) {
    }
    double start = seconds_now();
    work(thread);
    seconds[thread] = seconds_now() - start;
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; thread++) others.emplace_back(body, thread);
  body(0);
  for (std::thread& other : others) other.join();
  return *std::max_element(seconds.begin(), seconds.end());
}

// Prints the rate of `work(thread, repetitions)`, of which one repetition is worth `amount`, repeated for about `seconds`.
void measure(const char* name, const char* unit, int threads, double seconds, double amount,
             const std::function<void(int, long)>& work) {
  long repetitions = 1;
  double once = 0;
  while ((once = run_together(threads, [&](int thread) { work(thread, repetitions); })) < 0.02) repetitions *= 2;
  repetitions = std::max(1L, static_cast<long>(repetitions * (seconds / kTries) / once));
  std::vector<double> rates;
  for (int i = 0; i < kTries; i++) {
    double taken = run_together(threads, [&](int thread) { work(thread, repetitions); });
    rates.push_back(amount * repetitions * threads / taken);
  }
  std::sort(rates.begin(), rates.end());
  std::printf("%s %.2f %s\n", name, rates[kTries / 2] * 1e-9, unit);
  std::fflush(stdout);
}

#pragma GCC push_options
#pragma GCC target("avx512f")
namespace avx512 {
#define LIMITS_LANES 16
#define LIMITS_SUMS 24
#include "limits_kernels.inc"
}  // namespace avx512
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
#define LIMITS_LANES 8
#define LIMITS_SUMS 12
#include "limits_kernels.inc"
}  // namespace avx2
#pragma GCC pop_options

float* filled(size_t count) {
  float* values = static_cast<float*>(std::aligned_alloc(size_t{2} << 20, count * sizeof(float)));
  if (values == nullptr) {
    std::fprintf(stderr, "There is no memory for %zu MiB to measure with.\n", count >> 18);
    std::exit(1);
  }
  std::fill(values, values + count, 1.0f);
  return values;
}

}  // namespace

int main(int argc, char** argv) {
  int threads = argc == 3 ? std::atoi(argv[1]) : 0;
  double seconds = argc == 3 ? std::atof(argv[2]) : 0;
  if (threads < 1 || threads > 1024 || !(seconds > 0)) {
    std::fprintf(stderr, "usage: limits THREADS SECONDS\n");
    return 2;
  }
  bool wide = __builtin_cpu_supports("avx512f");
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    std::fprintf(stderr, "This processor has no AVX2 with FMA: its limits are not measured.\n");
    return 1;
  }
  std::vector<float*> a, b, c;
  for (int i = 0; i < threads; i++) {
    a.push_back(filled(kFloatsInMemory));
    b.push_back(filled(kFloatsInMemory));
    c.push_back(filled(kFloatsInMemory));
  }
  if (wide) {
    measure("fma-avx512", "GFLOP/s", threads, seconds, avx512::kFlops,
            [](int, long n) { avx512::multiply_add(n); });
  }
  measure("fma-avx2", "GFLOP/s", threads, seconds, avx2::kFlops, [](int, long n) { avx2::multiply_add(n); });
  auto read = wide ? avx512::read : avx2::read;
  auto triad = wide ? avx512::triad : avx2::triad;
  measure("l2-read", "GB/s", threads, seconds, 4.0 * kFloatsInCache,
          [&](int thread, long n) { read(a[thread], kFloatsInCache, n); });
  measure("memory-read", "GB/s", threads, seconds, 4.0 * kFloatsInMemory,
          [&](int thread, long n) { read(a[thread], kFloatsInMemory, n); });
  measure("memory-triad", "GB/s", threads, seconds, 12.0 * kFloatsInMemory,
          [&](int thread, long n) { triad(a[thread], b[thread], c[thread], kFloatsInMemory, n); });
  for (int i = 0; i < threads; i++) {
    std::free(a[i]);
    std::free(b[i]);
    std::free(c[i]);
  }
}
