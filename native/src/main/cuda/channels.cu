// y[.][c][.] += b[c]
GRADUS_KERNEL add_bias(const float* b, Output y, int channels, int pixels, Index n) {
  GRADUS_EACH(i, n) put(y, i, 1, b[channel_of(i, channels, pixels)]);
}

// y[.][c][.] = bytes[.][c][.] * scales[c] + scales[channels + c]
GRADUS_KERNEL widen_bytes(const unsigned char* bytes, const float* scales, float* y, int channels, int pixels, Index n) {
  GRADUS_EACH(i, n) {
    int c = channel_of(i, channels, pixels);
    y[i] = fmaf(bytes[i], scales[c], scales[channels + c]);
  }
}

// partials[channels][slices]: the sum of each slice of each channel's elements. Block (channel, slice).
GRADUS_BLOCK_KERNEL partial_channel_sums(Input x, float* partials, int elements, int channels, int pixels) {
  Channel at = {(int)blockIdx.x, channels, pixels};
  float sum = 0;
  for (int i = blockIdx.y * kBlock + threadIdx.x; i < elements; i += gridDim.y * kBlock) sum += x[at(i)];
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x * (Index)gridDim.y + blockIdx.y] = sum;
}

// out[c] = beta out[c] + the sum over the slices of channel c
GRADUS_KERNEL finish_channel_sums(const float* partials, float* out, int slices, float beta, Index channels) {
  GRADUS_EACH(c, channels) {
    float sum = 0;
    for (int i = 0; i < slices; i++) sum += partials[c * slices + i];
    put(out, c, beta, sum);
  }
}

// The fields of gradus.backend.spec.ChannelCopySpec.
struct ChannelCopy {
  int n, pixels, channels, from_channels, from_offset, to_channels, to_offset;
};

GRADUS_KERNEL copy_channels(ChannelCopy s, const float* x, float* y, float beta, Index count) {
  GRADUS_EACH(i, count) {
    Index inside = (Index)s.channels * s.pixels;
    Index image = i / inside, rest = i % inside;
    put(y, (image * s.to_channels + s.to_offset) * s.pixels + rest, beta,
        x[(image * s.from_channels + s.from_offset) * s.pixels + rest]);
  }
}

// y[plane][pixels] = beta y + s[plane] x
GRADUS_KERNEL scale_channels(const float* x, const float* s, float* y, int pixels, float beta, Index n) {
  GRADUS_EACH(i, n) put(y, i, beta, s[plane_of(i, pixels)] * x[i]);
}

// out[plane] = beta out + the sum over pixels of a b. One thread per plane: planes are many and small.
GRADUS_KERNEL dot_channels(const float* a, const float* b, float* out, int pixels, float beta, Index planes) {
  GRADUS_EACH(plane, planes) {
    float sum = 0;
    for (Index i = plane * pixels; i < (plane + 1) * pixels; i++) sum += a[i] * b[i];
    put(out, plane, beta, sum);
  }
}

// Planes of h x w inside planes of padded_h x padded_w, at (top, left).
struct Frame {
  int h, w, padded_h, padded_w, top, left;
};

// y[plane][padded_h][padded_w] = x in its frame of zeros
GRADUS_KERNEL pad(Frame f, Input x, Output y, Index count) {
  GRADUS_EACH(i, count) {
    int column = i % f.padded_w - f.left;
    int row = i / f.padded_w % f.padded_h - f.top;
    Index plane = i / f.padded_w / f.padded_h;
    bool inside = row >= 0 && row < f.h && column >= 0 && column < f.w;
    put(y, i, 0, inside ? x[(plane * f.h + row) * f.w + column] : 0);
  }
}

// y[plane][h][w] = beta y + x without its frame
GRADUS_KERNEL crop(Frame f, Input x, Output y, float beta, Index count) {
  GRADUS_EACH(i, count) {
    int column = i % f.w;
    int row = i / f.w % f.h;
    Index plane = i / f.w / f.h;
    put(y, i, beta, x[(plane * f.padded_h + row + f.top) * f.padded_w + column + f.left]);
  }
}
