// What every kernel shares. The files of this folder are put together into one text and compiled for the device at run time; they use no
// header. Tensors are float32, some activations and their gradients bfloat16 or float16 (Input, Output), row by row, [N][C][H][W]. Results never depend on the order in which blocks run: no atomics, fixed trees.

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

// What numbers in memory are, by the codes of gradus.tensor.DType.
enum { kFloat32 = 0, kBfloat16 = 1, kFloat16 = 4 };

// The 16 bits of a number in bfloat16, the upper half of a float, or in float16.
typedef unsigned short Half;

#ifdef __CUDACC__  // otherwise whoever compiles this has them
__device__ inline float half_to_float(Half half) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(half));
  return x;
}

__device__ inline Half float_to_half(float x) {
  Half half;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(x));
  return half;
}
#endif

__device__ inline float expanded(Half half, int type) {
  return type == kFloat16 ? half_to_float(half) : __int_as_float((int)((unsigned)half << 16));
}

__device__ inline Half float_to_bfloat16(float x) {
#if __CUDA_ARCH__ >= 800  // one instruction, where the rest takes some ten
  Half half;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(half) : "f"(x));
  return half;
#else
  unsigned bits = (unsigned)__float_as_int(x);
  if (is_nan(x)) return (Half)(bits >> 16 | 0x40);
  return (Half)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
#endif
}

// The nearest number that the type holds, of two the even one; a NaN stays one.
__device__ inline Half rounded(float x, int type) {
  return type == kFloat16 ? float_to_half(x) : float_to_bfloat16(x);
}

// Numbers that are read, of any of the types; null where there are none.
struct Input {
  const void* at;
  Index type;

  __device__ bool is_wide() const { return type == kFloat32; }
  __device__ const float* floats() const { return (const float*)at; }
  __device__ const Half* halves() const { return (const Half*)at; }
  __device__ float operator[](Index i) const { return is_wide() ? floats()[i] : expanded(halves()[i], (int)type); }
  __device__ explicit operator bool() const { return at; }
};

// Numbers that are written, of any of the types; null where there are none.
struct Output {
  void* at;
  Index type;

  __device__ bool is_wide() const { return type == kFloat32; }
  __device__ float* floats() const { return (float*)at; }
  __device__ Half* halves() const { return (Half*)at; }
  __device__ explicit operator bool() const { return at; }
  __device__ Input old() const { return {at, type}; }  // what is there
};

__device__ inline Input of_floats(const float* x) { return {x, kFloat32}; }
__device__ inline Output to_floats(float* y) { return {y, kFloat32}; }

__device__ inline void put(Output y, Index i, float beta, float value) {
  if (y.is_wide()) {
    put(y.floats(), i, beta, value);
  } else {
    y.halves()[i] = rounded(beta == 0 ? value : beta * y.old()[i] + value, (int)y.type);
  }
}

// So many numbers side by side. Four of them move in one access, and a memory is far from busy with less.
template <int W>
struct Lanes {
  float v[W];
};

template <int W>
struct Width {
  static constexpr int value = W;
};

// The same as they lie in memory.
template <int W>
struct alignas(W * sizeof(float)) Floats {
  float v[W];
};

template <int W>
struct alignas(W * sizeof(Half)) Halves {
  Half v[W];
};

template <int W, int K>
struct Several {
  Lanes<W> at[K];
};

// Those at each of K places: memory is asked for all of them before the first is looked at.
template <int W, int K>
__device__ inline Several<W, K> load(Width<W>, Input x, const Index (&places)[K]) {
  Several<W, K> all;
  if (x.is_wide()) {
    Floats<W> floats[K];
    for (int p = 0; p < K; p++) floats[p] = *(const Floats<W>*)(x.floats() + places[p]);
    for (int p = 0; p < K; p++) {
      for (int k = 0; k < W; k++) all.at[p].v[k] = floats[p].v[k];
    }
  } else {
    Halves<W> halves[K];
    for (int p = 0; p < K; p++) halves[p] = *(const Halves<W>*)(x.halves() + places[p]);
    for (int p = 0; p < K; p++) {
      for (int k = 0; k < W; k++) all.at[p].v[k] = expanded(halves[p].v[k], (int)x.type);
    }
  }
  return all;
}

