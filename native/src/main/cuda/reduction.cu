// Reductions over a whole tensor: each block leaves its share in partials, a last block adds the shares up.

GRADUS_BLOCK_KERNEL partial_sum_of_squares(const float* x, float* partials, Index n) {
  float sum = 0;
  auto as_it_is = [](Index i) { return i; };
  each_between_ahead<Index>(take_fours(n, x), 0, n, blockIdx.x * (Index)kBlock + threadIdx.x, (Index)gridDim.x * kBlock, as_it_is,
                            [&](auto width, auto& places) {
                              for (auto& values : load(width, of_floats(x), places).at) {
                                for (float value : values.v) sum += value * value;
                              }
                            });
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

// out = factor times the sum of the partials, over *divisor unless that is null. One block.
GRADUS_BLOCK_KERNEL finish_sum(const float* partials, int count, float factor, const float* divisor, float* out) {
  float sum = 0;
  for (int i = threadIdx.x; i < count; i += kBlock) sum += partials[i];
  sum = block_sum(sum) * factor;
  if (threadIdx.x == 0) *out = divisor ? sum / *divisor : sum;
}

// partials[6][blocks]: sum, sum of squares, -minimum, maximum, not finite, zeros.
GRADUS_BLOCK_KERNEL partial_statistics(const float* x, float* partials, Index n) {
  float sum = 0, squares = 0, negated_minimum = -infinity(), maximum = -infinity(), not_finite = 0, zeros = 0;
  GRADUS_EACH(i, n) {
    float value = x[i];
    if (!(fabsf(value) < infinity())) {
      not_finite += 1;
      continue;
    }
    sum += value;
    squares += value * value;
    negated_minimum = fmaxf(negated_minimum, -value);
    maximum = fmaxf(maximum, value);
    zeros += value == 0;
  }
  float shares[6] = {block_sum(sum),     block_sum(squares),    block_max(negated_minimum),
                     block_max(maximum), block_sum(not_finite), block_sum(zeros)};
  if (threadIdx.x == 0) {
    for (int k = 0; k < 6; k++) partials[k * gridDim.x + blockIdx.x] = shares[k];
  }
}

// One block.
GRADUS_BLOCK_KERNEL finish_statistics(const float* partials, int blocks, float* out) {
  for (int k = 0; k < 6; k++) {
    bool extreme = k == 2 || k == 3;
    float share = extreme ? -infinity() : 0;
    for (int i = threadIdx.x; i < blocks; i += kBlock) {
      float partial = partials[k * blocks + i];
      share = extreme ? fmaxf(share, partial) : share + partial;
    }
    share = extreme ? block_max(share) : block_sum(share);
    if (threadIdx.x == 0) out[k] = k == 2 ? -share : share;
  }
}
