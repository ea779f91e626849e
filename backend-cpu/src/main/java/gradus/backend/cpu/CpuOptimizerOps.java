package gradus.backend.cpu;

import static gradus.backend.cpu.CpuBuffer.address;

import gradus.backend.Buffer;
import gradus.backend.OptimizerOps;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.backend.spec.UpdateSpec;
import gradus.kernels.Kernels;

/** Parameter updates, one pass each. */
final class CpuOptimizerOps implements OptimizerOps {
  private final CpuContext context;

  CpuOptimizerOps(CpuContext context) {
    this.context = context;
  }

  @Override
  public void sgd(
      SgdSpec spec, Buffer values, Buffer gradients, Buffer velocity, long first, long count) {
    context.check(
        Kernels.sgd(
            context.handle(),
            address(values, first),
            address(gradients, first),
            velocity == null ? 0 : address(velocity, first),
            count,
            spec.learningRate(),
            spec.momentum(),
            spec.dampening(),
            spec.nesterov() ? 1 : 0,
            spec.weightDecay(),
            spec.firstStep() ? 1 : 0));
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
    context.check(
        Kernels.adam(
            context.handle(),
            address(values, first),
            address(gradients, first),
            address(mean, first),
            address(variance, first),
            count,
            spec.learningRate(),
            spec.beta1(),
            spec.beta2(),
            spec.epsilon(),
            spec.weightDecay(),
            spec.decoupled() ? 1 : 0,
            correction(spec.beta1(), spec.step()),
            correction(spec.beta2(), spec.step())));
  }

  /** 1 - beta^step, in double precision: beta is close to 1. */
  private static float correction(float beta, long step) {
    return (float) (1 - Math.pow(beta, (double) step));
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
    context.check(
        Kernels.update(
            context.handle(),
            code(spec.rule()),
            address(values, first),
            address(gradients, first),
            state(a, first),
            state(b, first),
            state(c, first),
            count,
            (float) spec.rate(),
            (float) spec.keep(),
            (float) spec.weightDecay(),
            (float) spec.beta1(),
            (float) (1 - spec.beta1()),
            (float) spec.beta2(),
            (float) (1 - spec.beta2()),
            (float) spec.epsilon(),
            (float) spec.extra(),
            (float) spec.root()));
  }

  private static long state(Buffer buffer, long first) {
    return buffer == null ? 0 : address(buffer, first);
  }

  private static int code(UpdateSpec.Rule rule) {
    return switch (rule) {
      case MOMENTS -> 0;
      case RMSPROP -> 1;
      case ADADELTA -> 2;
      case ADAGRAD -> 3;
      case LION -> 4;
    };
  }

  @Override
  public void addL1(float strength, Buffer values, Buffer gradients, long first, long count) {
    context.check(
        Kernels.addL1(
            context.handle(), strength, address(values, first), address(gradients, first), count));
  }

  @Override
  public void clamp(float limit, Buffer gradients, long first, long count) {
    context.check(Kernels.clamp(context.handle(), limit, address(gradients, first), count));
  }
}