template <int W>
__device__ inline Lanes<W> load(Width<W> width, Input x, Index i) {
  const Index place[] = {i};
  return load(width, x, place).at[0];
}

template <int W>
__device__ inline Lanes<W> load(Width<W> width, const float* x, Index i) {
  return load(width, of_floats(x), i);
}

// y = beta y + value, where a beta of 0 does not look at the old values.
template <int W>
__device__ inline void put(Output y, Index i, float beta, Lanes<W> value) {
  if constexpr (W == 1) {
    put(y, i, beta, value.v[0]);
    return;
  } else {
    if (beta != 0) {
      Lanes<W> old = load(Width<W>(), y.old(), i);
      for (int k = 0; k < W; k++) value.v[k] = beta * old.v[k] + value.v[k];
    }
    if (y.is_wide()) {
      Floats<W> floats;
      for (int k = 0; k < W; k++) floats.v[k] = value.v[k];
      *(Floats<W>*)(y.floats() + i) = floats;
    } else {
      Halves<W> halves;
      for (int k = 0; k < W; k++) halves.v[k] = rounded(value.v[k], (int)y.type);
      *(Halves<W>*)(y.halves() + i) = halves;
    }
  }
}

template <int W>
__device__ inline void put(float* y, Index i, float beta, Lanes<W> value) {
  put(to_floats(y), i, beta, value);
}

__device__ inline bool takes_fours(Input x) { return ((unsigned long long)x.at & (x.is_wide() ? 15 : 7)) == 0; }
__device__ inline bool takes_fours(Output y) { return takes_fours(y.old()); }
__device__ inline bool takes_fours(const float* x) { return takes_fours(of_floats(x)); }

// Whether arrays whose runs are so long can be moved four by four; those that are null can.
template <class... Array>
__device__ inline bool take_fours(Index run, Array... arrays) {
  return run % 4 == 0 && (takes_fours(arrays) && ...);
}

// visit(Width, i) for the first of every four numbers from first to before end, or for each one; this is one thread of so many.
template <class I, class Visit>
__device__ inline void each_between(bool fours, I first, I end, I thread, I threads, Visit visit) {
  if (fours) {
    for (I i = first + thread * 4; i < end; i += threads * 4) visit(Width<4>(), i);
  } else {
    for (I i = first + thread; i < end; i += threads) visit(Width<1>(), i);
  }
}

// For all threads together.
template <class Visit>
__device__ inline void each(bool fours, Index n, Visit visit) {
  each_between<Index>(fours, 0, n, blockIdx.x * (Index)kBlock + threadIdx.x, (Index)gridDim.x * kBlock, visit);
}

// The elements of one channel, with gridDim.y blocks for each; unsigned, as a step may lead past the end of int.
template <class Visit>
__device__ inline void each_of_channel(bool fours, unsigned elements, Visit visit) {
  each_between<unsigned>(fours, 0, elements, blockIdx.y * kBlock + threadIdx.x, gridDim.y * kBlock, visit);
}

// So many loads of a thread are under way where it only reads: with one, a memory whose answer takes some 700 ns has too little to do. More would take
// registers, and slices of channels have eight numbers for a thread, two fours.
constexpr int kAhead = 2;

// visit(places) for at(i) with i from first to before end, several at a time and then one, in that order.
template <class I, class At, class Visit>
__device__ inline void each_ahead(I first, I end, I step, At at, Visit visit) {
  I i = first;
  for (; i + (kAhead - 1) * step < end; i += kAhead * step) {
    Index places[kAhead];
    for (int k = 0; k < kAhead; k++) places[k] = at(i + k * step);
    visit(places);
  }
  for (; i < end; i += step) {
    Index place[] = {at(i)};
    visit(place);
  }
}

