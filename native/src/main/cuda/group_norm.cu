// Group normalisation: each group of channels of each image by its own mean and deviation. A block has a group of an image.

// The fields of gradus.backend.spec.GroupNormSpec that count, and whether the images lie channels last.
struct Groups {
  int channels, pixels, groups, last;

  __device__ int width() const { return channels / groups; }  // channels of a group
};

// The elements of one group of one image, in the order in which they lie.
struct GroupOfImage {
  Index first;
  int channel, width, all, pixels, last;

  __device__ GroupOfImage(Groups s, Index run)
      : width(s.width()), all(s.channels), pixels(s.pixels), last(s.last) {
    Index image = quotient(run, s.groups);
    channel = (int)(run - image * s.groups) * width;
    first = last ? image * pixels * all + channel : (image * all + channel) * pixels;
  }

  __device__ unsigned elements() const { return (unsigned)width * pixels; }
  __device__ Index operator()(unsigned i) const { return last ? first + (Index)(i / width) * all + i % width : first + i; }
  __device__ int channel_at(unsigned i) const { return channel + (int)(last ? i % width : i / pixels); }
};

// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, and saves the mean and 1/sqrt(..) [N][groups]. Block (image, group).
GRADUS_BLOCK_KERNEL group_norm(Groups s, const float* x, const float* gamma, const float* beta, float* y, float* saved_mean,
                               float* saved_inv_std, float epsilon) {
  GroupOfImage at(s, blockIdx.x);
  unsigned count = at.elements(), thread = threadIdx.x;
  // Distances from a number amid the others lose nothing where the mean is far from zero: from the mean of the first ones.
  float pivot = block_sum(thread < count ? x[at(thread)] : 0) / (count < kBlock ? count : kBlock);
  float sum = 0, squares = 0;
  for (unsigned i = thread; i < count; i += kBlock) {
    float distance = x[at(i)] - pivot;
    sum += distance;
    squares += distance * distance;
  }
  double distance = (double)block_sum(sum) / count, variance = (double)block_sum(squares) / count - distance * distance;
  double mean = pivot + distance;
  float middle = (float)mean, rest = (float)(mean - middle), scale = (float)(1 / sqrt((variance < 0 ? 0 : variance) + epsilon));
  if (thread == 0) {
    saved_mean[blockIdx.x] = middle;
    saved_inv_std[blockIdx.x] = scale;
  }
  for (unsigned i = thread; i < count; i += kBlock) {
    int c = at.channel_at(i);
    y[at(i)] = gamma[c] * (x[at(i)] - middle - rest) * scale + beta[c];
  }
}

// dx = dx_beta dx + inv_std (g - mean(g) - xhat mean(g xhat)) with g = gamma dy; dx may be dy. Block (image, group).
GRADUS_BLOCK_KERNEL group_norm_backward(Groups s, const float* x, const float* gamma, const float* mean, const float* inv_std,
                                        const float* dy, float* dx, float dx_beta) {
  GroupOfImage at(s, blockIdx.x);
  unsigned count = at.elements(), thread = threadIdx.x;
  float middle = mean[blockIdx.x], scale = inv_std[blockIdx.x], sum = 0, product = 0;
  for (unsigned i = thread; i < count; i += kBlock) {
    float gradient = gamma[at.channel_at(i)] * dy[at(i)];
    sum += gradient;
    product += gradient * (x[at(i)] - middle) * scale;
  }
  sum = block_sum(sum) / count;
  product = block_sum(product) / count;
  for (unsigned i = thread; i < count; i += kBlock) {
    Index e = at(i);
    put(dx, e, dx_beta, scale * (gamma[at.channel_at(i)] * dy[e] - sum - (x[e] - middle) * scale * product));
  }
}

__device__ inline void group_norm_sums_of_rows(Groups s, const float* x, const float* mean, const float* inv_std,
                                               const float* dy, float* partials, int rows) {
  with_width(take_fours(s.channels, x, dy), [&](auto width) {
    constexpr int W = width.value;
    Tile<W> tile(rows, s.channels);
    Lanes<W> sum = {}, product = {};
    tile.each_row([&](Index i) {
      Lanes<W> gradients = load(width, dy, i), values = load(width, x, i);
      Index first = quotient(quotient(i, s.channels), s.pixels) * s.groups;
      for (int k = 0; k < W; k++) {
        Index group = first + (tile.channel + k) / s.width();
        sum.v[k] += gradients.v[k];
        product.v[k] += gradients.v[k] * (values.v[k] - mean[group]) * inv_std[group];
      }
    });
    sum = tile.sum(sum);
    product = tile.sum(product);
    tile.each_result([&](int c, int k) { put_partials(partials, s.channels, c, sum.v[k], product.v[k]); });
  });
}

// partials[2][channels][slices]: sums of dy and of dy times the normalised x, over so many elements of each channel. Block (channel, slice);
// where channels lie side by side, block (tile, slice). finish_normalize_sums adds the slices up.
GRADUS_BLOCK_KERNEL partial_group_norm_sums(Groups s, const float* x, const float* mean, const float* inv_std, const float* dy,
                                            float* partials, int elements) {
  if (s.last || s.pixels == 1) return group_norm_sums_of_rows(s, x, mean, inv_std, dy, partials, elements);
  int c = blockIdx.x, offset = c / s.width();
  Channel at = {c, s.channels, s.pixels};
  float sum = 0, product = 0;
  each_of_channel(take_fours(s.pixels, x, dy), elements, [&](auto width, unsigned i) {
    Index e = at(i), group = (Index)(i / s.pixels) * s.groups + offset;
    auto gradients = load(width, dy, e), values = load(width, x, e);
    for (int k = 0; k < width.value; k++) {
      sum += gradients.v[k];
      product += gradients.v[k] * (values.v[k] - mean[group]) * inv_std[group];
    }
  });
  sum = block_sum(sum);
  product = block_sum(product);
  if (threadIdx.x == 0) put_partials(partials, s.channels, c, sum, product);
}
