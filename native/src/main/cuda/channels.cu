// y[.][c][.] += b[c] + residual, then through ReLU if asked; b and residual may be null. A NaN stays a NaN.
GRADUS_KERNEL add_bias(const float* b, const float* residual, int relu, Output y, int channels, int pixels, Index n) {
  each(take_fours(run_of(channels, pixels), residual, y), n, [&](auto width, Index i) {
    auto values = load(width, y.old(), i);
    if (b) {
      auto biases = of_channels(width, b, channel_of(i, channels, pixels), pixels);
      for (int k = 0; k < width.value; k++) values.v[k] += biases.v[k];
    }
    put_activated(y, i, values, of_floats(residual), relu);
  });
}

// y[n][c][row][column] = bytes[n][c][row][column] * scales[c] + scales[channels + c]; the bytes lie channels first.
GRADUS_KERNEL widen_bytes(Images images, const unsigned char* bytes, const float* scales, float* y, Index n) {
  int channels = images.channels, pixels = images.h * images.w;
  if (images.last) {
    GRADUS_EACH(i, n) {
      int c = channel_of(i, channels, 1);
      y[i] = fmaf(bytes[images.logical(i)], scales[c], scales[channels + c]);
    }
    return;
  }
  each(take_fours(pixels, y), n, [&](auto width, Index i) {
    int c = channel_of(i, channels, pixels);
    Lanes<width.value> values;
    for (int k = 0; k < width.value; k++) values.v[k] = fmaf(bytes[i + k], scales[c], scales[channels + c]);
    put(y, i, 0, values);
  });
}

__device__ inline void channel_sums_of_rows(Input x, float* partials, float* out, float beta, int rows, int channels) {
  with_width(take_fours(channels, x), [&](auto width) {
    constexpr int W = width.value;
    Tile<W> tile(rows, channels);
    Lanes<W> sum = {};
    tile.each_row_ahead([&](auto& places) {
      for (auto& values : load(width, x, places).at) {
        for (int k = 0; k < W; k++) sum.v[k] += values.v[k];
      }
    });
    sum = tile.sum(sum);
    tile.each_result([&](int c, int k) {
      if (gridDim.y == 1) {
        put(out, c, beta, sum.v[k]);
      } else {
        partials[c * (Index)gridDim.y + blockIdx.y] = sum.v[k];
      }
    });
  });
}

// partials[channels][slices]: the sum of each slice of each channel's elements; with one slice, out[c] = beta out[c] + it. Block (channel, slice); with
// one pixel, block (tile, slice).
GRADUS_BLOCK_KERNEL partial_channel_sums(Input x, float* partials, float* out, float beta, int elements, int channels,
                                         int pixels) {
  if (pixels == 1) return channel_sums_of_rows(x, partials, out, beta, elements, channels);
  Channel at = {(int)blockIdx.x, channels, pixels};
  float sum = 0;
  each_of_channel_ahead(take_fours(pixels, x), elements, at, [&](auto width, auto& places) {
    for (auto& values : load(width, x, places).at) {
      for (float value : values.v) sum += value;
    }
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

// y[n][channels][pixels] = beta y + s[n][channels] x
GRADUS_KERNEL scale_channels(const float* x, const float* s, float* y, int channels, int pixels, int last, float beta, Index n) {
  GRADUS_EACH(i, n) {
    Index factor = plane_of(i, pixels);
    if (last) factor = quotient(i, channels * pixels) * channels + channel_of(i, channels, 1);
    put(y, i, beta, s[factor] * x[i]);
  }
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

// The channels of one of several images [pixels][channels], kTile to a block: block image tiles + tile.
struct ImageTile {
  int tile;
  Index result, first;  // of the image: where it has one number for each channel, and where it has all

  __device__ ImageTile(int channels, int pixels) {
    unsigned tiles = (channels + kTile - 1) / kTile;
    tile = (int)(blockIdx.x % tiles);
    result = (Index)(blockIdx.x / tiles) * channels;
    first = result * pixels;
  }
};

// dot_channels of [N][pixels][channels].
GRADUS_BLOCK_KERNEL dot_channels_last(const float* a, const float* b, float* out, int channels, int pixels, float beta) {
  ImageTile at(channels, pixels);
  with_width(take_fours(channels, a, b), [&](auto width) {
    constexpr int W = width.value;
    Tile<W> tile(at.tile, channels, 0, pixels);
    Lanes<W> sum = {};
    tile.each_row_ahead([&](auto& places) {
      auto left = load(width, of_floats(a + at.first), places), right = load(width, of_floats(b + at.first), places);
      int p = 0;
      for (const Lanes<W>& values : left.at) {
        for (int k = 0; k < W; k++) sum.v[k] += values.v[k] * right.at[p].v[k];
        p++;
      }
    });
    sum = tile.sum(sum);
    tile.each_result([&](int c, int k) { put(out, at.result + c, beta, sum.v[k]); });
  });
}

// plane_means of [N][pixels][channels].
GRADUS_BLOCK_KERNEL plane_means_last(const float* x, float* y, int channels, int pixels) {
  ImageTile at(channels, pixels);
  with_width(take_fours(channels, x), [&](auto width) {
    constexpr int W = width.value;
    Tile<W> tile(at.tile, channels, 0, pixels);
    Lanes<W> sum = {};
    tile.each_row_ahead([&](auto& places) {
      for (auto& values : load(width, of_floats(x + at.first), places).at) {
        for (int k = 0; k < W; k++) sum.v[k] += values.v[k];
      }
    });
    sum = tile.sum(sum);
    tile.each_result([&](int c, int k) { y[at.result + c] = sum.v[k] / pixels; });
  });
}

// y = beta y + x, so many rows down and columns right, in another layout or type; what x does not have is zero.
GRADUS_KERNEL move_images(Images from, Images to, int down, int right, Input x, Output y, float beta, Index count) {
  GRADUS_EACH(i, count) {
    Place at = to.place_of(i);
    int row = at.row - down, column = at.column - right;
    bool inside = row >= 0 && row < from.h && column >= 0 && column < from.w;
    put(y, i, beta, inside ? x[from.plane(at)(row, column)] : 0);
  }
}
