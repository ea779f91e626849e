package gradus.kernels;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The C functions of {@code gradus.h}, one for one. Addresses, specs and contexts are {@code
 * long}s; 0 stands for an absent operand. Nothing is checked: a wrong address ends the process, so
 * only backends call this. Functions that return {@code int} give 0, or 1 when working memory ran
 * out.
 */
@Platform(include = "gradus.h", link = "gradus")
@NoException
public final class Kernels {
  static {
    // JavaCPP owns no memory here, but would count all of the process against the Java heap's
    // limit.
    if (System.getProperty("org.bytedeco.javacpp.maxphysicalbytes") == null) {
      System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    }
    Loader.load(Kernels.class);
  }

  private Kernels() {}

  /** The best instruction set here: 3 AVX-512, 2 AVX2 with FMA, 1 baseline x86-64. */
  @Name("gradus_best_tier")
  public static native int bestTier();

  /**
   * A new context, or 0 when memory ran out or no thread could be started. {@code convolutions} of
   * 3x3 and stride 1 in lanes: 0 as is faster, 1 direct, 2 by Winograd's algorithm. {@code
   * products}: as of {@link #hasProducts}.
   */
  @Name("gradus_context_create")
  public static native long contextCreate(
      int threads, int tier, int lanesFrom, int convolutions, int products);

  /**
   * Whether the processor multiplies bfloat16 values so: 0 as floats, 1 in pairs (avx512_bf16), 2
   * by tiles (AMX).
   */
  @Name("gradus_has_products")
  public static native int hasProducts(int products);

  /** The fastest of them here. */
  @Name("gradus_best_products")
  public static native int bestProducts();

  /** Ends the context's threads and releases its working memory. */
  @Name("gradus_context_destroy")
  public static native void contextDestroy(long context);

  /** Takes {@code cblas_sgemm} from a library already loaded; 0 when it is not there. */
  @Name("gradus_use_blas")
  public static native int useBlas(long context, String library);

  /** Before memory is freed: what a context keeps of the weights in it is forgotten. */
  @Name("gradus_forget")
  public static native void forget(long context, long address, long bytes);

  /** Memory with undefined contents, 64-byte aligned; 0 when there is none. */
  @Name("gradus_allocate")
  public static native long allocate(long bytes);

  /** Releases what {@link #allocate} or {@link #spec} gave. */
  @Name("gradus_free")
  public static native void free(long address);

  /** A native copy of a spec's fields; 0 when memory ran out. */
  @Name("gradus_spec")
  public static native long spec(int[] fields, int count);

  /** The address of the element at a direct buffer's position. */
  @Name("gradus_address")
  public static native long address(FloatBuffer direct);

  /** The address of the element at a direct buffer's position. */
  @Name("gradus_address")
  public static native long address(IntBuffer direct);

  /** The address of the element at a direct buffer's position. */
  @Name("gradus_address")
  public static native long address(ByteBuffer direct);

  /** Whether {@link #conv2dReluMaxPool} has a kernel for these two specs: 1 or 0. */
  @Name("gradus_fuses_max_pool")
  public static native int fusesMaxPool(long context, long conv, long pool);

  /** Host values of n examples, row-major, into a batch tensor; idle lanes become zero. */
  @Name("gradus_copy_in")
  public static native int copyIn(long context, long source, long y, int n, long features);

  /**
   * Host bytes of n images of {@code [channels, pixels]} into a batch tensor: y = byte * scales[c]
   * + scales[channels + c].
   */
  @Name("gradus_copy_in_bytes")
  public static native int copyInBytes(
      long context, long source, long scales, long y, int n, int channels, long pixels);

  /** A batch tensor of floats to the host, row-major. */
  @Name("gradus_copy_out")
  public static native int copyOut(long context, long x, long destination, int n, long features);

  /** A batch tensor of bytes to the host, row-major, widened to int32. */
  @Name("gradus_copy_out_bytes")
  public static native int copyOutBytes(
      long context, long x, long destination, int n, long features);

