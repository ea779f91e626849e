package gradus.layer;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.function.Consumer;

/**
 * A named array of a model that outlives passes: a weight that is trained, or a running statistic.
 * It is a slice of the model's flat arrays, so that one kernel updates all parameters of a group.
 *
 * <p>Gradients accumulate from pass to pass until an optimizer's step uses them up; there is no
 * zero_grad to forget.
 */
public final class Parameter {
  /** What a parameter does in its layer; optimizers choose groups by it. */
  public enum Kind {
    /** Filters and matrices: usually decayed. */
    WEIGHT,
    /** Added per channel or feature: usually not decayed. */
    BIAS,
    /** Scale and shift of a normalisation: usually not decayed. */
    NORM,
    /** Running mean or variance: saved with the model, not trained. */
    STATISTIC
  }

  private final String name;
  private final Shape shape;
  private final Kind kind;
  private final Initializer initializer;
  private Memory memory;
  private Buffer value;
  private Buffer gradient;
  private long offset;
  private boolean frozen;
  private boolean gradientWritten;
  private Consumer<Parameter> user; // null where nobody asks

  Parameter(String name, Shape shape, Kind kind, Initializer initializer) {
    this.name = name;
    this.shape = shape;
    this.kind = kind;
    this.initializer = initializer;
  }

  void bind(Memory owner, Buffer valueSlice, Buffer gradientSlice, long offsetInStore) {
    this.memory = owner;
    this.value = valueSlice;
    this.gradient = gradientSlice;
    this.offset = offsetInStore;
  }

  /** The memory is about to be given back. */
  void unbind() {
    memory = null;
    value = null;
    gradient = null;
  }

  private void requireBound() {
    if (value == null) {
      throw new IllegalStateException(
          name + shape + " has no memory: its model has been closed, or was never built.");
    }
  }

  /** The path in the model, as PyTorch writes it: {@code layer1.0.conv1.weight}. */
  public String name() {
    return name;
  }

  /** The shape: {@code [K,C/groups,R,S]}, {@code [out,in]} or {@code [C]}. */
  public Shape shape() {
    return shape;
  }

  /** What it does in its layer. */
  public Kind kind() {
    return kind;
  }

  /** Whether an optimizer may change it. */
  public boolean isTrainable() {
    return kind != Kind.STATISTIC && !frozen;
  }

  /**
   * Excludes it from training (fine-tuning), or includes it again: at any time, from the next pass
   * on. A batch norm whose weight and bias are both frozen leaves its running statistics alone and
   * normalises by them, unlike with PyTorch's {@code requires_grad = False}.
   */
  public void setFrozen(boolean frozen) {
    this.frozen = frozen;
  }

  /**
   * Tells {@code whenUsed} whenever {@linkplain #value its values} are asked for, as each op does
   * that computes with it; null to tell nobody.
   */
  public void followUse(Consumer<Parameter> whenUsed) {
    user = whenUsed;
  }

  /**
   * The memory of its values, dense.
   *
   * @throws IllegalStateException if the model has been closed
   */
  public Buffer value() {
    requireBound();
    if (user != null) {
      user.accept(this);
    }
    return value;
  }

  /** The memory of its gradient, dense; null for a statistic. */
  public Buffer gradient() {
    requireBound();
    return gradient;
  }

  /** Where it begins in the flat arrays of its store, in elements. */
  public long offset() {
    return offset;
  }

  /**
   * For ops: 0 for the first gradient after an optimizer step, which overwrites; 1 for the
   * following, which add.
   */
  public float gradientBeta() {
    boolean written = gradientWritten;
    gradientWritten = true;
    return written ? 1 : 0;
  }

  /** Whether a backward has reached it since the last optimizer step. */
  public boolean hasGradient() {
    return gradientWritten;
  }

  /** For optimizers: the gradient has been used up, the next one overwrites it. */
  public void gradientUsed() {
    gradientWritten = false;
  }

  /** Its values in row-major order. Waits for the device. */
  public float[] read() {
    return copyOut(value());
  }

  /** Its gradient in row-major order; all zeros if none has come yet. Waits for the device. */
  public float[] readGradient() {
    return gradientWritten ? copyOut(gradient()) : new float[Math.toIntExact(shape.size())];
  }

  /** Sets its values, in row-major order. */
  public void write(float[] values) {
    if (values.length != shape.size()) {
      throw new GradusException(
          name
              + " has the shape "
              + shape
              + " and takes "
              + shape.size()
              + " values, but got "
              + values.length
              + ".");
    }
    requireBound();
    memory.copyIn(FloatBuffer.wrap(values), value, shape, Placement.DENSE);
  }

  void initialize(long seed) {
    write(initializer.values(shape, seed ^ name.hashCode() * 0x9E3779B97F4A7C15L));
  }

  private float[] copyOut(Buffer buffer) {
    float[] values = new float[Math.toIntExact(shape.size())];
    memory.copyOut(buffer, shape, Placement.DENSE, FloatBuffer.wrap(values));
    return values;
  }

  @Override
  public String toString() {
    return name + shape;
  }
}
