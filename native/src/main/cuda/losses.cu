// total = the sum of the labels' class weights. One block.
GRADUS_BLOCK_KERNEL label_weights(const int* labels, const float* weights, int n, float* total) {
  float sum = 0;
  for (int i = threadIdx.x; i < n; i += kBlock) sum += weights[labels[i]];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *total = sum;
}

__device__ inline float weight_of(const float* weights, int c) { return weights ? weights[c] : 1; }

// What the targets of a row are: one label, or a distribution where labels is null.
struct Targets {
  const int* labels;
  const float* distributions;
  float smoothing;
  int classes;

  __device__ float operator()(Index row, int c) const {
    float target = labels ? (labels[row] == c ? 1 : 0) : distributions[row * classes + c];
    return (1 - smoothing) * target + smoothing / classes;
  }
};

// row_losses = each row's -sum of weight target log p, undivided. gradient may be null; it is divided by *divisor, or by n where that is null.
GRADUS_BLOCK_KERNEL cross_entropy(const float* logits, const int* labels, const float* distributions, float smoothing,
                                  int classes, const float* weights, const float* divisor, float* row_losses,
                                  float* gradient, Index n) {
  Targets targets = {labels, distributions, smoothing, classes};
  GRADUS_EACH_ROW(row, n) {
    WarpRow at(logits + row * classes, classes, row < n);
    float loss = 0, mass = 0;
    for (int c = at.lane; c < at.classes; c += kWarp) {
      float weighted = weight_of(weights, c) * targets(row, c);
      mass += weighted;
      float log_share = at.log_share(c);
      loss -= weighted == 0 && log_share == -infinity() ? 0 : weighted * log_share;  // 0 log 0 is 0
    }
    mass = warp_sum(mass);
    loss = warp_sum(loss);
    if (at.lane == 0 && row < n) row_losses[row] = loss;
    if (gradient) {
      float total = divisor ? *divisor : (float)n;
      for (int c = at.lane; c < at.classes; c += kWarp) {
        float weighted = weight_of(weights, c) * targets(row, c);
        gradient[row * classes + c] = (expf(at.log_share(c)) * mass - weighted) / total;
      }
    }
  }
}

// row_losses = each row's -weight (1-p)^focusing log p, undivided; the gradient is divided as that of cross_entropy.
GRADUS_BLOCK_KERNEL focal_loss(const float* logits, const int* labels, const float* weights, float focusing, int classes,
                               const float* divisor, float* row_losses, float* gradient, Index n) {
  GRADUS_EACH_ROW(row, n) {
    WarpRow at(logits + row * classes, classes, row < n);
    if (row >= n) continue;
    int label = labels[row];
    float log_p = at.log_share(label);
    float missing = -expm1f(log_p);  // 1 - p without cancellation
    float attention = powf(missing, focusing);
    float weight = weight_of(weights, label);
    if (at.lane == 0) row_losses[row] = -weight * attention * log_p;
    if (gradient) {
      float slope_of_attention = missing == 0 ? 0 : focusing * powf(missing, focusing - 1) * expf(log_p) * log_p;
      float slope = weight * (slope_of_attention - attention) / (divisor ? *divisor : (float)n);
      for (int c = at.lane; c < classes; c += kWarp) {
        gradient[row * classes + c] = slope * ((c == label ? 1 : 0) - expf(at.log_share(c)));
      }
    }
  }
}

// partials = each block's sum of (x - target)^2
GRADUS_BLOCK_KERNEL squared_error(const float* x, const float* target, float* partials, float* gradient, Index n) {
  float sum = 0;
  GRADUS_EACH(i, n) {
    float error = x[i] - target[i];
    sum += error * error;
    if (gradient) gradient[i] = 2 * error / n;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

// partials = each block's sum of -t log(sigmoid(x)) - (1-t) log(1-sigmoid(x)), without overflow
GRADUS_BLOCK_KERNEL binary_cross_entropy(const float* x, const float* target, float* partials, float* gradient,
                                         Index n) {
  float sum = 0;
  GRADUS_EACH(i, n) {
    float positive = x[i] <= 0 ? 0 : x[i];  // a NaN stays a NaN
    sum += positive - x[i] * target[i] + log1pf(expf(-fabsf(x[i])));
    if (gradient) gradient[i] = (sigmoid(x[i]) - target[i]) / n;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

// partials = of each block's rows, how many have their first maximum at the label; a row with a NaN has none.
GRADUS_BLOCK_KERNEL count_correct(const float* logits, const int* labels, int n, int classes, float* partials) {
  float count = 0;
  GRADUS_EACH_ROW(row, n) {
    const float* x = logits + row * classes;
    int lane = threadIdx.x % kWarp, label = row < n ? labels[row] : 0;
    float better = 0;
    for (int c = lane; c < classes && row < n; c += kWarp) {
      bool holds = c == label ? !is_nan(x[c]) : c < label ? x[c] < x[label] : x[c] <= x[label];
      better += !holds;
    }
    better = warp_sum(better);
    count += lane == 0 && row < n && better == 0;
  }
  count = block_sum(count);
  if (threadIdx.x == 0) partials[blockIdx.x] = count;
}
