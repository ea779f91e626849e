package gradus.autograd;

import java.util.Arrays;
import java.util.function.IntConsumer;

/** What a pass has computed, op by op, so that it can be gone back through. */
final class Tape {
  private static final int TYPICAL_OPS = 32;

  private Op[] ops = new Op[TYPICAL_OPS];
  private Tensor[] outputs = new Tensor[TYPICAL_OPS];
  private int recorded;
  private IntConsumer follower = left -> {};

  int recorded() {
    return recorded;
  }

  void follow(IntConsumer opsLeft) {
    follower = opsLeft;
  }

  void record(Op op, Tensor output) {
    if (recorded == ops.length) {
      ops = Arrays.copyOf(ops, recorded * 2);
      outputs = Arrays.copyOf(outputs, recorded * 2);
    }
    ops[recorded] = op;
    outputs[recorded++] = output;
  }

  /**
   * Carries gradients from the newest output to the oldest, and forgets each op behind it.
   *
   * @param mixed of the pass, or null in float32
   */
  void goBack(Pass pass, MixedPrecision mixed) {
    while (recorded > 0) {
      Op op = ops[recorded - 1];
      Tensor output = outputs[recorded - 1];
      if (output.hasGradient()) {
        output.copyRetainedGradient(); // an op may overwrite it
        op.backward(pass, output);
      }
      recorded--; // not before: if backward throws, forget() still has this op to release
      ops[recorded] = null;
      outputs[recorded] = null;
      op.release(pass);
      output.releaseGradient();
      output.releaseUnlessKept();
      if (mixed != null) {
        mixed.opGoneBackThrough(recorded == 0 ? null : outputs[recorded - 1]);
      }
      follower.accept(recorded);
    }
  }

  /** Frees what the ops have saved for backward. */
  void forget(Pass pass) {
    for (int i = recorded - 1; i >= 0; i--) {
      ops[i].release(pass);
    }
    recorded = 0;
  }
}
