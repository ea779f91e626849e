// Enough of CUDA C++ for g++ to compile the kernels: the threads of a block run one after the other, as
// fibers that change at __syncthreads() where the kernel has such.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __launch_bounds__(threads)
#define __shared__ static  // one block at a time
#define __syncthreads() gradus_fake::wait_for_block()

struct Dim3 {
  unsigned x, y, z;
};

extern Dim3 threadIdx, blockIdx, blockDim, gridDim;

inline float __int_as_float(int bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline int __float_as_int(float value) {
  int bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float half_to_float(unsigned short bits) {
  _Float16 half;
  std::memcpy(&half, &bits, sizeof half);
  return (float)half;
}

inline unsigned short float_to_half(float value) {
  _Float16 half = (_Float16)value;
  unsigned short bits;
  std::memcpy(&bits, &half, sizeof bits);
  return bits;
}

#define __shfl_xor_sync(threads, value, mask) gradus_fake::exchanged(value, mask)

namespace gradus_fake {

// Where the threads of the present kernel are, for races.cpp.
struct Moment {
  const char* kernel;  // null between two
  uint64_t launch, block;  // how many began so far
  unsigned barriers;  // that the present thread has passed in this block
  bool race;  // one was found in this launch
};

extern Moment moment;

void wait_for_block();

// What the thread has whose number differs by mask; here all threads of a block wait for each other, not those of a warp alone.
float exchanged(float value, unsigned mask);

// Calls a kernel as the driver does, with the addresses of its arguments.
template <class... A, size_t... I>
void call(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
  kernel(*static_cast<std::remove_reference_t<A>*>(arguments[I])...);
}

template <auto kernel>
void run(void** arguments) {
  []<class... A>(void (*k)(A...), void** a) { call(k, a, std::index_sequence_for<A...>()); }(kernel, arguments);
}

template <class... A>
std::vector<size_t> sizes_of(void (*)(A...)) {
  return {sizeof(A)...};
}

template <auto kernel>
std::vector<size_t> sizes() {
  return sizes_of(kernel);
}

struct Kernel {
  const char* name;
  void (*run)(void** arguments);
  std::vector<size_t> (*sizes)();  // of its arguments
  bool waits;  // whether threads of a block wait for each other
};

extern const Kernel kernels[];
extern const int kernel_count;

// Runs every thread of every block; false if some of a block's threads end while others wait, or if there was a race.
bool launch(const Kernel& kernel, Dim3 grid, Dim3 block, void** arguments);

// The same as a call of the driver, one at a time.
int run_kernel(const Kernel& kernel, Dim3 grid, Dim3 block, void** arguments);

// At once, or when the graph is launched that this thread is capturing.
int submit_kernel(const Kernel& kernel, Dim3 grid, Dim3 block, void** arguments);

}  // namespace gradus_fake
