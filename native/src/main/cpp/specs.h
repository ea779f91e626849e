/* The parameters of an op, as the callers of the C interface write them: plain structs of int32 and float, field for field the Java spec
 * records of the same names. They were validated by the caller. */
#ifndef GRADUS_SPECS_H_
#define GRADUS_SPECS_H_

#include <stdint.h>

/* x [n,c,h,w] * w [k,c/groups,r,s] -> y [n,k,Ho,Wo] with Ho = (h + padTop + padBottom - dilationH (r-1) - 1) / strideH + 1.
 * bfloat16: whether factors may be rounded to bfloat16; x holds values that it can hold. */
typedef struct Conv2dSpec {
  int32_t n, c, h, w, k, r, s;
  int32_t strideH, strideW;
  int32_t padTop, padLeft, padBottom, padRight;
  int32_t dilationH, dilationW;
  int32_t groups;
  int32_t bfloat16;
} Conv2dSpec;

/* A window sliding over [n,c,h,w]; padding is the same on opposite sides. */
typedef struct PoolSpec {
  int32_t n, c, h, w;
  int32_t kernelH, kernelW;
  int32_t strideH, strideW;
  int32_t padH, padW;
  int32_t countPadding;
} PoolSpec;

/* Adaptive average pooling. */
typedef struct AdaptivePoolSpec {
  int32_t n, c, h, w;
  int32_t outH, outW;
} AdaptivePoolSpec;

/* Normalisation of each channel of [n,c,h,w]. */
typedef struct BatchNormSpec {
  int32_t n, c, h, w;
  float momentum, epsilon;
} BatchNormSpec;

/* Normalisation of each group of c/groups channels of each image of [n,c,h,w]. */
typedef struct GroupNormSpec {
  int32_t n, c, h, w;
  int32_t groups;
  float epsilon;
} GroupNormSpec;

/* x [n,in], w [out,in], y [n,out]. bfloat16 is never set: x is rounded beforehand, and w is not. */
typedef struct LinearSpec {
  int32_t n, in, out;
  int32_t bfloat16;
} LinearSpec;

/* Over the channels of [n,c,pixels]. */
typedef struct SoftmaxSpec {
  int32_t n, c, pixels;
} SoftmaxSpec;

/* Logits [n,classes]. */
typedef struct CrossEntropySpec {
  int32_t n, classes;
  float labelSmoothing, focusing;
} CrossEntropySpec;

/* Channels of [n,fromChannels,pixels] to [n,toChannels,pixels]. */
typedef struct ChannelCopySpec {
  int32_t n, pixels, channels;
  int32_t fromChannels, fromOffset;
  int32_t toChannels, toOffset;
} ChannelCopySpec;

/* A factor [n,c] for each channel of [n,c,pixels]. */
typedef struct ChannelScaleSpec {
  int32_t n, c, pixels;
} ChannelScaleSpec;

#endif