// The same as each_between: visit(Width, places).
template <class I, class At, class Visit>
__device__ inline void each_between_ahead(bool fours, I first, I end, I thread, I threads, At at, Visit visit) {
  if (fours) {
    each_ahead<I>(first + thread * 4, end, threads * 4, at, [&](auto& places) { visit(Width<4>(), places); });
  } else {
    each_ahead<I>(first + thread, end, threads, at, [&](auto& places) { visit(Width<1>(), places); });
  }
}

template <class At, class Visit>
__device__ inline void each_of_channel_ahead(bool fours, unsigned elements, At at, Visit visit) {
  each_between_ahead<unsigned>(fours, 0, elements, blockIdx.y * kBlock + threadIdx.x, gridDim.y * kBlock, at, visit);
}

// y = value + residual, through ReLU if asked; residual may be null. A NaN stays a NaN.
template <int W>
__device__ inline void put_activated(Output y, Index i, Lanes<W> value, Input residual, bool relu) {
  if (residual) {
    Lanes<W> others = load(Width<W>(), residual, i);
    for (int k = 0; k < W; k++) value.v[k] += others.v[k];
  }
  for (int k = 0; k < W; k++) value.v[k] = relu && value.v[k] <= 0 ? 0 : value.v[k];
  put(y, i, 0, value);
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

constexpr int kWarp = 32;

// Every thread of the warp gets the sum over the warp. All of a block's threads must come here alike.
__device__ inline float warp_sum(float value) {
  for (int other = kWarp / 2; other > 0; other /= 2) value += __shfl_xor_sync(0xffffffffu, value, other);
  return value;
}

__device__ inline float warp_max(float value) {
  for (int other = kWarp / 2; other > 0; other /= 2) value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, other));
  return value;
}

// A warp for each of n rows. All of a block go round together, some without a row at last.
#define GRADUS_EACH_ROW(row, n)                                                                     \
  for (Index first_ = blockIdx.x * (Index)(kBlock / kWarp), row = first_ + threadIdx.x / kWarp; first_ < (n); \
       first_ += (Index)gridDim.x * (kBlock / kWarp), row = first_ + threadIdx.x / kWarp)

// 64-bit division takes many times as long as 32-bit.
__device__ inline Index quotient(Index a, int b) { return a >> 31 ? a / b : (Index)((unsigned)a / (unsigned)b); }

// The plane, [N][channels], of an element.
__device__ inline Index plane_of(Index element, int pixels) { return quotient(element, pixels); }

__device__ inline int channel_of(Index element, int channels, int pixels) {
  Index plane = plane_of(element, pixels);
  return (int)(plane - quotient(plane, channels) * channels);
}

// Where an element lies.
struct Place {
  Index image;
  int channel, row, column;
};

// One channel of one image.
struct Plane {
  Index first;
  int down, right;  // from pixel to pixel

  __device__ Index operator()(int row, int column) const { return first + (row * down + column * right); }
};

// Images as they lie: [N][channels][h][w], or, channels last, [N][h][w][channels].
struct Images {
  int channels, h, w, last;

  // Of the image and channel of a place.
  __device__ Plane plane(Place place) const {
    int pixels = h * w;
    if (last) return {place.image * pixels * channels + place.channel, w * channels, channels};
    return {(place.image * channels + place.channel) * pixels, w, 1};
  }

  __device__ Place place_of(Index element) const {
    Index outer = quotient(element, last ? channels : w), middle = quotient(outer, last ? w : h);
    Index image = quotient(middle, last ? h : channels);
    int fast = (int)(element - outer * (last ? channels : w)), second = (int)(outer - middle * (last ? w : h));
    int third = (int)(middle - image * (last ? h : channels));
    if (last) return {image, fast, third, second};
    return {image, third, second, fast};
  }

  // Where an element would lie channels first: its number in logical order.
  __device__ Index logical(Index element) const {
    if (!last) return element;
    Place place = place_of(element);
    return Images{channels, h, w, 0}.plane(place)(place.row, place.column);
  }
};

