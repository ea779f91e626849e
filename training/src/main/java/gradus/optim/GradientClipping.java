package gradus.optim;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

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

  private final ParameterStore parameters;
  private final double maxNorm; // NaN where values are clipped
  private final double maxValue;
  private final boolean[] active;
  private final FloatBuffer host = FloatBuffer.allocate(1);
  private List<Span> spans = List.of();

  /** Neighbouring parameters with gradients, and their gradients as one array. */
  private record Span(long first, long count, Buffer gradients) {}

  /**
   * Clips the gradients of a model.
   *
   * @param maxNorm positive; 1 is usual
   */
  public GradientClipping(ParameterStore parameters, double maxNorm) {
    this(parameters, positive("norm", maxNorm), Double.NaN);
  }

  private GradientClipping(ParameterStore parameters, double maxNorm, double maxValue) {
    this.parameters = parameters;
    this.maxNorm = maxNorm;
    this.maxValue = maxValue;
    this.active = new boolean[parameters.list().size()];
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
    chooseSpans();
    double norm = norm();
    if (Double.isNaN(maxNorm)) {
      if (Double.isFinite(norm)) {
        clampAll();
      }
      return norm;
    }
    double factor = maxNorm / (norm + EPSILON);
    if (factor < 1 && Double.isFinite(norm)) {
      for (int i = 0; i < spans.size(); i++) {
        parameters.backend().math().scale((float) factor, spans.get(i).gradients);
      }
    }
    return norm;
  }

  private void clampAll() {
    for (int i = 0; i < spans.size(); i++) {
      Span span = spans.get(i);
      parameters
          .backend()
          .optimizers()
          .clamp((float) maxValue, parameters.gradients(), span.first, span.count);
    }
  }

  private double norm() {
    Backend backend = parameters.backend();
    long bytes = backend.memory().bytes(Shape.SCALAR, DType.F32, Placement.DENSE);
    Buffer sum = backend.pool().take(DType.F32, bytes);
    double squares = 0;
    for (int i = 0; i < spans.size(); i++) {
      Span span = spans.get(i);
      backend.math().sumOfSquares(parameters.gradients(), span.first, span.count, sum);
      backend.memory().copyOut(sum, Shape.SCALAR, Placement.DENSE, host.clear());
      squares += host.get(0);
    }
    backend.pool().giveBack(sum);
    return Math.sqrt(squares);
  }

  private void chooseSpans() {
    List<Parameter> list = parameters.list();
    boolean changed = false;
    for (int i = 0; i < active.length; i++) {
      boolean now = list.get(i).isTrainable() && list.get(i).hasGradient();
      changed |= now != active[i];
      active[i] = now;
    }
    if (changed) {
      spans = join(list);
    }
  }

  private List<Span> join(List<Parameter> list) {
    List<Span> joined = new ArrayList<>();
    int i = 0;
    while (i < active.length) {
      if (!active[i]) {
        i++;
        continue;
      }
      long first = list.get(i).offset();
      long end = first;
      for (; i < active.length && active[i]; i++) {
        end = list.get(i).offset() + ParameterStore.aligned(list.get(i).shape().size());
      }
      Buffer slice =
          parameters.backend().memory().slice(parameters.gradients(), first, end - first);
      joined.add(new Span(first, end - first, slice));
    }
    return List.copyOf(joined);
  }
}
