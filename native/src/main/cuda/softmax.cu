// Softmax over the channels of [N][C][pixels], one thread per place; of [N][C], one warp per row.

struct Row {
  Index first;
  int length, stride;

  __device__ Index operator()(int c) const { return first + (Index)c * stride; }
};

__device__ inline Row row_of(Index place, int channels, int pixels) {
  return {place / pixels * channels * pixels + place % pixels, channels, pixels};
}

struct Exponentials {
  float maximum, log_sum;

  // log softmax(x). A NaN, or an infinity above, makes the row NaN.
  __device__ float log_share(float x) const { return x - maximum - log_sum; }
};

__device__ inline Exponentials exponentials(const float* x, Row at) {
  float maximum = -infinity();
  for (int c = 0; c < at.length; c++) maximum = fmaxf(maximum, x[at(c)]);
  float sum = 0;
  for (int c = 0; c < at.length; c++) sum += expf(x[at(c)] - maximum);
  return {maximum, logf(sum)};
}

// A row of logits as the threads of one warp see it together: each every 32nd.
struct WarpRow {
  const float* logits;
  int classes, lane;
  Exponentials e;

  __device__ WarpRow(const float* row, int count, bool exists) : logits(row), classes(exists ? count : 0) {
    lane = threadIdx.x % kWarp;
    float maximum = -infinity();
    for (int c = lane; c < classes; c += kWarp) maximum = fmaxf(maximum, logits[c]);
    maximum = warp_max(maximum);
    float sum = 0;
    for (int c = lane; c < classes; c += kWarp) sum += expf(logits[c] - maximum);
    e = {maximum, logf(warp_sum(sum))};
  }

  __device__ float log_share(int c) const { return e.log_share(logits[c]); }
};

GRADUS_KERNEL softmax(const float* x, float* y, int channels, int pixels, Index places) {
  GRADUS_EACH(place, places) {
    Row at = row_of(place, channels, pixels);
    Exponentials e = exponentials(x, at);
    for (int c = 0; c < channels; c++) y[at(c)] = expf(e.log_share(x[at(c)]));
  }
}

GRADUS_KERNEL softmax_backward(const float* y, const float* dy, float* dx, float beta, int channels, int pixels,
                               Index places) {
  GRADUS_EACH(place, places) {
    Row at = row_of(place, channels, pixels);
    float sum = 0;
    for (int c = 0; c < channels; c++) sum += dy[at(c)] * y[at(c)];
    for (int c = 0; c < channels; c++) put(dx, at(c), beta, y[at(c)] * (dy[at(c)] - sum));
  }
}

GRADUS_BLOCK_KERNEL softmax_rows(const float* x, float* y, int classes, Index n) {
  GRADUS_EACH_ROW(row, n) {
    WarpRow at(x + row * classes, classes, row < n);
    for (int c = at.lane; c < at.classes; c += kWarp) y[row * classes + c] = expf(at.log_share(c));
  }
}

GRADUS_BLOCK_KERNEL softmax_rows_backward(const float* y, const float* dy, float* dx, float beta, int classes, Index n) {
  GRADUS_EACH_ROW(row, n) {
    Index first = row * classes + threadIdx.x % kWarp, last = row < n ? (row + 1) * classes : 0;
    float sum = 0;
    for (Index i = first; i < last; i += kWarp) sum += dy[i] * y[i];
    sum = warp_sum(sum);
    for (Index i = first; i < last; i += kWarp) put(dx, i, beta, y[i] * (dy[i] - sum));
  }
}
