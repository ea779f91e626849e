// Convolution in the plain layout, for any specification: im2col into the worker's scratch and cblas_sgemm, one band of
// output rows at a time so that the column matrix stays in L2.
#pragma once
#include "blas.h"
#include "elementwise.h"
#include "window.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

// A convolution seen as matrix products per image and group: y[filters][pixels] = w[filters][taps] col[taps][pixels].
struct PlainConv {
  const Conv2dSpec& s;
  int outH, outW, channels, filters, taps, rows_per_band, bands;
  bool direct;  // 1x1, stride 1, no padding: x is the column matrix

  explicit PlainConv(const Conv2dSpec& s) : s(s) {
    outH = (s.h + s.padTop + s.padBottom - s.dilationH * (s.r - 1) - 1) / s.strideH + 1;
    outW = (s.w + s.padLeft + s.padRight - s.dilationW * (s.s - 1) - 1) / s.strideW + 1;
    channels = s.c / s.groups;
    filters = s.k / s.groups;
    taps = channels * s.r * s.s;
    direct = s.r == 1 && s.s == 1 && s.strideH == 1 && s.strideW == 1 && s.padTop == 0 && s.padLeft == 0 &&
             s.padBottom == 0 && s.padRight == 0;
    constexpr int64_t kColumnBytes = 512 << 10;
    int64_t fitting = kColumnBytes / (static_cast<int64_t>(taps) * outW * 4);
    rows_per_band = static_cast<int>(smaller<int64_t>(larger<int64_t>(fitting, 1), outH));
    bands = (outH + rows_per_band - 1) / rows_per_band;
  }

  int rows(int band) const { return smaller(rows_per_band, outH - band * rows_per_band); }
  size_t column_bytes() const { return static_cast<size_t>(taps) * rows_per_band * outW * 4; }
  const float* input(const float* x, int image, int group) const {
    return x + (static_cast<int64_t>(image) * s.c + static_cast<int64_t>(group) * channels) * s.h * s.w;
  }
  int64_t output_offset(int image, int group, int band) const {
    return ((static_cast<int64_t>(image) * s.k + static_cast<int64_t>(group) * filters) * outH +
            static_cast<int64_t>(band) * rows_per_band) *
           outW;
  }

  // The output columns [begin, end) whose tap kx falls inside the image.
  Window inside(int kx) const {
    int offset = kx * s.dilationW - s.padLeft;  // input column of output column 0
    int begin = offset >= 0 ? 0 : (-offset + s.strideW - 1) / s.strideW;
    int end = offset >= s.w ? 0 : (s.w - 1 - offset) / s.strideW + 1;
    begin = smaller(begin, outW);
    return {begin, larger(begin, smaller(end, outW))};
  }

  // Calls f(column row, input row or null, first input column, window) for each line of the column matrix of a band.
  template <class F>
  GRADUS_INLINE void for_lines(float* columns, const float* x, int band, const F& f) const {
    int count = rows(band);
    for (int c = 0; c < channels; c++) {
      for (int ky = 0; ky < s.r; ky++) {
        for (int kx = 0; kx < s.s; kx++) {
          Window window = inside(kx);
          for (int r = 0; r < count; r++, columns += outW) {
            int iy = (band * rows_per_band + r) * s.strideH + ky * s.dilationH - s.padTop;
            bool outside = iy < 0 || iy >= s.h;
            f(columns, outside ? nullptr : x + (static_cast<int64_t>(c) * s.h + iy) * s.w,
              kx * s.dilationW - s.padLeft, window);
          }
        }
      }
    }
  }

  void gather(const float* x, int band, float* columns) const {
    for_lines(columns, x, band, [&](float* line, const float* row, int offset, Window window) {
      if (row == nullptr) {
        memset(line, 0, static_cast<size_t>(outW) * 4);
        return;
      }
      for (int i = 0; i < window.begin; i++) line[i] = 0;
      if (s.strideW == 1) {
        memcpy(line + window.begin, row + window.begin + offset, static_cast<size_t>(window.end - window.begin) * 4);
      } else {
        for (int i = window.begin; i < window.end; i++) line[i] = row[i * s.strideW + offset];
      }
      for (int i = window.end; i < outW; i++) line[i] = 0;
    });
  }

  void scatter(float* columns, int band, float* dx) const {
    for_lines(columns, dx, band, [&](float* line, const float* row, int offset, Window window) {
      if (row == nullptr) return;
      float* to = const_cast<float*>(row);
      for (int i = window.begin; i < window.end; i++) to[i * s.strideW + offset] += line[i];
    });
  }
};

