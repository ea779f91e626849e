package gradus.autograd;

import gradus.backend.Buffer;
import gradus.backend.MathOps;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import java.util.Arrays;

/**
 * How a pass in bfloat16 or float16 keeps its activations. One is rounded by the op that makes it,
 * or else when the first op takes it in, and lies packed in half the memory from then on. Ops
 * compute with float32 values: those of the inputs and output of the present op are at hand, others
 * are expanded again when an op asks for them. As they were rounded, it makes no difference to
 * results which ones are at hand.
 */
final class MixedPrecision {
  private static final int TYPICAL_WIDE = 8;

  private final Pass pass;
  private Tensor[] wide = new Tensor[TYPICAL_WIDE]; // packed ones with their float32 values at hand
  private int wideCount;
  private int op;

  MixedPrecision(Pass pass) {
    this.pass = pass;
  }

  /** The next op is going to read {@code input} packed. */
  void takeInPacked(Tensor input) {
    Tensor tensor = input.base();
    if (!tensor.isPacked()
        && tensor.dtype() == DType.F32
        && tensor.placement() == Placement.BATCH) {
      Buffer packed = takePacked(tensor);
      math().round(tensor.buffer(), null, packed);
      tensor.setPacked(packed);
      tensor.dropExpanded();
    }
  }

  /** The next op is going to read {@code input}. */
  void takeIn(Tensor input) {
    Tensor tensor = input.base();
    if (tensor.isPacked()) {
      tensor.setLastUse(op);
    } else if (tensor.dtype() == DType.F32 && tensor.placement() == Placement.BATCH) {
      Buffer values = tensor.buffer();
      Buffer packed = takePacked(tensor);
      math().round(values, values, packed);
      tensor.setPacked(packed);
      isWide(tensor);
    }
  }

  /** The next op has told its inputs: of all others the packed values will do. */
  void inputsAreKnown() {
    narrow();
    op++;
  }

  /** Backward comes to the op that made {@code next}, or to its end. */
  void opGoneBackThrough(Tensor next) {
    op++;
    if (next != null) {
      next.base().setLastUse(op);
    }
    narrow();
  }

  /** The float32 values of a packed tensor, until an op later. */
  Buffer expanded(Tensor tensor) {
    Buffer values = pass.takeBuffer(tensor.shape(), DType.F32, Placement.BATCH);
    math().expand(tensor.packed(), values);
    isWide(tensor);
    return values;
  }

  private Buffer takePacked(Tensor tensor) {
    return pass.takeBuffer(tensor.shape(), pass.precision().activations(), Placement.BATCH);
  }

  private void isWide(Tensor tensor) {
    tensor.setLastUse(op);
    if (wideCount == wide.length) {
      wide = Arrays.copyOf(wide, wideCount * 2);
    }
    wide[wideCount++] = tensor;
  }

  private void narrow() {
    int left = 0;
    for (int i = 0; i < wideCount; i++) {
      Tensor tensor = wide[i];
      if (tensor.lastUse() >= op && tensor.isPacked()) {
        wide[left++] = tensor;
      } else {
        tensor.dropExpanded();
      }
    }
    Arrays.fill(wide, left, wideCount, null);
    wideCount = left;
  }

  private MathOps math() {
    return pass.backend().math();
  }
}