  /** y = value. */
  @Name("gradus_fill")
  public static native int fill(long context, long y, long count, float value);

  /** y = 0, in bytes. */
  @Name("gradus_zero")
  public static native int zero(long context, long y, long bytes);

  /** y = x, in bytes. */
  @Name("gradus_copy")
  public static native int copy(long context, long x, long y, long bytes);

  /** y = x rounded to bfloat16; the same packed in half the bytes, unless that is 0. */
  @Name("gradus_round_bf16")
  public static native int roundBf16(long context, long x, long y, long packed, long count);

  /** y = packed, from bfloat16. */
  @Name("gradus_expand_bf16")
  public static native int expandBf16(long context, long packed, long y, long count);

  /** y = a + b. */
  @Name("gradus_add")
  public static native int add(long context, long a, long b, long y, long count);

  /** y = a b. */
  @Name("gradus_multiply")
  public static native int multiply(long context, long a, long b, long y, long count);

  /** y += alpha x. */
  @Name("gradus_add_scaled")
  public static native int addScaled(long context, float alpha, long x, long y, long count);

  /** y = alpha y. */
  @Name("gradus_scale")
  public static native int scale(long context, float alpha, long y, long count);

  /** y = scalar[0] y. */
  @Name("gradus_scale_by")
  public static native int scaleBy(long context, long scalar, long y, long count);

  /** y = relu(a + b). */
  @Name("gradus_add_relu")
  public static native int addRelu(long context, long a, long b, long y, long count);

  /** y = f(x); kind is the ordinal of {@code Activation.Kind}. */
  @Name("gradus_activation")
  public static native int activation(
      long context, int kind, float alpha, long x, long y, int packed, long count);

  /** dx = beta dx + dy f'(x); packed: x and y are bfloat16, dyPacked and dxPacked: dy and dx. */
  @Name("gradus_activation_backward")
  public static native int activationBackward(
      long context,
      int kind,
      float alpha,
      long x,
      long y,
      int packed,
      long dy,
      int dyPacked,
      long dx,
      int dxPacked,
      float beta,
      long count);

  /** out[0] = the sum of squares. */
  @Name("gradus_sum_of_squares")
  public static native int sumOfSquares(long context, long x, long count, long out);

  /** out[0..5]: see {@code MathOps.statistics}. */
  @Name("gradus_statistics")
  public static native int statistics(long context, long x, int n, long features, long out);

  /**
   * y = conv(x, w) + b + residual, then ReLU if asked; b and residual may be 0; packed: x is
   * bfloat16, yPacked: y is.
   */
  @Name("gradus_conv2d")
  public static native int conv2d(
      long context,
      long spec,
      long x,
      int packed,
      long w,
      long b,
      long residual,
      int relu,
      long y,
      int yPacked);

  /**
   * The gradients of {@link #conv2d}; y is 0 without ReLU, dx and dw may be 0; packed, dyPacked and
   * dxPacked: x, dy and dx are bfloat16.
   */
  @Name("gradus_conv2d_backward")
  public static native int conv2dBackward(
      long context,
      long spec,
      long x,
      int packed,
      long w,
      long y,
      long dy,
      int dyPacked,
      long dx,
      int dxPacked,
      float dxBeta,
      long dw,
      long db,
      float weightsBeta);

  /** y = maxPool(relu(conv(x, w) + b)), where {@link #fusesMaxPool}. */
  @Name("gradus_conv2d_relu_max_pool")
  public static native int conv2dReluMaxPool(
      long context, long conv, long pool, long x, long w, long b, long y, long index);

  /** The gradients of {@link #conv2dReluMaxPool}. */
  @Name("gradus_conv2d_relu_max_pool_backward")
  public static native int conv2dReluMaxPoolBackward(
      long context,
      long conv,
      long pool,
      long x,
      long w,
      long y,
      long index,
      long dy,
      long dx,
      float dxBeta,
      long dw,
      long db,
      float weightsBeta);