inline void conv2d_plain(Context& context, const Conv2dSpec& s, const float* x, const float* w, const float* b,
                         bool with_relu, float* y) {
  const PlainConv conv(s);
  const int pixels = conv.outH * conv.outW;
  parallel(context.pool, s.n * s.groups * conv.bands, [&](int task, int worker) {
    int band = task % conv.bands, group = task / conv.bands % s.groups, image = task / conv.bands / s.groups;
    const int width = conv.rows(band) * conv.outW;
    const float* input = conv.input(x, image, group);
    float* out = y + conv.output_offset(image, group, band);
    const float* columns = input + static_cast<int64_t>(band) * conv.rows_per_band * conv.outW;
    int stride = pixels;
    if (!conv.direct) {
      float* scratch = static_cast<float*>(context.pool.scratch(worker, conv.column_bytes()));
      conv.gather(input, band, scratch);
      columns = scratch;
      stride = width;
    }
    gemm(context, kAsIs, kAsIs, conv.filters, width, conv.taps,
         w + static_cast<int64_t>(group) * conv.filters * conv.taps, conv.taps, columns, stride, 0, out, pixels);
    if (b == nullptr && !with_relu) return;
    for (int k = 0; k < conv.filters; k++) {
      float* line = out + static_cast<int64_t>(k) * pixels;
      const float bias = b == nullptr ? 0 : b[group * conv.filters + k];
      along(0, width, [=](auto place) GRADUS_LAMBDA {
        V v = place(line) + bias;
        place.put(line, with_relu ? relu(v) : v);
      });
    }
  });
}

inline void conv2d_plain_data(Context& context, const Conv2dSpec& s, const float* w, const float* dy, float* dx,
                              float beta) {
  const PlainConv conv(s);
  const int pixels = conv.outH * conv.outW;
  parallel(context.pool, s.n * s.groups, [&](int task, int worker) {
    int group = task % s.groups, image = task / s.groups;
    float* out = const_cast<float*>(conv.input(dx, image, group));
    const float* weights = w + static_cast<int64_t>(group) * conv.filters * conv.taps;
    if (conv.direct) {
      gemm(context, kTransposed, kAsIs, conv.taps, pixels, conv.filters, weights, conv.taps,
           dy + conv.output_offset(image, group, 0), pixels, beta, out, pixels);
      return;
    }
    float* columns = static_cast<float*>(context.pool.scratch(worker, conv.column_bytes()));
    if (beta == 0) memset(out, 0, static_cast<size_t>(conv.channels) * s.h * s.w * 4);
    for (int band = 0; band < conv.bands; band++) {
      int width = conv.rows(band) * conv.outW;
      gemm(context, kTransposed, kAsIs, conv.taps, width, conv.filters, weights, conv.taps,
           dy + conv.output_offset(image, group, band), pixels, 0, columns, width);
      conv.scatter(columns, band, out);
    }
  });
}

// Images are summed in a fixed number of chunks, each into its own partial gradient, and these in order.
inline void conv2d_plain_weights(Context& context, const Conv2dSpec& s, const float* x, const float* dy, float* dw,
                                 float beta) {
  const PlainConv conv(s);
  const int pixels = conv.outH * conv.outW;
  const int64_t size = static_cast<int64_t>(s.k) * conv.taps, group_size = size / s.groups;
  constexpr int64_t kPartialBytes = 32 << 20;
  const int chunks = static_cast<int>(
      larger<int64_t>(1, smaller<int64_t>(smaller(s.n, 16), kPartialBytes / (size * 4))));
  float* partials = static_cast<float*>(context.pool.shared_scratch(static_cast<size_t>(chunks * size) * 4));
  parallel(context.pool, chunks * s.groups, [&](int task, int worker) {
    int group = task % s.groups, chunk = task / s.groups;
    float* partial = partials + chunk * size + group * group_size;
    float keep_old = 0;
    for (int image = s.n * chunk / chunks; image < s.n * (chunk + 1) / chunks; image++) {
      const float* input = conv.input(x, image, group);
      for (int band = 0; band < conv.bands; band++) {
        const int width = conv.rows(band) * conv.outW;
        const float* columns = input + static_cast<int64_t>(band) * conv.rows_per_band * conv.outW;
        int stride = pixels;
        if (!conv.direct) {
          float* scratch = static_cast<float*>(context.pool.scratch(worker, conv.column_bytes()));
          conv.gather(input, band, scratch);
          columns = scratch;
          stride = width;
        }
        gemm(context, kAsIs, kTransposed, conv.filters, conv.taps, width, dy + conv.output_offset(image, group, band),
             pixels, columns, stride, keep_old, partial, conv.taps);
        keep_old = 1;
      }
    }
  });
  for_ranges(context, size, kGrainFloats, [&](int64_t begin, int64_t end) {
    along(begin, end, [&](auto place) GRADUS_LAMBDA {
      V sum = beta == 0 ? V{} : place(dw);
      for (int chunk = 0; chunk < chunks; chunk++) sum += place(partials + chunk * size);
      place.put(dw, sum);
    });
  });
}

inline void conv2d_plain_bias(Context& context, const Conv2dSpec& s, const float* dy, float* db, float beta) {
  const PlainConv conv(s);
  const int64_t pixels = static_cast<int64_t>(conv.outH) * conv.outW;
  for_items(context, s.k, pixels * s.n, [&](int64_t k) {
    DoubleSum sum;
    for (int64_t image = 0; image < s.n; image++) {
      int64_t begin = (image * s.k + k) * pixels;
      along(begin, begin + pixels, [&](auto place) GRADUS_LAMBDA { sum.add(place(dy)); });
    }
    db[k] = static_cast<float>(sum.total() + (beta == 0 ? 0 : db[k]));
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
