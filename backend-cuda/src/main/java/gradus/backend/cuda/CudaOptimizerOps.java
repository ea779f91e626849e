package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.address;

import gradus.backend.Buffer;
import gradus.backend.OptimizerOps;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.backend.spec.UpdateSpec;

/** Parameter updates: one launch for all the parameters of a group. */
final class CudaOptimizerOps implements OptimizerOps {
  private final CudaContext context;

  CudaOptimizerOps(CudaContext context) {
    this.context = context;
  }

  @Override
  public void sgd(
      SgdSpec spec, Buffer values, Buffer gradients, Buffer velocity, long first, long count) {
    context
        .launch(Kernel.SGD)
        .with(address(values, first))
        .with(address(gradients, first))
        .with(address(velocity, first))
        .with(spec.learningRate())
        .with(spec.momentum())
        .with(1 - spec.dampening())
        .with(spec.nesterov() ? 1 : 0)
        .with(spec.weightDecay())
        .with(spec.firstStep() ? 1 : 0)
        .over(count);
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
    // The beta are near 1: what they lack of it is computed in double.
    double step = (double) spec.step();
    context
        .launch(Kernel.ADAM)
        .with(address(values, first))
        .with(address(gradients, first))
        .with(address(mean, first))
        .with(address(variance, first))
        .with(spec.learningRate())
        .with(spec.beta1())
        .with(spec.beta2())
        .with((float) (1 - (double) spec.beta1()))
        .with((float) (1 - (double) spec.beta2()))
        .with(spec.epsilon())
        .with(spec.weightDecay())
        .with(spec.decoupled() ? 1 : 0)
        .with((float) (1 - Math.pow(spec.beta1(), step)))
        .with((float) (1 - Math.pow(spec.beta2(), step)))
        .over(count);
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
    context
        .launch(Kernel.UPDATE)
        .with(code(spec.rule()))
        .with(address(values, first))
        .with(address(gradients, first))
        .with(address(a, first))
        .with(address(b, first))
        .with(address(c, first))
        .with((float) spec.rate())
        .with((float) spec.keep())
        .with((float) spec.weightDecay())
        .with((float) spec.beta1())
        .with((float) (1 - spec.beta1()))
        .with((float) spec.beta2())
        .with((float) (1 - spec.beta2()))
        .with((float) spec.epsilon())
        .with((float) spec.extra())
        .with((float) spec.root())
        .over(count);
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
    context
        .launch(Kernel.ADD_L1)
        .with(strength)
        .with(address(values, first))
        .with(address(gradients, first))
        .over(count);
  }

  @Override
  public void clamp(float limit, Buffer gradients, long first, long count) {
    context.launch(Kernel.CLAMP).with(limit).with(address(gradients, first)).over(count);
  }
}
