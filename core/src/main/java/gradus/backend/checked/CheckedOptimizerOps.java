package gradus.backend.checked;

import gradus.backend.Buffer;
import gradus.backend.OptimizerOps;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.backend.spec.UpdateSpec;

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
    OpCheck check = checks.of("update " + spec.rule());
    requireRange(check, values, first, count);
    UpdateSpec.Rule rule = spec.rule();
    Buffer[] given = {a, b, c};
    for (int i = 0; i < given.length; i++) {
      // Only RMSprop may have its third array without its second.
      check.require(
          given[i] != null || i >= rule.leastArrays(),
          rule + " needs " + rule.leastArrays() + " arrays, but number " + (i + 1) + " is missing");
      check.require(
          given[i] == null || i < rule.mostArrays(),
          rule + " takes " + rule.mostArrays() + " arrays, but got number " + (i + 1));
    }
    Buffer w = check.writeBytes("values", values, values.bytes());
    Buffer g = check.readBytes("gradients", gradients, values.bytes());
    Buffer one = state(check, "a", a, values);
    Buffer second = state(check, "b", b, values);
    Buffer third = state(check, "c", c, values);
    check.noAliasing();
    inner.update(spec, w, g, one, second, third, first, count);
  }

  private static Buffer state(OpCheck check, String name, Buffer buffer, Buffer values) {
    return buffer == null ? null : check.writeBytes(name, buffer, values.bytes());
  }

  @Override
  public void addL1(float strength, Buffer values, Buffer gradients, long first, long count) {
    OpCheck check = checks.of("addL1");
    requireRange(check, values, first, count);
    Buffer w = check.readBytes("values", values, values.bytes());
    Buffer g = check.writeBytes("gradients", gradients, values.bytes());
    check.noAliasing();
    inner.addL1(strength, w, g, first, count);
  }

  @Override
  public void clamp(float limit, Buffer gradients, long first, long count) {
    OpCheck check = checks.of("clamp");
    requireRange(check, gradients, first, count);
    check.require(limit >= 0, "the limit is " + limit + ", but must not be negative");
    inner.clamp(limit, check.writeBytes("gradients", gradients, gradients.bytes()), first, count);
  }

  private static void requireRange(OpCheck check, Buffer values, long first, long count) {
    check.require(
        first >= 0 && count >= 0 && first + count <= values.elements(),
        count + " elements from " + first + " do not lie inside " + values);
  }
}
