package gradus.backend.reference;

import gradus.backend.Buffer;
import gradus.tensor.DType;
import java.util.Arrays;

/** Elements of any type, kept as doubles; a slice shares the array of the buffer it looks into. */
final class ReferenceBuffer extends Buffer {
  private final int offset;
  private double[] values;

  ReferenceBuffer(DType dtype, int elements) {
    this(dtype, new double[elements], 0, elements);
  }

  private ReferenceBuffer(DType dtype, double[] values, int offset, int elements) {
    super(dtype, (long) elements * dtype.bytes());
    this.values = values;
    this.offset = offset;
  }

  /** The inside of a buffer of this backend. */
  static ReferenceBuffer of(Buffer buffer) {
    return (ReferenceBuffer) buffer;
  }

  int length() {
    return (int) elements();
  }

  ReferenceBuffer slice(int first, int count) {
    return new ReferenceBuffer(dtype(), values, offset + first, count);
  }

  double get(int i) {
    return values[offset + i];
  }

  void set(int i, double value) {
    values[offset + i] = value;
  }

  void add(int i, double value) {
    values[offset + i] += value;
  }

  /** this[i] = beta this[i] + value, where a beta of 0 does not look at the old value. */
  void put(int i, float beta, double value) {
    values[offset + i] = beta == 0 ? value : beta * values[offset + i] + value;
  }

  /** this = beta this, where a beta of 0 does not look at the old values. */
  void startSum(float beta) {
    if (beta == 0) {
      fill(0);
    } else if (beta != 1) {
      for (int i = 0; i < length(); i++) {
        values[offset + i] *= beta;
      }
    }
  }

  void fill(double value) {
    Arrays.fill(values, offset, offset + length(), value);
  }

  /** Rounds what was computed in double to what the type can hold, if that is BF16 or F16. */
  void round() {
    for (int i = 0; dtype().isReducedFloat() && i < length(); i++) {
      set(i, Rounding.nearest((float) get(i), dtype()));
    }
  }

  boolean isReleased() {
    return values == null;
  }

  void release() {
    values = null;
  }
}
