// Softmax over the channels of [N][C][pixels], one thread per place.

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
