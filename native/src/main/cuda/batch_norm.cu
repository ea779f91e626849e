// moments[channels][slices][4]: of each slice of each channel the count, one of its elements, the distance of the mean from that element, and the
// sum of squared distances from the mean. Block (channel, slice).
GRADUS_BLOCK_KERNEL partial_moments(Input x, float* moments, int elements, int channels, int pixels) {
  Channel at = {(int)blockIdx.x, channels, pixels};
  int length = (elements + gridDim.y - 1) / gridDim.y;
  int first = blockIdx.y * length;
  int last = first + length < elements ? first + length : elements;
  float count = last > first ? last - first : 0;
  float pivot = count > 0 ? x[at(first)] : 0;
  float sum = 0;
  for (int i = first + threadIdx.x; i < last; i += kBlock) sum += x[at(i)] - pivot;
  sum = block_sum(sum);
  float distance = count > 0 ? sum / count : 0;
  float squares = 0;
  for (int i = first + threadIdx.x; i < last; i += kBlock) {
    float centred = x[at(i)] - pivot - distance;
    squares += centred * centred;
  }
  squares = block_sum(squares);
  if (threadIdx.x == 0) {
    float* out = moments + (blockIdx.x * (Index)gridDim.y + blockIdx.y) * 4;
    out[0] = count;
    out[1] = pivot;
    out[2] = distance;
    out[3] = squares;
  }
}

// Joins the slices (Chan et al.), saves the batch's mean and 1/sqrt(variance + epsilon), moves the running statistics. What rounding takes from the
// mean is kept in mean_rest: it counts where the mean is far from zero.
GRADUS_KERNEL finish_moments(const float* moments, int slices, float momentum, float epsilon, float* running_mean,
                             float* running_var, float* saved_mean, float* saved_inv_std, float* mean_rest,
                             Index channels) {
  GRADUS_EACH(c, channels) {
    double count = 0, mean = 0, squares = 0;
    for (int i = 0; i < slices; i++) {
      const float* slice = moments + (c * slices + i) * 4;
      if (slice[0] == 0) continue;
      double distance = (double)slice[1] + slice[2] - mean, total = count + slice[0];
      mean += distance * (slice[0] / total);
      squares += slice[3] + distance * distance * (count * (slice[0] / total));
      count = total;
    }
    double variance = squares / count;
    double unbiased = count > 1 ? squares / (count - 1) : variance;
    saved_mean[c] = (float)mean;
    saved_inv_std[c] = (float)(1 / sqrt(variance + epsilon));
    mean_rest[c] = (float)(mean - saved_mean[c]);
    running_mean[c] = (float)((1 - (double)momentum) * running_mean[c] + momentum * mean);
    running_var[c] = (float)((1 - (double)momentum) * running_var[c] + momentum * unbiased);
  }
}

// inv_std[c] = 1/sqrt(var[c] + epsilon)
GRADUS_KERNEL inverse_deviation(const float* var, float epsilon, float* inv_std, Index channels) {
  GRADUS_EACH(c, channels) inv_std[c] = 1 / sqrtf(var[c] + epsilon);
}

// y = gamma (x - mean - mean_rest) inv_std + beta, plus the residual, through ReLU if asked; mean_rest and residual may be null.
GRADUS_KERNEL normalize(Input x, const float* gamma, const float* beta, const float* mean, const float* mean_rest,
                        const float* inv_std, Input residual, int relu, Output y, int channels, int pixels, Index n) {
  GRADUS_EACH(i, n) {
    int c = channel_of(i, channels, pixels);
    float centred = mean_rest ? x[i] - mean[c] - mean_rest[c] : x[i] - mean[c];
    float value = gamma[c] * centred * inv_std[c] + beta[c];
    if (residual) value += residual[i];
    put(y, i, 0, relu && value <= 0 ? 0 : value);
  }
}

// The gradient behind a ReLU of output y; y is null without one.
__device__ inline float open_gradient(Input y, Input dy, Index i) { return !y || y[i] > 0 ? dy[i] : 0; }

// partials[2][channels][slices]: sums of dy and of dy times the normalised x. Block (channel, slice).
GRADUS_BLOCK_KERNEL partial_normalize_sums(Input x, Input y, const float* mean, const float* inv_std, Input dy,
                                           float* partials, int elements, int channels, int pixels) {
  int c = blockIdx.x;
  Channel at = {c, channels, pixels};
  float sum = 0, product = 0;
  for (int i = blockIdx.y * kBlock + threadIdx.x; i < elements; i += gridDim.y * kBlock) {
    Index e = at(i);
    float gradient = open_gradient(y, dy, e);
    sum += gradient;
    product += gradient * (x[e] - mean[c]) * inv_std[c];
  }
  sum = block_sum(sum);
  product = block_sum(product);
  if (threadIdx.x == 0) {
    Index out = c * (Index)gridDim.y + blockIdx.y;
    partials[out] = sum;
    partials[(Index)channels * gridDim.y + out] = product;
  }
}

// dx = dx_beta dx + gamma inv_std (dy - mean(dy) - xhat mean(dy xhat)); sums is [2][channels]. With y, dy passes a ReLU first; d_residual, unless
// null, takes that gradient. dx may be null.
GRADUS_KERNEL normalize_backward(Input x, Input y, const float* gamma, const float* mean, const float* inv_std, Input dy,
                                 const float* sums, Output dx, float dx_beta, Output d_residual, float d_residual_beta,
                                 int elements, int channels, int pixels, Index n) {
  GRADUS_EACH(i, n) {
    int c = channel_of(i, channels, pixels);
    float gradient = open_gradient(y, dy, i);
    if (d_residual) put(d_residual, i, d_residual_beta, gradient);
    if (dx) {
      float normalized = (x[i] - mean[c]) * inv_std[c];
      float centred = gradient - sums[c] / elements - normalized * (sums[channels + c] / elements);
      put(dx, i, dx_beta, gamma[c] * inv_std[c] * centred);
    }
  }
}