  /** y = x w^T + b, then ReLU if asked. */
  @Name("gradus_linear")
  public static native int linear(
      long context, long spec, long x, long w, long b, int relu, long y);

  /** The gradients of {@link #linear}; y is 0 without ReLU, dx and dw may be 0. */
  @Name("gradus_linear_backward")
  public static native int linearBackward(
      long context,
      long spec,
      long x,
      long w,
      long y,
      long dy,
      long dx,
      float dxBeta,
      long dw,
      long db,
      float weightsBeta);

  /** y = the maximum of each window, index (may be 0) its place. */
  @Name("gradus_max_pool")
  public static native int maxPool(long context, long spec, long x, long y, int packed, long index);

  /** The gradient of {@link #maxPool}. */
  @Name("gradus_max_pool_backward")
  public static native int maxPoolBackward(
      long context,
      long spec,
      long dy,
      int dyPacked,
      long index,
      long dx,
      int dxPacked,
      float beta);

  /** y = the mean of each window. */
  @Name("gradus_avg_pool")
  public static native int avgPool(long context, long spec, long x, long y);

  /** The gradient of {@link #avgPool}. */
  @Name("gradus_avg_pool_backward")
  public static native int avgPoolBackward(long context, long spec, long dy, long dx, float beta);

  /** y = the mean of each adaptive window. */
  @Name("gradus_adaptive_avg_pool")
  public static native int adaptiveAvgPool(long context, long spec, long x, long y);

  /** The gradient of {@link #adaptiveAvgPool}. */
  @Name("gradus_adaptive_avg_pool_backward")
  public static native int adaptiveAvgPoolBackward(
      long context, long spec, long dy, long dx, float beta);

  /**
   * Normalises with the batch's statistics; residual may be 0; packed: activations are bfloat16.
   */
  @Name("gradus_batch_norm_training")
  public static native int batchNormTraining(
      long context,
      long spec,
      long x,
      long gamma,
      long beta,
      long runningMean,
      long runningVar,
      long residual,
      int relu,
      int packed,
      long y,
      long savedMean,
      long savedInvStd);

  /** Normalises with the running statistics; residual and packed as in training. */
  @Name("gradus_batch_norm_inference")
  public static native int batchNormInference(
      long context,
      long spec,
      long x,
      long gamma,
      long beta,
      long runningMean,
      long runningVar,
      long residual,
      int relu,
      int packed,
      long y);

  /**
   * The gradients of {@link #batchNormTraining}; y is 0 without ReLU, beta where a residual was
   * added; dx and dResidual may be 0, or dy.
   */
  @Name("gradus_batch_norm_backward")
  public static native int batchNormBackward(
      long context,
      long spec,
      long x,
      long y,
      int packed,
      long gamma,
      long beta,
      long savedMean,
      long savedInvStd,
      long dy,
      int dyPacked,
      long dx,
      float dxBeta,
      long dResidual,
      float dResidualBeta,
      int gradientsPacked,
      long dgamma,
      long dbeta,
      float weightsBeta);

  /**
   * The gradients of {@link #batchNormInference}; y is 0 without ReLU; dx and dResidual may be 0,
   * or dy.
   */
  @Name("gradus_batch_norm_inference_backward")
  public static native int batchNormInferenceBackward(
      long context,
      long spec,
      long y,
      int packed,
      long gamma,
      long runningVar,
      long dy,
      int dyPacked,
      long dx,
      float dxBeta,
      long dResidual,
      float dResidualBeta,
      int gradientsPacked);

  /** Normalisation of groups of channels by their own statistics, float32. */
  @Name("gradus_group_norm")
  public static native int groupNorm(
      long context,
      long spec,
      long x,
      long gamma,
      long beta,
      long y,
      long savedMean,
      long savedInvStd);