// The elements of one channel of [N][channels][pixels], counted from 0 to N pixels. Four that begin at a multiple of four are neighbours where pixels
// is such a multiple.
struct Channel {
  int channel, channels, pixels;

  __device__ Index operator()(int element) const {
    return ((Index)(element / pixels) * channels + channel) * pixels + element % pixels;
  }
};

// [rows][channels] is [N][channels][pixels] with one pixel. Four neighbours are then of four channels, and not of one.
__device__ inline int run_of(int channels, int pixels) { return pixels == 1 ? channels : pixels; }

// What p has for the channels of neighbours from channel c on.
template <int W>
__device__ inline Lanes<W> of_channels(Width<W>, const float* p, int c, int pixels) {
  Lanes<W> lanes;
  if (pixels == 1) {
    for (int k = 0; k < W; k++) lanes.v[k] = p[c + k];
  } else {
    float same = p[c];
    for (int k = 0; k < W; k++) lanes.v[k] = same;
  }
  return lanes;
}

// visit(Width): four numbers at a time, or one.
template <class Visit>
__device__ inline void with_width(bool fours, Visit visit) {
  if (fours) {
    visit(Width<4>());
  } else {
    visit(Width<1>());
  }
}

// A block's share of [rows][channels], kTile channels wide: a thread has W of these, in every so many-th of the block's rows. Threads side by side read
// what lies side by side.
constexpr int kTile = 32;

template <int W>
struct Tile {
  int columns, channel, channels;  // the first of this thread's channels; they may be none
  unsigned row, step, first, last;

  // The channels of a tile in rows from begin to before end.
  __device__ Tile(int tile, int all, unsigned begin, unsigned end) : columns(1), channels(all), first(begin), last(end) {
    while (columns * W < kTile && columns * W < all) columns *= 2;
    channel = tile * kTile + threadIdx.x % columns * W;
    row = first + threadIdx.x / columns;
    step = kBlock / columns;
  }

  // Block (tile, slice of the rows).
  __device__ Tile(int rows, int all) : Tile(blockIdx.x, all, start(rows, blockIdx.y), start(rows, blockIdx.y + 1)) {}

  __device__ static unsigned start(unsigned rows, unsigned slice) {
    unsigned length = (rows + gridDim.y - 1) / gridDim.y;
    return slice * length < rows ? slice * length : rows;
  }

  // visit(i): the first of this thread's elements in each of its rows.
  template <class Visit>
  __device__ void each_row(Visit visit) const {
    if (channel >= channels) return;
    for (unsigned r = row; r < last; r += step) visit((Index)r * channels + channel);
  }

  // visit(places) of the same, several at a time.
  template <class Visit>
  __device__ void each_row_ahead(Visit visit) const {
    if (channel >= channels) return;
    each_ahead<unsigned>(row, last, step, [&](unsigned r) { return (Index)r * channels + channel; }, visit);
  }

  // Every thread gets the sums over those that have its channels.
  __device__ Lanes<W> sum(Lanes<W> value) const {
    __shared__ float sums[W][kBlock];
    for (int k = 0; k < W; k++) sums[k][threadIdx.x] = value.v[k];
    __syncthreads();
    for (int half = kBlock / 2; half >= columns; half /= 2) {
      if ((int)threadIdx.x < half) {
        for (int k = 0; k < W; k++) sums[k][threadIdx.x] += sums[k][threadIdx.x + half];
      }
      __syncthreads();
    }
    for (int k = 0; k < W; k++) value.v[k] = sums[k][threadIdx.x % columns];
    __syncthreads();  // the next call writes again
    return value;
  }

  // visit(channel, k): where this thread is the one to write the result of a channel, its k-th.
  template <class Visit>
  __device__ void each_result(Visit visit) const {
    if ((int)threadIdx.x >= columns || channel >= channels) return;
    for (int k = 0; k < W; k++) visit(channel + k, k);
  }
};
