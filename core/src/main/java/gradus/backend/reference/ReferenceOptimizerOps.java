package gradus.backend.reference;

import gradus.backend.Buffer;
import gradus.backend.OptimizerOps;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.backend.spec.UpdateSpec;

/** Parameter updates, element by element. */
final class ReferenceOptimizerOps implements OptimizerOps {

  @Override
  public void sgd(
      SgdSpec spec, Buffer values, Buffer gradients, Buffer velocity, long first, long count) {
    ReferenceBuffer w = ReferenceBuffer.of(values);
    ReferenceBuffer g = ReferenceBuffer.of(gradients);
    double momentum = spec.momentum();
    for (int i = (int) first; i < first + count; i++) {
      double gradient = g.get(i) + (double) spec.weightDecay() * w.get(i);
      double direction = gradient;
      if (velocity != null) {
        ReferenceBuffer v = ReferenceBuffer.of(velocity);
        double moved =
            spec.firstStep()
                ? gradient
                : momentum * v.get(i) + (1 - (double) spec.dampening()) * gradient;
        v.set(i, moved);
        direction = spec.nesterov() ? gradient + momentum * moved : moved;
      }
      w.add(i, -spec.learningRate() * direction);
    }
  }

  @Override
  public void adam(
      AdamSpec spec,
      Buffer values,
      Buffer gradients,
      Buffer mean,
      Buffer variance,
      long first,
      long count) {
    ReferenceBuffer w = ReferenceBuffer.of(values);
    ReferenceBuffer g = ReferenceBuffer.of(gradients);
    ReferenceBuffer m = ReferenceBuffer.of(mean);
    ReferenceBuffer v = ReferenceBuffer.of(variance);
    double rate = spec.learningRate();
    double beta1 = spec.beta1();
    double beta2 = spec.beta2();
    double decay = spec.weightDecay();
    double meanCorrection = 1 - Math.pow(beta1, (double) spec.step());
    double varianceCorrection = 1 - Math.pow(beta2, (double) spec.step());
    for (int i = (int) first; i < first + count; i++) {
      double value = spec.decoupled() ? w.get(i) * (1 - rate * decay) : w.get(i);
      double gradient = spec.decoupled() ? g.get(i) : g.get(i) + decay * value;
      m.set(i, beta1 * m.get(i) + (1 - beta1) * gradient);
      v.set(i, beta2 * v.get(i) + (1 - beta2) * gradient * gradient);
      double meanEstimate = m.get(i) / meanCorrection;
      double varianceEstimate = v.get(i) / varianceCorrection;
      w.set(i, value - rate * meanEstimate / (Math.sqrt(varianceEstimate) + spec.epsilon()));
    }
  }

  @Override
  public void update(
      UpdateSpec spec,
      Buffer values,
      Buffer gradients,
      Buffer a,
      Buffer b,
      Buffer c,
      long first,
      long count) {
    ReferenceBuffer w = ReferenceBuffer.of(values);
    ReferenceBuffer gradient = ReferenceBuffer.of(gradients);
    State state = new State(of(a), of(b), of(c));
    for (int i = (int) first; i < first + count; i++) {
      double value = spec.keep() * w.get(i);
      double g = gradient.get(i) + spec.weightDecay() * value;
      w.set(i, value - step(spec, state, i, g));
    }
  }

  private record State(ReferenceBuffer a, ReferenceBuffer b, ReferenceBuffer c) {}

  private static ReferenceBuffer of(Buffer buffer) {
    return buffer == null ? null : ReferenceBuffer.of(buffer);
  }

  /** What is subtracted from a weight. */
  private static double step(UpdateSpec spec, State state, int i, double g) {
    return switch (spec.rule()) {
      case MOMENTS -> {
        double mean = average(state.a, i, spec.beta1(), g);
        double square = average(state.b, i, spec.beta2(), g * g);
        if (state.c != null) {
          state.c.set(i, Math.max(state.c.get(i), square));
          square = state.c.get(i);
        }
        yield (spec.rate() * mean + spec.extra() * g)
            / (spec.root() * Math.sqrt(square) + spec.epsilon());
      }
      case RMSPROP -> {
        double square = average(state.a, i, spec.beta2(), g * g);
        if (state.b != null) {
          double mean = average(state.b, i, spec.beta2(), g);
          square -= mean * mean;
        }
        double d = g / (Math.sqrt(square) + spec.epsilon());
        if (state.c != null) {
          d += spec.extra() * state.c.get(i);
          state.c.set(i, d);
        }
        yield spec.rate() * d;
      }
      case ADADELTA -> {
        double square = average(state.a, i, spec.beta2(), g * g);
        double d =
            g * Math.sqrt(state.b.get(i) + spec.epsilon()) / Math.sqrt(square + spec.epsilon());
        average(state.b, i, spec.beta2(), d * d);
        yield spec.rate() * d;
      }
      case ADAGRAD -> {
        state.a.add(i, g * g);
        yield spec.rate() * g / (Math.sqrt(state.a.get(i)) + spec.epsilon());
      }
      case LION -> {
        double direction = spec.beta1() * state.a.get(i) + (1 - spec.beta1()) * g;
        average(state.a, i, spec.beta2(), g);
        yield spec.rate() * Math.signum(direction);
      }
    };
  }

  /** Moves a running average towards a value, and returns it. */
  private static double average(ReferenceBuffer buffer, int i, double beta, double value) {
    buffer.set(i, beta * buffer.get(i) + (1 - beta) * value);
    return buffer.get(i);
  }

  @Override
  public void addL1(float strength, Buffer values, Buffer gradients, long first, long count) {
    ReferenceBuffer w = ReferenceBuffer.of(values);
    ReferenceBuffer g = ReferenceBuffer.of(gradients);
    for (int i = (int) first; i < first + count; i++) {
      g.add(i, strength * Math.signum(w.get(i)));
    }
  }

  @Override
  public void clamp(float limit, Buffer gradients, long first, long count) {
    ReferenceBuffer g = ReferenceBuffer.of(gradients);
    for (int i = (int) first; i < first + count; i++) {
      g.set(i, Math.min(Math.max(g.get(i), -limit), limit));
    }
  }
}