  /** Its gradients; dx may be 0, or dy; dgamma and dbeta may both be 0. */
  @Name("gradus_group_norm_backward")
  public static native int groupNormBackward(
      long context,
      long spec,
      long x,
      long gamma,
      long savedMean,
      long savedInvStd,
      long dy,
      long dx,
      float dxBeta,
      long dgamma,
      long dbeta,
      float weightsBeta);

  /** Softmax over channels. */
  @Name("gradus_softmax")
  public static native int softmax(long context, long spec, long x, long y);

  /** The gradient of {@link #softmax}. */
  @Name("gradus_softmax_backward")
  public static native int softmaxBackward(
      long context, long spec, long y, long dy, long dx, float beta);

  /** y = beta y + (0 where dropped, else scale x). */
  @Name("gradus_dropout")
  public static native int dropout(
      long context,
      int n,
      int features,
      int threshold,
      int seed,
      float scale,
      long x,
      long y,
      float beta);

  /** The chosen channels of y = beta y + the chosen channels of x. */
  @Name("gradus_copy_channels")
  public static native int copyChannels(long context, long spec, long x, long y, float beta);

  /** y = beta y + s x, with a factor for each channel of each example. */
  @Name("gradus_scale_channels")
  public static native int scaleChannels(
      long context, long spec, long x, long s, long y, float beta);

  /** out = beta out + the sum over pixels of a b, for each channel of each example. */
  @Name("gradus_dot_channels")
  public static native int dotChannels(
      long context, long spec, long a, long b, long out, float beta);

  /** Mean loss and, unless 0, its gradient. */
  @Name("gradus_cross_entropy")
  public static native int crossEntropy(
      long context,
      long spec,
      long logits,
      long labels,
      long classWeights,
      long loss,
      long gradient);

  /** Mean loss and, unless 0, its gradient. */
  @Name("gradus_soft_cross_entropy")
  public static native int softCrossEntropy(
      long context,
      long spec,
      long logits,
      long targets,
      long classWeights,
      long loss,
      long gradient);

  /** Mean loss and, unless 0, its gradient. */
  @Name("gradus_mean_squared_error")
  public static native int meanSquaredError(
      long context, int n, long features, long x, long target, long loss, long gradient);

  /** Mean loss and, unless 0, its gradient. */
  @Name("gradus_binary_cross_entropy")
  public static native int binaryCrossEntropy(
      long context, int n, long features, long x, long target, long loss, long gradient);

  /** correct[0] = rows with their first maximum at the label. */
  @Name("gradus_count_correct")
  public static native int countCorrect(
      long context, int n, int classes, long logits, long labels, long correct);

  /** See {@code SgdSpec}; velocity may be 0. */
  @Name("gradus_sgd")
  public static native int sgd(
      long context,
      long values,
      long gradients,
      long velocity,
      long count,
      float learningRate,
      float momentum,
      float dampening,
      int nesterov,
      float weightDecay,
      int firstStep);

  /** See {@code AdamSpec}; the corrections are 1 - beta^step. */
  @Name("gradus_adam")
  public static native int adam(
      long context,
      long values,
      long gradients,
      long mean,
      long variance,
      long count,
      float learningRate,
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      int decoupled,
      float meanCorrection,
      float varianceCorrection);

  /** See {@code UpdateSpec}; the complements are 1 - beta. */
  @Name("gradus_update")
  public static native int update(
      long context,
      int rule,
      long values,
      long gradients,
      long a,
      long b,
      long c,
      long count,
      float rate,
      float keep,
      float weightDecay,
      float beta1,
      float complement1,
      float beta2,
      float complement2,
      float epsilon,
      float extra,
      float root);

  /** gradients += strength sign(values). */
  @Name("gradus_add_l1")
  public static native int addL1(
      long context, float strength, long values, long gradients, long count);

  /** gradients = min(max(gradients, -limit), limit). */
  @Name("gradus_clamp")
  public static native int clamp(long context, float limit, long gradients, long count);
}
