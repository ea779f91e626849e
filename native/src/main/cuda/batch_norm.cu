// moments[channels][slices][4]: of each slice of each channel the count, a number amid its elements, the distance of the mean from that number, and the
// sum of squared distances from the mean. sum and squares are of distances from that number, the pivot.
__device__ inline void put_moments(float* moments, int channel, float count, float pivot, float sum, float squares) {
  float* out = moments + (channel * (Index)gridDim.y + blockIdx.y) * 4;
  float distance = count > 0 ? sum / count : 0;
  float spread = (float)(squares - (double)sum * distance);
  out[0] = count;
  out[1] = pivot;
  out[2] = distance;
  out[3] = spread < 0 ? 0 : spread;
}

__device__ inline void moments_of_rows(Input x, float* moments, int rows, int channels) {
  with_width(take_fours(channels, x), [&](auto width) {
    constexpr int W = width.value;
    Tile<W> tile(rows, channels);
    float count = tile.last - tile.first, sampled = count < tile.step ? count : tile.step;
    bool samples = tile.channel < channels && tile.row < tile.last;
    Lanes<W> pivot = {}, sum = {}, squares = {};
    if (samples) pivot = load(width, x, (Index)tile.row * channels + tile.channel);
    pivot = tile.sum(pivot);
    for (float& value : pivot.v) value = sampled > 0 ? value / sampled : 0;
    tile.each_row_ahead([&](auto& places) {
      for (auto& values : load(width, x, places).at) {
        for (int k = 0; k < W; k++) {
          float distance = values.v[k] - pivot.v[k];
          sum.v[k] += distance;
          squares.v[k] += distance * distance;
        }
      }
    });
    sum = tile.sum(sum);
    squares = tile.sum(squares);
    tile.each_result([&](int c, int k) {
      put_moments(moments, c, count, pivot.v[k], sum.v[k], squares.v[k]);
    });
  });
}

// Block (channel, slice); with one pixel, block (tile, slice).
GRADUS_BLOCK_KERNEL partial_moments(Input x, float* moments, int elements, int channels, int pixels) {
  if (pixels == 1) return moments_of_rows(x, moments, elements, channels);
  Channel at = {(int)blockIdx.x, channels, pixels};
  unsigned length = (elements + gridDim.y * 4 - 1) / (gridDim.y * 4) * 4;
  unsigned first = blockIdx.y * length;
  unsigned last = first + length < (unsigned)elements ? first + length : elements;
  float count = last > first ? last - first : 0;
  // Distances from a number amid the others lose nothing where the mean is far from zero: from the mean of the first ones.
  float sampled = count < kBlock ? count : kBlock;
  float pivot = block_sum(threadIdx.x < sampled ? x[at(first + threadIdx.x)] : 0);
  pivot = sampled > 0 ? pivot / sampled : 0;
  float sum = 0, squares = 0;
  each_between_ahead<unsigned>(take_fours(pixels, x), first, last, threadIdx.x, kBlock, at, [&](auto width, auto& places) {
    for (auto& values : load(width, x, places).at) {
      for (float value : values.v) {
        sum += value - pivot;
        squares += (value - pivot) * (value - pivot);
      }
    }
  });
  sum = block_sum(sum);
  squares = block_sum(squares);
  if (threadIdx.x == 0) put_moments(moments, blockIdx.x, count, pivot, sum, squares);
}

struct Moments {
  double count, mean, squares;  // of distances from the mean
};

__device__ inline Moments joined(Moments a, Moments b) {
  if (b.count == 0) return a;
  double distance = b.mean - a.mean, total = a.count + b.count, share = b.count / total;
  return {total, a.mean + distance * share, a.squares + b.squares + distance * distance * a.count * share};
}

// Joins the slices, at most kMostSlices (Chan et al.), saves the batch's mean and 1/sqrt(variance + epsilon), moves the running statistics. What
// rounding takes from the mean is kept in mean_rest: it counts where the mean is far from zero. Block c.
constexpr int kMostSlices = kBlock;

