package gradus.autograd;

import gradus.backend.Arrival;
import gradus.backend.Buffer;
import gradus.backend.Reading;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;

/**
 * A value of one pass: a shaped region of backend memory that lives until the pass closes or
 * backward has gone past it. Reading it ({@link #item}, {@link #toArray}) is an explicit act,
 * because on a device it waits.
 */
public final class Tensor {
  private final Pass pass;
  private final Shape shape;
  private final DType dtype;
  private final Placement placement;
  private final Tensor base;
  private Buffer buffer; // of a packed tensor only while it is at hand
  private Buffer packed; // the same values, rounded, or null
  private int lastUse;
  private Buffer gradient;
  private boolean roundsGradient; // because the op that made it reads rounded gradients
  private boolean wantsGradient;
  private boolean gradientWritten;
  private boolean kept;
  private boolean retained;
  private Buffer retainedGradient;
  private int largestLabel = -1;

  Tensor(Pass pass, Shape shape, DType dtype, Placement placement, Buffer buffer) {
    this.pass = pass;
    this.shape = shape;
    this.dtype = dtype;
    this.placement = placement;
    this.buffer = buffer;
    this.base = this;
  }

  private Tensor(Tensor base, Shape shape) {
    this.pass = base.pass;
    this.shape = shape;
    this.dtype = base.dtype;
    this.placement = base.placement;
    this.base = base;
  }

  /** The pass it belongs to. */
  public Pass pass() {
    return pass;
  }

  /**
   * The logical shape: {@code [N,C,H,W]} for images, {@code [N,F]} for features, {@code []} for a
   * scalar.
   */
  public Shape shape() {
    return shape;
  }

  /** What the elements are. */
  public DType dtype() {
    return dtype;
  }

  /** Whether the backend chose its layout. */
  public Placement placement() {
    return placement;
  }

  /**
   * The memory it lies in.
   *
   * @throws IllegalStateException if the pass has closed or backward has already used it up
   */
  public Buffer buffer() {
    if (base.buffer == null && base.packed != null) {
      base.buffer = pass.expanded(base);
    }
    if (base.buffer == null) {
      throw new IllegalStateException(
          "The tensor "
              + shape
              + " is gone: "
              + (pass.isOpen()
                  ? "backward has used it up; call keep() on it before backward"
                  : "its pass has closed")
              + ".");
    }
    return base.buffer;
  }

  /**
   * For ops whose kernels read either: the memory it is kept in, BF16 or F16 where the pass has
   * rounded it.
   */
  public Buffer stored() {
    return base.packed != null ? base.packed : buffer();
  }

  /** The value of a one-element tensor. Waits for the device. */
  public float item() {
    requireOne("item()");
    FloatBuffer host = pass.hostScalar();
    pass.backend().memory().copyOut(buffer(), shape, placement, host);
    return host.get(0);
  }

  /**
   * {@link #item} without waiting: the device goes on, and whoever needs the number asks for it,
   * even after the pass has closed.
   */
  public Reading itemLater() {
    if (placement == Placement.BATCH) {
      float value = item();
      return () -> value;
    }
    requireOne("itemLater()");
    return pass.backend().memory().readLater(buffer());
  }

  private void requireOne(String method) {
    if (shape.size() != 1) {
      throw new IllegalStateException(
          method + " reads one number, but the tensor has the shape " + shape + ": use toArray().");
    }
  }

  /** All values in logical row-major order. Waits for the device. */
  public float[] toArray() {
    return pass.read(buffer(), shape, placement);
  }

  /**
   * {@link #toArray} without waiting: the device goes on, and {@code destination}, which has one
   * place for each value, has them when the answer has been waited for, even after the pass has
   * closed.
   */
  public Arrival toArrayLater(float[] destination) {
    if (destination.length != shape.size()) {
      throw new IllegalArgumentException(
          "A tensor " + shape + " does not fill an array of " + destination.length + " values.");
    }
    return pass.backend()
        .memory()
        .copyOutLater(buffer(), shape, placement, FloatBuffer.wrap(destination));
  }

  /**
   * The same values under another shape of the same size; the batch dimension must stay. A view of
   * the same memory wherever that {@linkplain gradus.backend.Memory#lieAlike lies alike}.
   */
  public Tensor reshape(Shape other) {
    if (other.size() != shape.size()
        || (placement == Placement.BATCH && other.dim(0) != shape.dim(0))) {
      throw new IllegalArgumentException(
          "Cannot view "
              + shape
              + " as "
              + other
              + ": the number of elements and the batch size must stay the same.");
    }
    boolean view = placement == Placement.DENSE || pass.backend().memory().lieAlike(shape, other);
    return view ? new Tensor(base, other) : ReshapeOp.apply(this, other);
  }

  /** The largest class number of a tensor made by {@link Pass#labels}; -1 of any other. */
  public int largestLabel() {
    return base.largestLabel;
  }

  /** Keeps the value readable after backward, until the pass closes. */
  public Tensor keep() {
    base.kept = true;
    return this;
  }

  /**
   * Asks for the gradient of a tensor no op has made, such as the images; read it with {@link
   * #gradientArray}.
   */
  public Tensor requireGradient() {
    base.wantsGradient = true;
    return this;
  }

  /**
   * Keeps the gradient of a tensor that an op has made, such as a layer's output, for {@link
   * #gradientArray} after backward: {@code retain_grad()} in PyTorch. The op must have an input, or
   * parameters, that a gradient is wanted of.
   */
  public Tensor retainGradient() {
    base.retained = true;
    return this;
  }

