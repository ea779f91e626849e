package gradus.optim;

import gradus.GradusException;
import gradus.layer.ParameterStore;

/**
 * Shortens the gradient of all parameters together to a length: {@code g *= min(1, maxNorm / (norm
 * + 1e-6))}, PyTorch's clip_grad_norm_. Between backward and {@code optimizer.step()}:
 *
 * <pre>{@code
 * double norm = clipping.clip();
 * }</pre>
 *
 * Frozen parameters and those no backward has reached take no part. Reading the norm waits for the
 * device.
 */
public final class GradientClipping {
  private static final double EPSILON = 1e-6;

  private final GradientSpans gradients;
  private final double maxNorm; // NaN where values are clipped
  private final double maxValue;

  /**
   * Clips the gradients of a model.
   *
   * @param maxNorm positive; 1 is usual
   */
  public GradientClipping(ParameterStore parameters, double maxNorm) {
    this(parameters, positive("norm", maxNorm), Double.NaN);
  }

  private GradientClipping(ParameterStore parameters, double maxNorm, double maxValue) {
    this.gradients = new GradientSpans(parameters);
    this.maxNorm = maxNorm;
    this.maxValue = maxValue;
  }

  /**
   * Clips each element of the gradients to lie from {@code -maxValue} to {@code maxValue}:
   * PyTorch's clip_grad_value_, which changes the direction too.
   *
   * @param maxValue positive
   */
  public static GradientClipping byValue(ParameterStore parameters, double maxValue) {
    return new GradientClipping(parameters, Double.NaN, positive("value", maxValue));
  }

  private static double positive(String what, double limit) {
    if (!(limit > 0)) {
      throw new GradusException(
          "The largest "
              + what
              + " of the gradient is "
              + limit
              + ", but must be positive; 1 is usual.");
    }
    return limit;
  }

  /**
   * Shortens the gradient if it is too long.
   *
   * @return its length before. If that is NaN or infinite, nothing was changed: do not let the
   *     optimizer step
   */
  public double clip() {
    gradients.choose();
    return shorten(gradients.norm());
  }

  /** {@link #clip()} of gradients whose length is known, as {@link GradScaler#norm} knows it. */
  public double clip(double norm) {
    gradients.choose();
    return shorten(norm);
  }

  private double shorten(double norm) {
    if (Double.isNaN(maxNorm)) {
      if (Double.isFinite(norm)) {
        gradients.clamp((float) maxValue);
      }
      return norm;
    }
    double factor = maxNorm / (norm + EPSILON);
    if (factor < 1 && Double.isFinite(norm)) {
      gradients.scale((float) factor);
    }
    return norm;
  }
}
