// The parameters of the kernels, laid out as the Java records of gradus.backend.spec: 32-bit integers and floats only, in
// the order of the record's components.
#pragma once
#include <stdint.h>

typedef struct Conv2dSpec {
  int32_t n, c, h, w, k, r, s, strideH, strideW, padTop, padLeft, padBottom, padRight, dilationH, dilationW, groups;
} Conv2dSpec;

typedef struct PoolSpec {
  int32_t n, c, h, w, kernelH, kernelW, strideH, strideW, padH, padW, countPadding;
} PoolSpec;

typedef struct AdaptivePoolSpec {
  int32_t n, c, h, w, outH, outW;
} AdaptivePoolSpec;

typedef struct BatchNormSpec {
  int32_t n, c, h, w;
  float momentum, epsilon;
} BatchNormSpec;

typedef struct LinearSpec {
  int32_t n, in, out;
} LinearSpec;

typedef struct SoftmaxSpec {
  int32_t n, c, pixels;
} SoftmaxSpec;

typedef struct CrossEntropySpec {
  int32_t n, classes;
  float labelSmoothing, focusing;
} CrossEntropySpec;

typedef struct ChannelCopySpec {
  int32_t n, pixels, channels, fromChannels, fromOffset, toChannels, toOffset;
} ChannelCopySpec;
