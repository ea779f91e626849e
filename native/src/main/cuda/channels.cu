// y[.][c][.] += b[c] + residual, then through ReLU if asked; b and residual may be null. A NaN stays a NaN.
GRADUS_KERNEL add_bias(const float* b, const float* residual, int relu, Output y, int channels, int pixels, Index n) {
  each(take_fours(pixels, residual, y), n, [&](auto width, Index i) {
    float bias = b ? b[channel_of(i, channels, pixels)] : 0;
    auto values = load(width, y.old(), i);
    for (float& value : values.v) value += bias;
    put_activated(y, i, values, of_floats(residual), relu);
  });
}

// y[.][c][.] = bytes[.][c][.] * scales[c] + scales[channels + c]
GRADUS_KERNEL widen_bytes(const unsigned char* bytes, const float* scales, float* y, int channels, int pixels, Index n) {
  each(take_fours(pixels, y), n, [&](auto width, Index i) {
    int c = channel_of(i, channels, pixels);
    Lanes<width.value> values;
    for (int k = 0; k < width.value; k++) values.v[k] = fmaf(bytes[i + k], scales[c], scales[channels + c]);
    put(y, i, 0, values);
  });
}

// partials[channels][slices]: the sum of each slice of each channel's elements; with one slice, out[c] = beta out[c] + it. Block (channel, slice).
GRADUS_BLOCK_KERNEL partial_channel_sums(Input x, float* partials, float* out, float beta, int elements, int channels,
                                         int pixels) {
  Channel at = {(int)blockIdx.x, channels, pixels};
  float sum = 0;
  each_of_channel(take_fours(pixels, x), elements, [&](auto width, unsigned i) {
    for (float value : load(width, x, at(i)).v) sum += value;
  });
  sum = block_sum(sum);
  if (threadIdx.x != 0) return;
  if (gridDim.y == 1) {
    put(out, blockIdx.x, beta, sum);
  } else {
    partials[blockIdx.x * (Index)gridDim.y + blockIdx.y] = sum;
  }
}

// out[c] = beta out[c] + the sum over the slices, at most kBlock, of channel c. Block c.
GRADUS_BLOCK_KERNEL finish_channel_sums(const float* partials, float* out, int slices, float beta) {
  int c = blockIdx.x, slice = threadIdx.x;
  float sum = block_sum(slice < slices ? partials[(Index)c * slices + slice] : 0);
  if (slice == 0) put(out, c, beta, sum);
}

// The fields of gradus.backend.spec.ChannelCopySpec.
struct ChannelCopy {
  int n, pixels, channels, from_channels, from_offset, to_channels, to_offset;
};

GRADUS_KERNEL copy_channels(ChannelCopy s, const float* x, float* y, float beta, Index count) {
  GRADUS_EACH(i, count) {
    int inside = s.channels * s.pixels;
    Index image = quotient(i, inside), rest = i - image * inside;
    put(y, (image * s.to_channels + s.to_offset) * s.pixels + rest, beta,
        x[(image * s.from_channels + s.from_offset) * s.pixels + rest]);
  }
}

// y[plane][pixels] = beta y + s[plane] x
GRADUS_KERNEL scale_channels(const float* x, const float* s, float* y, int pixels, float beta, Index n) {
  GRADUS_EACH(i, n) put(y, i, beta, s[plane_of(i, pixels)] * x[i]);
}

// out[plane] = beta out + the sum over pixels of a b. A warp for each plane.
GRADUS_BLOCK_KERNEL dot_channels(const float* a, const float* b, float* out, int pixels, float beta, Index planes) {
  GRADUS_EACH_ROW(plane, planes) {
    int lane = threadIdx.x % kWarp;
    float sum = 0;
    for (int i = lane; i < pixels && plane < planes; i += kWarp) sum += a[plane * pixels + i] * b[plane * pixels + i];
    sum = warp_sum(sum);
    if (lane == 0 && plane < planes) put(out, plane, beta, sum);
  }
}

// y[plane] = the mean over its pixels. A warp for each plane.
GRADUS_BLOCK_KERNEL plane_means(const float* x, float* y, int pixels, Index planes) {
  GRADUS_EACH_ROW(plane, planes) {
    int lane = threadIdx.x % kWarp;
    float sum = 0;
    for (int i = lane; i < pixels && plane < planes; i += kWarp) sum += x[plane * pixels + i];
    sum = warp_sum(sum);
    if (lane == 0 && plane < planes) y[plane] = sum / pixels;
  }
}

// Planes of h x w inside planes of padded_h x padded_w, at (top, left).
struct Frame {
  int h, w, padded_h, padded_w, top, left;
};

// y[plane][padded_h][padded_w] = x in its frame of zeros
GRADUS_KERNEL pad(Frame f, Input x, Output y, Index count) {
  GRADUS_EACH(i, count) {
    Place at = place_of(i, f.padded_h, f.padded_w);
    int row = at.row - f.top, column = at.column - f.left;
    bool inside = row >= 0 && row < f.h && column >= 0 && column < f.w;
    put(y, i, 0, inside ? x[(at.plane * f.h + row) * f.w + column] : 0);
  }
}

// y[plane][h][w] = beta y + x without its frame
GRADUS_KERNEL crop(Frame f, Input x, Output y, float beta, Index count) {
  GRADUS_EACH(i, count) {
    Place at = place_of(i, f.h, f.w);
    put(y, i, beta, x[(at.plane * f.padded_h + at.row + f.top) * f.padded_w + at.column + f.left]);
  }
}
