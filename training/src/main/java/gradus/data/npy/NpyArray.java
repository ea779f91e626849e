package gradus.data.npy;

import gradus.GradusException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** An array of NumPy: elements of one type in row-major (C) order. */
public final class NpyArray {
  private final NpyType type;
  private final int[] shape;
  private final int size;
  private final ByteBuffer data;

  /** Takes over {@code data}, which is in the byte order it says. */
  NpyArray(NpyType type, int[] shape, ByteBuffer data) {
    this.type = type;
    this.shape = shape.clone();
    this.data = data;
    long count = 1;
    for (int extent : shape) {
      count *= extent;
    }
    if (count * type.bytes() != data.capacity()) {
      throw new GradusException(
          "An array of shape "
              + Arrays.toString(shape)
              + " has "
              + count
              + " elements, but there are "
              + data.capacity() / type.bytes()
              + ".");
    }
    size = (int) count;
  }

  /** Of bytes 0 to 255; a copy. */
  public static NpyArray of(byte[] elements, int... shape) {
    return new NpyArray(NpyType.U1, shape, ByteBuffer.wrap(elements.clone()));
  }

  /** Of floats; a copy. */
  public static NpyArray of(float[] elements, int... shape) {
    ByteBuffer data = little(elements.length, NpyType.F4);
    data.asFloatBuffer().put(elements);
    return new NpyArray(NpyType.F4, shape, data);
  }

  /** Of doubles; a copy. */
  public static NpyArray of(double[] elements, int... shape) {
    ByteBuffer data = little(elements.length, NpyType.F8);
    data.asDoubleBuffer().put(elements);
    return new NpyArray(NpyType.F8, shape, data);
  }

  /** Of whole numbers; a copy. */
  public static NpyArray of(int[] elements, int... shape) {
    ByteBuffer data = little(elements.length, NpyType.I4);
    data.asIntBuffer().put(elements);
    return new NpyArray(NpyType.I4, shape, data);
  }

  /** Of large whole numbers; a copy. */
  public static NpyArray of(long[] elements, int... shape) {
    ByteBuffer data = little(elements.length, NpyType.I8);
    data.asLongBuffer().put(elements);
    return new NpyArray(NpyType.I8, shape, data);
  }

  private static ByteBuffer little(int count, NpyType type) {
    return ByteBuffer.allocate(Math.multiplyExact(count, type.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What elements are. */
  public NpyType type() {
    return type;
  }

  /** The extents; none for a single number. */
  public int[] shape() {
    return shape.clone();
  }

  /** How many elements. */
  public int size() {
    return size;
  }

  /** One element in row-major order; a large whole number may be rounded. */
  public double doubleAt(int i) {
    return switch (type) {
      case F4 -> data.getFloat(i * 4);
      case F8 -> data.getDouble(i * 8);
      case U1, I4, I8 -> longAt(i);
    };
  }

  /** One element in row-major order; of floats, what is behind the point is cut off. */
  public long longAt(int i) {
    return switch (type) {
      case F4, F8 -> (long) doubleAt(i);
      case U1 -> data.get(i) & 0xff;
      case I4 -> data.getInt(i * 4);
      case I8 -> data.getLong(i * 8);
    };
  }

  /** A view of the elements. */
  ByteBuffer data() {
    return data.duplicate().order(data.order()).clear();
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
