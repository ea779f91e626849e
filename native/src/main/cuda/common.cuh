// What every kernel shares. The files of this folder are put together into one text and compiled for the device at run time; they use no
// header. Tensors are float32, some activations and their gradients bfloat16 (Input, Output), row by row, [N][C][H][W]. Results never depend on the order in which blocks run: no atomics, fixed trees.

typedef long long Index;

constexpr int kBlock = 256;  // threads of a block, for every kernel

// GRADUS_KERNEL: any grid, threads independent. GRADUS_BLOCK_KERNEL: the threads of a block wait for each other.
#define GRADUS_KERNEL extern "C" __global__ void __launch_bounds__(kBlock)
#define GRADUS_BLOCK_KERNEL extern "C" __global__ void __launch_bounds__(kBlock)

// Visits 0 <= i < n once, whatever the grid.
#define GRADUS_EACH(i, n) \
  for (Index i = blockIdx.x * (Index)kBlock + threadIdx.x, step_ = (Index)gridDim.x * kBlock; i < (n); i += step_)

// y[i] = beta y[i] + value, where a beta of 0 does not look at the old value.
__device__ inline void put(float* y, Index i, float beta, float value) { y[i] = beta == 0 ? value : beta * y[i] + value; }

__device__ inline bool is_nan(float x) { return x != x; }

__device__ inline float infinity() { return __int_as_float(0x7f800000); }

// A number in bfloat16: the upper half of a float.
typedef unsigned short Half;

__device__ inline float expanded(Half half) { return __int_as_float((int)((unsigned)half << 16)); }

// The nearest number that bfloat16 holds, of two the even one; a NaN stays one.
__device__ inline Half rounded(float x) {
  unsigned bits = (unsigned)__float_as_int(x);
  if (is_nan(x)) return (Half)(bits >> 16 | 0x40);
  return (Half)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Numbers that are read, of either type; null where both are.
struct Input {
  const float* floats;
  const Half* halves;

  __device__ float operator[](Index i) const { return halves ? expanded(halves[i]) : floats[i]; }
  __device__ explicit operator bool() const { return floats || halves; }
};

// Numbers that are written, of either type; null where both are.
struct Output {
  float* floats;
  Half* halves;

  __device__ explicit operator bool() const { return floats || halves; }
};

__device__ inline void put(Output y, Index i, float beta, float value) {
  if (y.halves) {
    y.halves[i] = rounded(beta == 0 ? value : beta * expanded(y.halves[i]) + value);
  } else {
    put(y.floats, i, beta, value);
  }
}

// Every thread of the block gets the sum over the block.
__device__ inline float block_sum(float value) {
  __shared__ float sums[kBlock];
  sums[threadIdx.x] = value;
  __syncthreads();
  for (int half = kBlock / 2; half > 0; half /= 2) {
    if ((int)threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
    __syncthreads();
  }
  float result = sums[0];
  __syncthreads();  // the next call writes again
  return result;
}

__device__ inline float block_max(float value) {
  __shared__ float largest[kBlock];
  largest[threadIdx.x] = value;
  __syncthreads();
  for (int half = kBlock / 2; half > 0; half /= 2) {
    if ((int)threadIdx.x < half) largest[threadIdx.x] = fmaxf(largest[threadIdx.x], largest[threadIdx.x + half]);
    __syncthreads();
  }
  float result = largest[0];
  __syncthreads();
  return result;
}

// The plane, [N][channels], of an element; 64-bit division takes many times as long as 32-bit.
__device__ inline Index plane_of(Index element, int pixels) {
  return element >> 31 ? element / pixels : (Index)((unsigned)element / (unsigned)pixels);
}

__device__ inline int channel_of(Index element, int channels, int pixels) {
  Index plane = plane_of(element, pixels);
  return (int)(plane >> 31 ? plane % channels : (Index)((unsigned)plane % (unsigned)channels));
}

// The elements of one channel of [N][channels][pixels], counted from 0 to N pixels.
struct Channel {
  int channel, channels, pixels;

  __device__ Index operator()(int element) const {
    return ((Index)(element / pixels) * channels + channel) * pixels + element % pixels;
  }
};
