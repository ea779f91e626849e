// The single list of kernels: X(name, parameters, arguments). It declares the C functions gradus_<name>, the table every
// instruction set fills, and the dispatch from one to the other. Addresses and specs travel as int64_t; 0 stands for an
// absent operand; beta is 0 to overwrite the destination or 1 to add to it.
#pragma once

#define GRADUS_KERNELS(X)                                                                                              \
  /* Transfers: n examples of `features` values, host side row-major. */                                               \
  X(copy_in, (int64_t context, int64_t source, int64_t y, int32_t n, int64_t features),                                \
    (context, source, y, n, features))                                                                                 \
  X(copy_in_bytes, (int64_t context, int64_t source, int64_t scales, int64_t y, int32_t n, int32_t channels,           \
                    int64_t pixels), (context, source, scales, y, n, channels, pixels))                                \
  X(copy_out, (int64_t context, int64_t x, int64_t destination, int32_t n, int64_t features),                          \
    (context, x, destination, n, features))                                                                            \
  X(copy_out_bytes, (int64_t context, int64_t x, int64_t destination, int32_t n, int64_t features),                    \
    (context, x, destination, n, features))                                                                            \
  /* Elementwise over `count` floats, whatever the layout. */                                                          \
  X(fill, (int64_t context, int64_t y, int64_t count, float value), (context, y, count, value))                        \
  X(zero, (int64_t context, int64_t y, int64_t bytes), (context, y, bytes))                                            \
  X(copy, (int64_t context, int64_t x, int64_t y, int64_t bytes), (context, x, y, bytes))                              \
  X(add, (int64_t context, int64_t a, int64_t b, int64_t y, int64_t count), (context, a, b, y, count))                 \
  X(multiply, (int64_t context, int64_t a, int64_t b, int64_t y, int64_t count), (context, a, b, y, count))            \
  X(add_scaled, (int64_t context, float alpha, int64_t x, int64_t y, int64_t count), (context, alpha, x, y, count))    \
  X(scale, (int64_t context, float alpha, int64_t y, int64_t count), (context, alpha, y, count))                       \
  X(scale_by, (int64_t context, int64_t scalar, int64_t y, int64_t count), (context, scalar, y, count))                \
  X(add_relu, (int64_t context, int64_t a, int64_t b, int64_t y, int64_t count), (context, a, b, y, count))            \
  X(activation, (int64_t context, int32_t kind, float alpha, int64_t x, int64_t y, int32_t packed, int64_t count),     \
    (context, kind, alpha, x, y, packed, count))                                                                       \
  X(activation_backward,                                                                                               \
    (int64_t context, int32_t kind, float alpha, int64_t x, int64_t y, int32_t packed, int64_t dy, int32_t dy_packed,  \
     int64_t dx, int32_t dx_packed, float beta, int64_t count),                                                        \
    (context, kind, alpha, x, y, packed, dy, dy_packed, dx, dx_packed, beta, count))                                   \
  /* Between float32 and bfloat16: y = x rounded, and the same packed unless that is 0; y = packed. */                  \
  X(round_bf16, (int64_t context, int64_t x, int64_t y, int64_t packed, int64_t count), (context, x, y, packed, count)) \
  X(expand_bf16, (int64_t context, int64_t packed, int64_t y, int64_t count), (context, packed, y, count))             \
  /* Reductions. */                                                                                                    \
  X(sum_of_squares, (int64_t context, int64_t x, int64_t count, int64_t out), (context, x, count, out))                \
  X(statistics, (int64_t context, int64_t x, int32_t n, int64_t features, int64_t out), (context, x, n, features, out)) \
  /* Convolution; relu is 0 or 1. */                                                                                   \
  X(conv2d,                                                                                                            \
    (int64_t context, int64_t spec, int64_t x, int32_t packed, int64_t w, int64_t b, int64_t residual, int32_t relu,   \
     int64_t y, int32_t y_packed),                                                                                     \
    (context, spec, x, packed, w, b, residual, relu, y, y_packed))                                                     \
  X(conv2d_backward,                                                                                                   \
    (int64_t context, int64_t spec, int64_t x, int32_t packed, int64_t w, int64_t y, int64_t dy, int32_t dy_packed,    \
     int64_t dx, int32_t dx_packed, float dx_beta, int64_t dw, int64_t db, float weights_beta),                        \
    (context, spec, x, packed, w, y, dy, dy_packed, dx, dx_packed, dx_beta, dw, db, weights_beta))                     \
  X(conv2d_relu_max_pool,                                                                                              \
    (int64_t context, int64_t conv, int64_t pool, int64_t x, int64_t w, int64_t b, int64_t y, int64_t index),          \
    (context, conv, pool, x, w, b, y, index))                                                                          \
  X(conv2d_relu_max_pool_backward,                                                                                     \
    (int64_t context, int64_t conv, int64_t pool, int64_t x, int64_t w, int64_t y, int64_t index, int64_t dy,          \
     int64_t dx, float dx_beta, int64_t dw, int64_t db, float weights_beta),                                           \
    (context, conv, pool, x, w, y, index, dy, dx, dx_beta, dw, db, weights_beta))                                      \
  /* Linear layers. */                                                                                                 \
  X(linear, (int64_t context, int64_t spec, int64_t x, int64_t w, int64_t b, int32_t relu, int64_t y),                 \
    (context, spec, x, w, b, relu, y))                                                                                 \
  X(linear_backward,                                                                                                   \
    (int64_t context, int64_t spec, int64_t x, int64_t w, int64_t y, int64_t dy, int64_t dx, float dx_beta,            \
     int64_t dw, int64_t db, float weights_beta),                                                                      \
    (context, spec, x, w, y, dy, dx, dx_beta, dw, db, weights_beta))                                                   \
  /* Pooling. */                                                                                                       \
  X(max_pool, (int64_t context, int64_t spec, int64_t x, int64_t y, int32_t packed, int64_t index),                    \
    (context, spec, x, y, packed, index))                                                                              \
  X(max_pool_backward,                                                                                                 \
    (int64_t context, int64_t spec, int64_t dy, int32_t dy_packed, int64_t index, int64_t dx, int32_t dx_packed,       \
     float beta),                                                                                                      \
    (context, spec, dy, dy_packed, index, dx, dx_packed, beta))                                                        \
  X(avg_pool, (int64_t context, int64_t spec, int64_t x, int64_t y), (context, spec, x, y))                            \
  X(avg_pool_backward, (int64_t context, int64_t spec, int64_t dy, int64_t dx, float beta),                            \
    (context, spec, dy, dx, beta))                                                                                     \
  X(adaptive_avg_pool, (int64_t context, int64_t spec, int64_t x, int64_t y), (context, spec, x, y))                   \
  X(adaptive_avg_pool_backward, (int64_t context, int64_t spec, int64_t dy, int64_t dx, float beta),                   \
    (context, spec, dy, dx, beta))                                                                                     \
  /* Batch normalisation, with an optional residual and ReLU behind it. */                                             \
  X(batch_norm_training,                                                                                               \
    (int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta, int64_t running_mean,                      \
     int64_t running_var, int64_t residual, int32_t relu, int32_t packed, int64_t y, int64_t saved_mean,              \
     int64_t saved_inv_std),                                                                                           \
    (context, spec, x, gamma, beta, running_mean, running_var, residual, relu, packed, y, saved_mean, saved_inv_std))  \
  X(batch_norm_inference,                                                                                              \
    (int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta, int64_t running_mean,                      \
     int64_t running_var, int64_t residual, int32_t relu, int32_t packed, int64_t y),                                  \
    (context, spec, x, gamma, beta, running_mean, running_var, residual, relu, packed, y))                             \
  X(batch_norm_backward,                                                                                               \
    (int64_t context, int64_t spec, int64_t x, int64_t y, int32_t packed, int64_t gamma, int64_t beta, int64_t saved_mean, \
     int64_t saved_inv_std, int64_t dy, int32_t dy_packed, int64_t dx, float dx_beta, int64_t d_residual,              \
     float d_residual_beta, int32_t gradients_packed, int64_t dgamma, int64_t dbeta, float weights_beta),              \
    (context, spec, x, y, packed, gamma, beta, saved_mean, saved_inv_std, dy, dy_packed, dx, dx_beta, d_residual,      \
     d_residual_beta, gradients_packed, dgamma, dbeta, weights_beta))                                                  \
  X(batch_norm_inference_backward,                                                                                     \
    (int64_t context, int64_t spec, int64_t y, int32_t packed, int64_t gamma, int64_t running_var, int64_t dy,         \
     int32_t dy_packed, int64_t dx, float dx_beta, int64_t d_residual, float d_residual_beta,                          \
     int32_t gradients_packed),                                                                                        \
    (context, spec, y, packed, gamma, running_var, dy, dy_packed, dx, dx_beta, d_residual, d_residual_beta,            \
     gradients_packed))                                                                                                \
  /* Group normalisation. */                                                                                           \
  X(group_norm,                                                                                                        \
    (int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t beta, int64_t y, int64_t saved_mean,             \
     int64_t saved_inv_std),                                                                                           \
    (context, spec, x, gamma, beta, y, saved_mean, saved_inv_std))                                                     \
  X(group_norm_backward,                                                                                               \
    (int64_t context, int64_t spec, int64_t x, int64_t gamma, int64_t saved_mean, int64_t saved_inv_std, int64_t dy,   \
     int64_t dx, float dx_beta, int64_t dgamma, int64_t dbeta, float weights_beta),                                    \
    (context, spec, x, gamma, saved_mean, saved_inv_std, dy, dx, dx_beta, dgamma, dbeta, weights_beta))                \
  /* Softmax, dropout, concatenation. */                                                                               \
  X(softmax, (int64_t context, int64_t spec, int64_t x, int64_t y), (context, spec, x, y))                             \
  X(softmax_backward, (int64_t context, int64_t spec, int64_t y, int64_t dy, int64_t dx, float beta),                  \
    (context, spec, y, dy, dx, beta))                                                                                  \
  X(dropout,                                                                                                           \
    (int64_t context, int32_t n, int32_t features, int32_t threshold, int32_t seed, float scale, int64_t x, int64_t y, \
     float beta),                                                                                                      \
    (context, n, features, threshold, seed, scale, x, y, beta))                                                        \
  X(copy_channels, (int64_t context, int64_t spec, int64_t x, int64_t y, float beta), (context, spec, x, y, beta))     \
  X(scale_channels, (int64_t context, int64_t spec, int64_t x, int64_t s, int64_t y, float beta),                      \
    (context, spec, x, s, y, beta))                                                                                    \
  X(dot_channels, (int64_t context, int64_t spec, int64_t a, int64_t b, int64_t out, float beta),                      \
    (context, spec, a, b, out, beta))                                                                                  \
  /* Losses with their gradients. */                                                                                   \
  X(cross_entropy,                                                                                                     \
    (int64_t context, int64_t spec, int64_t logits, int64_t labels, int64_t class_weights, int64_t loss,               \
     int64_t gradient),                                                                                                \
    (context, spec, logits, labels, class_weights, loss, gradient))                                                    \
  X(soft_cross_entropy,                                                                                                \
    (int64_t context, int64_t spec, int64_t logits, int64_t targets, int64_t class_weights, int64_t loss,              \
     int64_t gradient),                                                                                                \
    (context, spec, logits, targets, class_weights, loss, gradient))                                                   \
  X(mean_squared_error,                                                                                                \
    (int64_t context, int32_t n, int64_t features, int64_t x, int64_t target, int64_t loss, int64_t gradient),         \
    (context, n, features, x, target, loss, gradient))                                                                 \
  X(binary_cross_entropy,                                                                                              \
    (int64_t context, int32_t n, int64_t features, int64_t x, int64_t target, int64_t loss, int64_t gradient),         \
    (context, n, features, x, target, loss, gradient))                                                                 \
  X(count_correct, (int64_t context, int32_t n, int32_t classes, int64_t logits, int64_t labels, int64_t correct),     \
    (context, n, classes, logits, labels, correct))                                                                    \
  /* Optimizer steps over `count` parameters. */                                                                       \
  X(sgd,                                                                                                               \
    (int64_t context, int64_t values, int64_t gradients, int64_t velocity, int64_t count, float learning_rate,         \
     float momentum, float dampening, int32_t nesterov, float weight_decay, int32_t first_step),                       \
    (context, values, gradients, velocity, count, learning_rate, momentum, dampening, nesterov, weight_decay,          \
     first_step))                                                                                                      \
  X(adam,                                                                                                              \
    (int64_t context, int64_t values, int64_t gradients, int64_t mean, int64_t variance, int64_t count,                \
     float learning_rate, float beta1, float beta2, float epsilon, float weight_decay, int32_t decoupled,              \
     float mean_correction, float variance_correction),                                                                \
    (context, values, gradients, mean, variance, count, learning_rate, beta1, beta2, epsilon, weight_decay, decoupled, \
     mean_correction, variance_correction))                                                                            \
  X(update,                                                                                                            \
    (int64_t context, int32_t rule, int64_t values, int64_t gradients, int64_t a, int64_t b, int64_t c, int64_t count, \
     float rate, float keep, float weight_decay, float beta1, float complement1, float beta2, float complement2,       \
     float epsilon, float extra, float root),                                                                          \
    (context, rule, values, gradients, a, b, c, count, rate, keep, weight_decay, beta1, complement1, beta2,            \
     complement2, epsilon, extra, root))                                                                               \
  X(add_l1, (int64_t context, float strength, int64_t values, int64_t gradients, int64_t count),                       \
    (context, strength, values, gradients, count))                                                                     \
  X(clamp, (int64_t context, float limit, int64_t gradients, int64_t count), (context, limit, gradients, count))