  /** Whether backward should compute a gradient for it. */
  public boolean wantsGradient() {
    return base.wantsGradient;
  }

  /**
   * The gradient in logical row-major order, after backward, of a tensor that asked for one with
   * {@link #requireGradient} or {@link #retainGradient}.
   */
  public float[] gradientArray() {
    boolean retains = base.retainedGradient != null;
    if (!base.gradientWritten || (!retains && base.gradient == null)) {
      throw new IllegalStateException(
          "The tensor "
              + shape
              + " has no gradient: call requireGradient() before forward, or retainGradient() on"
              + " what an op has made, then backward.");
    }
    return pass.read(retains ? base.retainedGradient : gradient(), shape, placement);
  }

  // What ops use.

  /** For ops: the gradient's memory, allocated when first asked for. See {@link #gradientBeta}. */
  public Buffer gradient() {
    Buffer stored = base.gradient;
    if (stored == null || stored.dtype().isReducedFloat()) {
      base.gradient = pass.takeBuffer(base.shape, base.dtype, base.placement);
      if (stored != null) {
        pass.backend().math().expand(stored, base.gradient);
        pass.giveBack(stored);
      }
    }
    return base.gradient;
  }

  /**
   * For ops whose kernels read and write either: the memory the gradient is kept in, BF16 or F16
   * where the pass rounds it and no op has asked for {@link #gradient}.
   */
  public Buffer storedGradient() {
    if (base.gradient == null) {
      base.gradient = pass.takeBuffer(base.shape, gradientType(), base.placement);
    }
    return base.gradient;
  }

  /** For ops: whether {@link #storedGradient} is BF16 or F16. */
  public boolean hasRoundedGradient() {
    return gradientType().isReducedFloat();
  }

  private DType gradientType() {
    if (base.gradient != null) {
      return base.gradient.dtype();
    }
    return base.roundsGradient ? pass.precision().activations() : base.dtype;
  }

  /**
   * For ops: 0 the first time, when the gradient must be overwritten; 1 from then on, when it must
   * be added to.
   */
  public float gradientBeta() {
    boolean written = base.gradientWritten;
    base.gradientWritten = true;
    return written ? 1 : 0;
  }

  /**
   * For ops: adds a whole gradient, taking the buffer over if it is the first. The caller must not
   * use it afterwards.
   */
  public void giveGradient(Buffer given) {
    if (base.gradientWritten) {
      pass.backend().math().addScaled(1, given, gradient());
      pass.giveBack(given);
    } else {
      base.gradientWritten = true;
      base.gradient = given;
    }
  }

  /**
   * For ops: takes a buffer over as the memory of the gradient, which is 0 so far and is to be
   * overwritten; or returns false if there is a gradient already, or it is kept in another type.
   */
  public boolean giveFirstGradient(Buffer given) {
    if (base.gradientWritten || given.dtype() != gradientType()) {
      return false;
    }
    giveGradient(given);
    return true;
  }

  /**
   * For ops: hands out the gradient's memory, so that it can be given to an input; this tensor has
   * none afterwards.
   */
  public Buffer takeGradient() {
    Buffer taken = gradient();
    base.gradient = null;
    return taken;
  }

  /** For ops: {@link #takeGradient} of the memory it is kept in. */
  public Buffer takeStoredGradient() {
    Buffer taken = storedGradient();
    base.gradient = null;
    return taken;
  }

  /** The op that makes it reads its gradient rounded. */
  void roundGradient() {
    roundsGradient = true;
  }

  void setLargestLabel(int label) {
    largestLabel = label;
  }

  /** Whether some later op has left a gradient here. */
  boolean hasGradient() {
    return base.gradientWritten;
  }

  /** Before an op that may overwrite the gradient. */
  void copyRetainedGradient() {
    if (base.retained && base.retainedGradient == null) {
      base.retainedGradient = pass.takeBuffer(base.shape, base.dtype, base.placement);
      pass.backend().math().copy(gradient(), base.retainedGradient);
    }
  }

  void releaseRetainedGradient() {
    if (base.retainedGradient != null) {
      pass.giveBack(base.retainedGradient);
      base.retainedGradient = null;
    }
  }

  boolean sharesMemoryWith(Tensor other) {
    return base == other.base;
  }

  /** Gives value and gradient back to the pool, unless kept. */
  void releaseUnlessKept() {
    if (!base.kept) {
      release();
    }
  }

  void release() {
    if (base.buffer != null) {
      pass.giveBack(base.buffer);
      base.buffer = null;
    }
    if (base.packed != null) {
      pass.giveBack(base.packed);
      base.packed = null;
    }
    releaseGradient();
  }

  // What MixedPrecision uses; of a base alone.

  Tensor base() {
    return base;
  }

  boolean isPacked() {
    return packed != null;
  }

  Buffer packed() {
    return packed;
  }

  void setPacked(Buffer rounded) {
    packed = rounded;
  }

  /** Leaves the packed values alone, if there are any. */
  void dropExpanded() {
    if (packed != null && buffer != null) {
      pass.giveBack(buffer);
      buffer = null;
    }
  }

  /** The number of the op that used it last. */
  int lastUse() {
    return lastUse;
  }

  void setLastUse(int op) {
    lastUse = op;
  }

  void releaseGradient() {
    if (base.gradient != null) {
      pass.giveBack(base.gradient);
      base.gradient = null;
    }
  }

  @Override
  public String toString() {
    return "Tensor" + shape + " " + dtype;
  }
}