GRADUS_BLOCK_KERNEL finish_moments(const float* moments, int slices, float momentum, float epsilon, float* running_mean,
                                   float* running_var, float* saved_mean, float* saved_inv_std, float* mean_rest) {
  __shared__ Moments parts[kMostSlices];
  int c = blockIdx.x, slice = threadIdx.x;
  const float* part = moments + ((Index)c * slices + slice) * 4;
  parts[slice] = slice < slices ? Moments{part[0], (double)part[1] + part[2], part[3]} : Moments{0, 0, 0};
  __syncthreads();
  for (int half = kMostSlices / 2; half > 0; half /= 2) {
    if (slice < half) parts[slice] = joined(parts[slice], parts[slice + half]);
    __syncthreads();
  }
  if (slice != 0) return;
  Moments all = parts[0];
  double variance = all.squares / all.count;
  double unbiased = all.count > 1 ? all.squares / (all.count - 1) : variance;
  saved_mean[c] = (float)all.mean;
  saved_inv_std[c] = (float)(1 / sqrt(variance + epsilon));
  mean_rest[c] = (float)(all.mean - saved_mean[c]);
  running_mean[c] = (float)((1 - (double)momentum) * running_mean[c] + momentum * all.mean);
  running_var[c] = (float)((1 - (double)momentum) * running_var[c] + momentum * unbiased);
}

// inv_std[c] = 1/sqrt(var[c] + epsilon)
GRADUS_KERNEL inverse_deviation(const float* var, float epsilon, float* inv_std, Index channels) {
  GRADUS_EACH(c, channels) inv_std[c] = 1 / sqrtf(var[c] + epsilon);
}

// y = gamma (x - mean - mean_rest) inv_std + beta, plus the residual, through ReLU if asked; mean_rest and residual may be null.
GRADUS_KERNEL normalize(Input x, const float* gamma, const float* beta, const float* mean, const float* mean_rest,
                        const float* inv_std, Input residual, int relu, Output y, int channels, int pixels, Index n) {
  each(take_fours(run_of(channels, pixels), x, residual, y), n, [&](auto width, Index i) {
    int c = channel_of(i, channels, pixels);
    auto of = [&](const float* p) { return of_channels(width, p, c, pixels); };
    auto values = load(width, x, i), middle = of(mean), weight = of(gamma), scale = of(inv_std), bias = of(beta);
    Lanes<width.value> rest = {};
    if (mean_rest) rest = of(mean_rest);
    for (int k = 0; k < width.value; k++) {
      values.v[k] = weight.v[k] * (values.v[k] - middle.v[k] - rest.v[k]) * scale.v[k] + bias.v[k];
    }
    put_activated(y, i, values, residual, relu);
  });
}

// The gradients behind a ReLU of output y; y is null without one.
template <int W, int K>
__device__ inline Several<W, K> open_gradients(Width<W> width, Input y, Input dy, const Index (&places)[K]) {
  Several<W, K> gradients = load(width, dy, places);
  if (y) {
    Several<W, K> outputs = load(width, y, places);
    for (int p = 0; p < K; p++) {
      for (int k = 0; k < W; k++) gradients.at[p].v[k] = outputs.at[p].v[k] > 0 ? gradients.at[p].v[k] : 0;
    }
  }
  return gradients;
}

template <int W>
__device__ inline Lanes<W> open_gradients(Width<W> width, Input y, Input dy, Index i) {
  const Index place[] = {i};
  return open_gradients(width, y, dy, place).at[0];
}

// partials[2][channels][slices]: of this slice of a channel, the sums of dy and of dy times the normalised x.
__device__ inline void put_partials(float* partials, int channels, int channel, float sum, float product) {
  Index out = channel * (Index)gridDim.y + blockIdx.y;
  partials[out] = sum;
  partials[(Index)channels * gridDim.y + out] = product;
}

__device__ inline void normalize_sums_of_rows(Input x, Input y, const float* mean, const float* inv_std, Input dy,
                                              float* partials, int rows, int channels) {
  with_width(take_fours(channels, x, y, dy), [&](auto width) {
    constexpr int W = width.value;
    Tile<W> tile(rows, channels);
    Lanes<W> middle = {}, scale = {}, sum = {}, product = {};
    if (tile.channel < channels) {
      middle = of_channels(width, mean, tile.channel, 1);
      scale = of_channels(width, inv_std, tile.channel, 1);
    }
    tile.each_row_ahead([&](auto& places) {
      auto gradients = open_gradients(width, y, dy, places);
      auto values = load(width, x, places);
      int p = 0;
      for (const Lanes<W>& gradient : gradients.at) {
        for (int k = 0; k < W; k++) {
          sum.v[k] += gradient.v[k];
          product.v[k] += gradient.v[k] * (values.at[p].v[k] - middle.v[k]) * scale.v[k];
        }
        p++;
      }
    });
    sum = tile.sum(sum);
    product = tile.sum(product);
    tile.each_result([&](int c, int k) { put_partials(partials, channels, c, sum.v[k], product.v[k]); });
  });
}

