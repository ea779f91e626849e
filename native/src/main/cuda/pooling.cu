// The fields of gradus.backend.spec.PoolSpec.
struct Pool {
  int n, c, h, w, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, count_padding;

  __device__ int out_h() const { return (h + 2 * pad_h - kernel_h) / stride_h + 1; }
  __device__ int out_w() const { return (w + 2 * pad_w - kernel_w) / stride_w + 1; }
};

// The fields of gradus.backend.spec.AdaptivePoolSpec.
struct AdaptivePool {
  int n, c, h, w, out_h, out_w;
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

// A NaN wins; of equal values the first. index may be null.
GRADUS_KERNEL max_pool(Pool s, Input x, Output y, unsigned char* index, Index outputs) {
  GRADUS_EACH(at, outputs) {
    int j = at % s.out_w(), i = at / s.out_w() % s.out_h();
    Index plane = at / s.out_w() / s.out_h();
    Range rows = under(i, s.kernel_h, s.stride_h, s.pad_h, s.h);
    Range columns = under(j, s.kernel_w, s.stride_w, s.pad_w, s.w);
    float best = -infinity();
    int best_place = 255;
    for (int row = rows.from; row < rows.to; row++) {
      for (int column = columns.from; column < columns.to; column++) {
        float value = x[(plane * s.h + row) * s.w + column];
        if (best_place == 255 || value > best || (is_nan(value) && !is_nan(best))) {
          best = value;
          best_place = (row - (i * s.stride_h - s.pad_h)) * s.kernel_w + column - (j * s.stride_w - s.pad_w);
        }
      }
    }
    put(y, at, 0, best);
    if (index) index[at] = (unsigned char)best_place;
  }
}

GRADUS_KERNEL max_pool_backward(Pool s, Input dy, const unsigned char* index, Output dx, float beta, Index inputs) {
  GRADUS_EACH(at, inputs) {
    int column = at % s.w, row = at / s.w % s.h;
    Index plane = at / s.w / s.h;
    Range rows = over(row, s.kernel_h, s.stride_h, s.pad_h, s.out_h());
    Range columns = over(column, s.kernel_w, s.stride_w, s.pad_w, s.out_w());
    float sum = 0;
    for (int i = rows.from; i < rows.to; i++) {
      for (int j = columns.from; j < columns.to; j++) {
        Index out = (plane * s.out_h() + i) * s.out_w() + j;
        int place = (row + s.pad_h - i * s.stride_h) * s.kernel_w + column + s.pad_w - j * s.stride_w;
        if (index[out] == place) sum += dy[out];
      }
    }
    put(dx, at, beta, sum);
  }
}

__device__ inline float window_sum(const float* x, Index plane, int h, int w, Range rows, Range columns) {
  float sum = 0;
  for (int row = rows.from; row < rows.to; row++) {
    for (int column = columns.from; column < columns.to; column++) sum += x[(plane * h + row) * w + column];
  }
  return sum;
}

__device__ inline int area(Range rows, Range columns) { return (rows.to - rows.from) * (columns.to - columns.from); }

GRADUS_KERNEL avg_pool(Pool s, const float* x, float* y, Index outputs) {
  GRADUS_EACH(at, outputs) {
    Range rows = under(at / s.out_w() % s.out_h(), s.kernel_h, s.stride_h, s.pad_h, s.h);
    Range columns = under(at % s.out_w(), s.kernel_w, s.stride_w, s.pad_w, s.w);
    int pixels = s.count_padding ? s.kernel_h * s.kernel_w : area(rows, columns);
    y[at] = window_sum(x, at / s.out_w() / s.out_h(), s.h, s.w, rows, columns) / pixels;
  }
}

GRADUS_KERNEL avg_pool_backward(Pool s, const float* dy, float* dx, float beta, Index inputs) {
  GRADUS_EACH(at, inputs) {
    Index plane = at / s.w / s.h;
    Range rows = over(at / s.w % s.h, s.kernel_h, s.stride_h, s.pad_h, s.out_h());
    Range columns = over(at % s.w, s.kernel_w, s.stride_w, s.pad_w, s.out_w());
    float sum = 0;
    for (int i = rows.from; i < rows.to; i++) {
      for (int j = columns.from; j < columns.to; j++) {
        int pixels = s.count_padding ? s.kernel_h * s.kernel_w
                                     : area(under(i, s.kernel_h, s.stride_h, s.pad_h, s.h),
                                            under(j, s.kernel_w, s.stride_w, s.pad_w, s.w));
        sum += dy[(plane * s.out_h() + i) * s.out_w() + j] / pixels;
      }
    }
    put(dx, at, beta, sum);
  }
}

GRADUS_KERNEL adaptive_avg_pool(AdaptivePool s, const float* x, float* y, Index outputs) {
  GRADUS_EACH(at, outputs) {
    Range rows = adaptive_under(at / s.out_w % s.out_h, s.out_h, s.h);
    Range columns = adaptive_under(at % s.out_w, s.out_w, s.w);
    y[at] = window_sum(x, at / s.out_w / s.out_h, s.h, s.w, rows, columns) / area(rows, columns);
  }
}

GRADUS_KERNEL adaptive_avg_pool_backward(AdaptivePool s, const float* dy, float* dx, float beta, Index inputs) {
  GRADUS_EACH(at, inputs) {
    Index plane = at / s.w / s.h;
    Range rows = adaptive_over(at / s.w % s.h, s.out_h, s.h);
    Range columns = adaptive_over(at % s.w, s.out_w, s.w);
    float sum = 0;
    for (int i = rows.from; i < rows.to; i++) {
      for (int j = columns.from; j < columns.to; j++) {
        int pixels = area(adaptive_under(i, s.out_h, s.h), adaptive_under(j, s.out_w, s.w));
        sum += dy[(plane * s.out_h + i) * s.out_w + j] / pixels;
      }
    }
    put(dx, at, beta, sum);
  }
}
