package gradus.backend.checked;

import gradus.backend.Buffer;
import gradus.backend.OptimizerOps;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;

/** Parameter updates with their arguments checked. */
final class CheckedOptimizerOps implements OptimizerOps {
  private final OptimizerOps inner;
  private final Checks checks;

  CheckedOptimizerOps(OptimizerOps inner, Checks checks) {
    this.inner = inner;
    this.checks = checks;
  }

  @Override
  public void sgd(
      SgdSpec spec, Buffer values, Buffer gradients, Buffer velocity, long first, long count) {
    OpCheck check = checks.of("sgd");
    requireRange(check, values, first, count);
    check.require(
        velocity != null || spec.momentum() == 0,
        "momentum is " + spec.momentum() + ", but there is no velocity");
    Buffer w = check.writeBytes("values", values, values.bytes());
    Buffer g = check.readBytes("gradients", gradients, values.bytes());
    Buffer v = velocity == null ? null : check.writeBytes("velocity", velocity, values.bytes());
    check.noAliasing();
    inner.sgd(spec, w, g, v, first, count);
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
    OpCheck check = checks.of("adam");
    requireRange(check, values, first, count);
    check.require(spec.step() >= 1, "the step is " + spec.step() + ", but steps count from 1");
    Buffer w = check.writeBytes("values", values, values.bytes());
    Buffer g = check.readBytes("gradients", gradients, values.bytes());
    Buffer m = check.writeBytes("mean", mean, values.bytes());
    Buffer v = check.writeBytes("variance", variance, values.bytes());
    check.noAliasing();
    inner.adam(spec, w, g, m, v, first, count);
  }

  private static void requireRange(OpCheck check, Buffer values, long first, long count) {
    check.require(
        first >= 0 && count >= 0 && first + count <= values.elements(),
        count + " elements from " + first + " do not lie inside " + values);
  }
}