// partials[2][channels][slices]: sums of dy and of dy times the normalised x. Block (channel, slice); with one
// pixel, block (tile, slice).
GRADUS_BLOCK_KERNEL partial_normalize_sums(Input x, Input y, const float* mean, const float* inv_std, Input dy,
                                           float* partials, int elements, int channels, int pixels) {
  if (pixels == 1) return normalize_sums_of_rows(x, y, mean, inv_std, dy, partials, elements, channels);
  int c = blockIdx.x;
  Channel at = {c, channels, pixels};
  float middle = mean[c], scale = inv_std[c], sum = 0, product = 0;
  each_of_channel_ahead(take_fours(pixels, x, y, dy), elements, at, [&](auto width, auto& places) {
    auto gradients = open_gradients(width, y, dy, places);
    auto values = load(width, x, places);
    int p = 0;
    for (auto& gradient : gradients.at) {
      for (int k = 0; k < width.value; k++) {
        sum += gradient.v[k];
        product += gradient.v[k] * (values.at[p].v[k] - middle) * scale;
      }
      p++;
    }
  });
  sum = block_sum(sum);
  product = block_sum(product);
  if (threadIdx.x == 0) put_partials(partials, channels, c, sum, product);
}

// sums[2][channels], over the slices, at most kBlock; dbeta and dgamma are beta times what they were plus these. Block c.
GRADUS_BLOCK_KERNEL finish_normalize_sums(const float* partials, int slices, float* sums, float* dbeta, float* dgamma,
                                          float beta) {
  int c = blockIdx.x, slice = threadIdx.x, channels = gridDim.x;
  Index at = (Index)c * slices + slice;
  float sum = block_sum(slice < slices ? partials[at] : 0);
  float product = block_sum(slice < slices ? partials[(Index)channels * slices + at] : 0);
  if (slice != 0) return;
  sums[c] = sum;
  sums[channels + c] = product;
  put(dbeta, c, beta, sum);
  put(dgamma, c, beta, product);
}

// dx = dx_beta dx + gamma inv_std (dy - mean(dy) - xhat mean(dy xhat)); sums is [2][channels]. With y, dy passes a ReLU first; d_residual, unless
// null, takes that gradient. dx may be null.
GRADUS_KERNEL normalize_backward(Input x, Input y, const float* gamma, const float* mean, const float* inv_std, Input dy,
                                 const float* sums, Output dx, float dx_beta, Output d_residual, float d_residual_beta,
                                 int elements, int channels, int pixels, Index n) {
  each(take_fours(run_of(channels, pixels), x, y, dy, dx, d_residual), n, [&](auto width, Index i) {
    auto gradients = open_gradients(width, y, dy, i);
    if (d_residual) put(d_residual, i, d_residual_beta, gradients);
    if (dx) {
      int c = channel_of(i, channels, pixels);
      auto of = [&](const float* p) { return of_channels(width, p, c, pixels); };
      auto values = load(width, x, i), middle = of(mean), scale = of(inv_std), weight = of(gamma);
      auto sum = of(sums), product = of(sums + channels);
      for (int k = 0; k < width.value; k++) {
        float normalized = (values.v[k] - middle.v[k]) * scale.v[k];
        float slope = gradients.v[k] - sum.v[k] / elements - normalized * (product.v[k] / elements);
        values.v[k] = weight.v[k] * scale.v[k] * slope;
      }
      put(dx, i, dx_beta, values);
    }
  });
}

// dx = dx_beta dx + gamma dy / sqrt(var + epsilon), the gradients of constant statistics; y, d_residual and null as in normalize_backward.
GRADUS_KERNEL normalize_fixed_backward(Input y, const float* gamma, const float* var, float epsilon, Input dy, Output dx, float dx_beta,
                                       Output d_residual, float d_residual_beta, int channels, int pixels, Index n) {
  each(take_fours(run_of(channels, pixels), y, dy, dx, d_residual), n, [&](auto width, Index i) {
    auto gradients = open_gradients(width, y, dy, i);
    if (d_residual) put(d_residual, i, d_residual_beta, gradients);
    if (dx) {
      int c = channel_of(i, channels, pixels);
      auto weight = of_channels(width, gamma, c, pixels), spread = of_channels(width, var, c, pixels);
      for (int k = 0; k < width.value; k++) gradients.v[k] *= weight.v[k] / sqrtf(spread.v[k] + epsilon);
      put(dx, i, dx_beta, gradients);
    }
  });
}
