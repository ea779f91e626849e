// The fields of gradus.backend.spec.PoolSpec, and whether channels come last.
struct Pool {
  int n, c, h, w, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, count_padding, last;

  __device__ int out_h() const { return (h + 2 * pad_h - kernel_h) / stride_h + 1; }
  __device__ int out_w() const { return (w + 2 * pad_w - kernel_w) / stride_w + 1; }
  __device__ Images inputs() const { return {c, h, w, last}; }
  __device__ Images outputs() const { return {c, out_h(), out_w(), last}; }
};

// The fields of gradus.backend.spec.AdaptivePoolSpec, and whether channels come last.
struct AdaptivePool {
  int n, c, h, w, out_h, out_w, last;

  __device__ Images inputs() const { return {c, h, w, last}; }
  __device__ Images outputs() const { return {c, out_h, out_w, last}; }
};

struct Range {
  int from, to;  // without to
};

__device__ inline int at_least(int a, int b) { return a > b ? a : b; }

__device__ inline int at_most(int a, int b) { return a < b ? a : b; }

// The inputs under window i.
__device__ inline Range under(int i, int kernel, int stride, int pad, int extent) {
  int start = i * stride - pad;
  return {at_least(start, 0), at_most(start + kernel, extent)};
}

// The windows over input x.
__device__ inline Range over(int x, int kernel, int stride, int pad, int windows) {
  int first = x + pad - kernel + 1;
  return {first <= 0 ? 0 : (first + stride - 1) / stride, at_most((x + pad) / stride + 1, windows)};
}

__device__ inline Range adaptive_under(int i, int windows, int extent) {
  return {(int)((Index)i * extent / windows), (int)(((Index)(i + 1) * extent + windows - 1) / windows)};
}

__device__ inline Range adaptive_over(int x, int windows, int extent) {
  return {(int)((Index)x * windows / extent), (int)(((Index)(x + 1) * windows + extent - 1) / extent)};
}

// y = the largest x + b[c] under each window, through ReLU if asked; b may be null. A NaN wins; of equal values the first. index may be null.
GRADUS_KERNEL max_pool(Pool s, Input x, const float* b, int relu, Output y, unsigned char* index, Index outputs) {
  GRADUS_EACH(o, outputs) {
    Place at = s.outputs().place_of(o);
    Range rows = under(at.row, s.kernel_h, s.stride_h, s.pad_h, s.h);
    Range columns = under(at.column, s.kernel_w, s.stride_w, s.pad_w, s.w);
    Plane inputs = s.inputs().plane(at);
    float bias = b ? b[at.channel] : 0;
    float best = -infinity();
    int best_place = 255;
    for (int row = rows.from; row < rows.to; row++) {
      for (int column = columns.from; column < columns.to; column++) {
        float value = x[inputs(row, column)] + bias;
        if (best_place == 255 || value > best || (is_nan(value) && !is_nan(best))) {
          best = value;
          best_place =
              (row - (at.row * s.stride_h - s.pad_h)) * s.kernel_w + column - (at.column * s.stride_w - s.pad_w);
        }
      }
    }
    put(y, o, 0, relu && best <= 0 ? 0 : best);
    if (index) index[o] = (unsigned char)best_place;
  }
}

// dx = beta dx + dy where it came from; where y, unless null, is not above 0 nothing flows.
GRADUS_KERNEL max_pool_backward(Pool s, Input dy, Input y, const unsigned char* index, Output dx, float beta,
                                Index inputs) {
  GRADUS_EACH(i, inputs) {
    Place at = s.inputs().place_of(i);
    Plane outputs = s.outputs().plane(at);
    Range rows = over(at.row, s.kernel_h, s.stride_h, s.pad_h, s.out_h());
    Range columns = over(at.column, s.kernel_w, s.stride_w, s.pad_w, s.out_w());
    float sum = 0;
    for (int row = rows.from; row < rows.to; row++) {
      for (int column = columns.from; column < columns.to; column++) {
        Index out = outputs(row, column);
        int place = (at.row + s.pad_h - row * s.stride_h) * s.kernel_w + at.column + s.pad_w - column * s.stride_w;
        if (index[out] == place && (!y || y[out] > 0)) sum += dy[out];
      }
    }
    put(dx, i, beta, sum);
  }
}

__device__ inline float window_sum(const float* x, Plane plane, Range rows, Range columns) {
  float sum = 0;
  for (int row = rows.from; row < rows.to; row++) {
    for (int column = columns.from; column < columns.to; column++) sum += x[plane(row, column)];
  }
  return sum;
}

__device__ inline int area(Range rows, Range columns) { return (rows.to - rows.from) * (columns.to - columns.from); }

GRADUS_KERNEL avg_pool(Pool s, const float* x, float* y, Index outputs) {
  GRADUS_EACH(o, outputs) {
    Place at = s.outputs().place_of(o);
    Range rows = under(at.row, s.kernel_h, s.stride_h, s.pad_h, s.h);
    Range columns = under(at.column, s.kernel_w, s.stride_w, s.pad_w, s.w);
    int pixels = s.count_padding ? s.kernel_h * s.kernel_w : area(rows, columns);
    y[o] = window_sum(x, s.inputs().plane(at), rows, columns) / pixels;
  }
}

GRADUS_KERNEL avg_pool_backward(Pool s, const float* dy, float* dx, float beta, Index inputs) {
  GRADUS_EACH(i, inputs) {
    Place at = s.inputs().place_of(i);
    Plane outputs = s.outputs().plane(at);
    Range rows = over(at.row, s.kernel_h, s.stride_h, s.pad_h, s.out_h());
    Range columns = over(at.column, s.kernel_w, s.stride_w, s.pad_w, s.out_w());
    float sum = 0;
    for (int row = rows.from; row < rows.to; row++) {
      for (int column = columns.from; column < columns.to; column++) {
        int pixels = s.count_padding ? s.kernel_h * s.kernel_w
                                     : area(under(row, s.kernel_h, s.stride_h, s.pad_h, s.h),
                                            under(column, s.kernel_w, s.stride_w, s.pad_w, s.w));
        sum += dy[outputs(row, column)] / pixels;
      }
    }
    put(dx, i, beta, sum);
  }
}

GRADUS_KERNEL adaptive_avg_pool(AdaptivePool s, const float* x, float* y, Index outputs) {
  GRADUS_EACH(o, outputs) {
    Place at = s.outputs().place_of(o);
    Range rows = adaptive_under(at.row, s.out_h, s.h);
    Range columns = adaptive_under(at.column, s.out_w, s.w);
    y[o] = window_sum(x, s.inputs().plane(at), rows, columns) / area(rows, columns);
  }
}

GRADUS_KERNEL adaptive_avg_pool_backward(AdaptivePool s, const float* dy, float* dx, float beta, Index inputs) {
  GRADUS_EACH(i, inputs) {
    Place at = s.inputs().place_of(i);
    Plane outputs = s.outputs().plane(at);
    Range rows = adaptive_over(at.row, s.out_h, s.h);
    Range columns = adaptive_over(at.column, s.out_w, s.w);
    float sum = 0;
    for (int row = rows.from; row < rows.to; row++) {
      for (int column = columns.from; column < columns.to; column++) {
        int pixels = area(adaptive_under(row, s.out_h, s.h), adaptive_under(column, s.out_w, s.w));
        sum += dy[outputs(row, column)] / pixels;
      }
    }
    put(dx, i, beta, sum);
  }
}
