package gradus.optim;

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
 * The gradients that count, in as few pieces as they lie in: those of trainable parameters that a
 * backward has reached. What others hold is of an earlier step, and may be anything.
 */
final class GradientSpans {
  private final ParameterStore parameters;
  private final boolean[] active;
  private final FloatBuffer host = FloatBuffer.allocate(1);
  private List<Span> spans = List.of();

  /** Neighbouring parameters with gradients, and their gradients as one array. */
  private record Span(long first, long count, Buffer gradients) {}

  GradientSpans(ParameterStore parameters) {
    this.parameters = parameters;
    this.active = new boolean[parameters.list().size()];
  }

  /** Looks which ones count now; what follows is about these. */
  void choose() {
    parameters.requireOpen();
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

  /** The length of all together; not finite where one element is not. Waits for the device. */
  double norm() {
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

  /** Multiplies all by a factor. */
  void scale(float factor) {
    for (int i = 0; i < spans.size(); i++) {
      parameters.backend().math().scale(factor, spans.get(i).gradients);
    }
  }

  /** Cuts each element to lie from {@code -limit} to {@code limit}. */
  void clamp(float limit) {
    for (int i = 0; i < spans.size(); i++) {
      Span span = spans.get(i);
      parameters
          .backend()
          .optimizers()
          .clamp(limit, parameters.gradients(), span.first, span.count);
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
