package gradus.backend.reference;

import gradus.backend.Buffer;
import gradus.backend.OptimizerOps;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;

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
}
