package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.reference.ReferenceBackend;
import gradus.tensor.DType;
import java.util.function.Consumer;

/**
 * One op with one set of arguments, runnable on any backend. The same case serves every contract:
 * equality with the reference, determinism, freedom from leaks.
 *
 * @param name the op's method, a blank, and its arguments, unique in the kit; it also seeds the
 *     data
 * @param tolerance how near the results must be
 * @param packed what {@link Trial#packed} tensors are: BF16 or F16
 * @param body allocates the arguments, calls the op and names its results
 */
public record OpCase(String name, Tolerance tolerance, DType packed, Consumer<Trial> body) {

  /** With packed tensors, if it has some, in bfloat16. */
  public OpCase(String name, Tolerance tolerance, Consumer<Trial> body) {
    this(name, tolerance, DType.BF16, body);
  }

  /** The same with packed tensors in float16. */
  OpCase inFloat16() {
    return new OpCase(name + " in float16", tolerance.inFloat16(), DType.F16, body);
  }

  /** The method of the SPI it is about. */
  public String op() {
    return name.substring(0, name.indexOf(' '));
  }

  /** Skips the calling test where the backend lacks what the op is for. */
  void requireFeatures(BackendUnderTest backend) {
    if (op().equals("round") || op().equals("expand")) {
      backend.require(packed == DType.F16 ? Feature.FLOAT16_STORAGE : Feature.BFLOAT16_STORAGE);
    }
  }

  /** Throws unless the backend gives the reference's results and leaves no memory behind. */
  void assertAgrees(Backend backend, ReferenceBackend reference) {
    long before = backend.memory().liveBytes();
    Outcome expected = run(new Trial(reference, this, false));
    Outcome magnitudes = tolerance.bySum() ? run(new Trial(reference, this, true)) : null;
    Outcome actual = run(new Trial(backend, this, false));
    expected.assertNear(actual, magnitudes, tolerance);
    long left = backend.memory().liveBytes() - before;
    if (left != 0) {
      throw new AssertionError("The op left " + left + " bytes of backend memory behind.");
    }
  }

  /** Throws unless the first gives the same bits twice, and the others give them too. */
  void assertSameBits(Backend first, Backend... others) {
    Outcome once = run(new Trial(first, this, false));
    once.assertSameBits(run(new Trial(first, this, false)), "repeated");
    for (Backend other : others) {
      once.assertSameBits(run(new Trial(other, this, false)), "on " + other.describe());
    }
  }

  /** Runs it once on the backend of the trial, which is closed afterwards. */
  Outcome run(Trial trial) {
    try (trial) {
      body.accept(trial);
      return trial.outcome();
    }
  }
}
