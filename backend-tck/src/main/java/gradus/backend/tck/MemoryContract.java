package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Arrival;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.backend.OutOfBackendMemoryException;
import gradus.backend.Reading;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Allocation, copies, slices and the count of live bytes. */
public interface MemoryContract extends BackendUnderTest {
  /** A number that is read later is that of when it was asked for. */
  @Test
  default void aNumberReadLaterIsThatOfWhenItWasAskedFor() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      Buffer number =
          backend.pool().take(DType.F32, memory.bytes(Shape.SCALAR, DType.F32, Placement.DENSE));
      List<Reading> readings = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        backend.math().fill(number, i);
        readings.add(memory.readLater(number));
        if (i % 3 == 0) {
          memory.flush();
        }
      }
      backend.math().fill(number, -1);
      backend.pool().giveBack(number);
      for (int i = readings.size() - 1; i >= 0; i--) {
        assertEquals(i, readings.get(i).value());
        assertEquals(i, readings.get(i).value(), "asked again");
      }
    }
  }

  /** An array that is copied later is that of when it was asked for, whatever its length. */
  @Test
  default void anArrayCopiedLaterIsThatOfWhenItWasAskedFor() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      List<float[]> expected = new ArrayList<>();
      List<float[]> arrays = new ArrayList<>();
      List<Arrival> arrivals = new ArrayList<>();
      for (int i = 0; i < 40; i++) { // more than a device may keep, short ones among long ones
        Placement placement = i % 2 == 0 ? Placement.DENSE : Placement.BATCH;
        Shape shape = i % 5 == 0 ? Shape.of(2, 3, 2, 2) : Shape.of(i % 4 == 1 ? 1 : 3 * i, 2);
        float[] values = new RandomTensors(i).uniform(shape.size());
        Buffer source = backend.pool().take(DType.F32, memory.bytes(shape, DType.F32, placement));
        memory.copyIn(FloatBuffer.wrap(values), source, shape, placement);
        expected.add(values);
        arrays.add(new float[2 + values.length]);
        FloatBuffer inside = FloatBuffer.wrap(arrays.get(i), 1, arrays.get(i).length - 1);
        arrivals.add(memory.copyOutLater(source, shape, placement, inside));
        backend.math().fill(source, -1);
        backend.pool().giveBack(source);
        if (i % 3 == 0) {
          memory.flush();
        }
      }
      for (int i = arrays.size() - 1; i >= 0; i--) {
        arrivals.get(i).await();
        arrivals.get(i).await();
        float[] array = arrays.get(i);
        assertArrayEquals(expected.get(i), Arrays.copyOfRange(array, 1, array.length - 1), "" + i);
        assertEquals(0, array[0] + array[array.length - 1], "beside array " + i);
      }
    }
  }

  /** What is copied in comes out bit by bit, whatever the layout between. */
  @TestFactory
  default Stream<DynamicTest> floatsSurviveTheRoundTrip() {
    Backend backend = open(BackendOptions.DEFAULT);
    return Stream.concat(
            Shapes.batches().stream().map(shape -> roundTrip(backend, shape, Placement.BATCH)),
            Shapes.denses().stream().map(shape -> roundTrip(backend, shape, Placement.DENSE)))
        .onClose(backend::close);
  }

  private static DynamicTest roundTrip(Backend backend, Shape shape, Placement placement) {
    return DynamicTest.dynamicTest(
        placement + " " + shape,
        () -> {
          Memory memory = backend.memory();
          float[] values = new RandomTensors(shape.hashCode()).uniform(shape.size());
          float[] special = {
            Float.NaN, Float.NEGATIVE_INFINITY, -0f, Float.MIN_VALUE, Float.MAX_VALUE
          };
          System.arraycopy(special, 0, values, 0, Math.min(special.length, values.length));
          Buffer buffer = memory.allocate(DType.F32, memory.bytes(shape, DType.F32, placement));
          memory.copyIn(FloatBuffer.wrap(values), buffer, shape, placement);
          float[] back = new float[values.length];
          memory.copyOut(buffer, shape, placement, FloatBuffer.wrap(back));
          assertArrayEquals(values, back, 0f);

          int margin = 3; // and from and to any position, in direct buffers
          FloatBuffer source = direct(margin + values.length);
          source.position(margin).put(values).position(margin);
          FloatBuffer destination = direct(margin + values.length);
          destination.put(0, 5).position(margin);
          memory.zero(buffer);
          memory.copyIn(source, buffer, shape, placement);
          memory.copyOut(buffer, shape, placement, destination);
          destination.get(margin, back);
          assertArrayEquals(values, back, 0f);
          assertEquals(5, destination.get(0), "a float before the position was overwritten");
          memory.free(buffer);
        });
  }

  /** Bytes arrive as floats, each channel with its factor and summand. */
  @TestFactory
  default Stream<DynamicTest> bytesAreScaledOnTheirWayIn() {
    Backend backend = open(BackendOptions.DEFAULT);
    return Shapes.batches().stream()
        .filter(shape -> shape.rank() == 4)
        .map(shape -> scaledBytes(backend, shape))
        .onClose(backend::close);
  }

  private static DynamicTest scaledBytes(Backend backend, Shape shape) {
    return DynamicTest.dynamicTest(
        shape.toString(),
        () -> {
          Memory memory = backend.memory();
          int count = Math.toIntExact(shape.size());
          int channels = shape.dim(1);
          int pixels = shape.dim(2) * shape.dim(3);
          float[] scale = new float[channels];
          float[] shift = new float[channels];
          for (int c = 0; c < channels; c++) {
            scale[c] = 0.01f * (c + 1);
            shift[c] = 0.3f * c - 1;
          }
          int margin = 3;
          ByteBuffer heap = ByteBuffer.allocate(margin + count);
          ByteBuffer direct = ByteBuffer.allocateDirect(margin + count);
          double[] expected = new double[count];
          for (int i = 0; i < count; i++) {
            int level = (i * 7 + i / 256) % 256;
            int c = i / pixels % channels;
            heap.put(margin + i, (byte) level);
            direct.put(margin + i, (byte) level);
            expected[i] = level * (double) scale[c] + shift[c];
          }
          Buffer buffer =
              memory.allocate(DType.F32, memory.bytes(shape, DType.F32, Placement.BATCH));
          for (ByteBuffer source : new ByteBuffer[] {heap, direct}) {
            backend.math().fill(buffer, Float.NaN);
            memory.copyIn(source.position(margin), scale, shift, buffer, shape);
            float[] values = new float[count];
            memory.copyOut(buffer, shape, Placement.BATCH, FloatBuffer.wrap(values));
            for (int i = 0; i < count; i++) {
              assertEquals(expected[i], values[i], 1e-6 * (1 + Math.abs(expected[i])));
            }
            assertEquals(margin, source.position(), "the source's position moved");
          }
          memory.free(buffer);
        });
  }

  private static FloatBuffer direct(int count) {
    return ByteBuffer.allocateDirect(count * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** A rounded tensor holds what its type can hold, and rounds the rest to nearest even. */
  @TestFactory
  default Stream<DynamicTest> roundedTensorsRoundToNearestEven() {
    return mixedPrecisions()
        .map(Precision::activations)
        .map(
            type ->
                DynamicTest.dynamicTest(
                    "" + type,
                    () -> assertRoundsToNearestEven(type, type == DType.F16 ? 0x1p-10f : 0x1p-7f)));
  }

  private void assertRoundsToNearestEven(DType type, float ulp) {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      for (Placement placement : Placement.values()) {
        Shape shape = Shape.of(2, 3);
        Buffer buffer = memory.allocate(type, memory.bytes(shape, type, placement));
        float[] values = {1, -2.5f, 1 + ulp / 2, 1 + ulp * 1.5f, 1 + ulp * 0.51f, Float.NaN};
        memory.copyIn(FloatBuffer.wrap(values), buffer, shape, placement);
        float[] back = new float[6];
        memory.copyOut(buffer, shape, placement, FloatBuffer.wrap(back));
        assertArrayEquals(new float[] {1, -2.5f, 1, 1 + ulp * 2, 1 + ulp, Float.NaN}, back, 0f);
        memory.free(buffer);
      }
    }
  }

  /** Labels come back as they went in. */
  @Test
  default void integersSurviveTheRoundTrip() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      Shape shape = Shape.of(33);
      int[] values = new RandomTensors(1).labels(33, 1_000_000);
      values[0] = -1;
      Buffer buffer = memory.allocate(DType.I32, memory.bytes(shape, DType.I32, Placement.DENSE));
      memory.copyIn(IntBuffer.wrap(values), buffer, 33);
      int[] back = new int[33];
      memory.copyOut(buffer, shape, Placement.DENSE, IntBuffer.wrap(back));
      assertArrayEquals(values, back);
      memory.free(buffer);
    }
  }

  /** Zeroing reaches every element of every type. */
  @Test
  default void zeroSetsEveryElement() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      Shape shape = Shape.of(17, 3, 5, 5);
      Buffer floats = memory.allocate(DType.F32, memory.bytes(shape, DType.F32, Placement.BATCH));
      backend.math().fill(floats, Float.NaN);
      memory.zero(floats);
      float[] values = new float[(int) shape.size()];
      memory.copyOut(floats, shape, Placement.BATCH, FloatBuffer.wrap(values));
      assertArrayEquals(new float[values.length], values, 0f);
      Buffer bytes = memory.allocate(DType.U8, memory.bytes(shape, DType.U8, Placement.BATCH));
      memory.zero(bytes);
      int[] places = new int[(int) shape.size()];
      memory.copyOut(bytes, shape, Placement.BATCH, IntBuffer.wrap(places));
      assertArrayEquals(new int[places.length], places);
      memory.free(floats);
      memory.free(bytes);
    }
  }

  /** A slice is a window into its buffer, for copies and kernels alike. */
  @Test
  default void slicesShareTheirBuffer() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      Shape whole = Shape.of(10);
      Buffer buffer = memory.allocate(DType.F32, memory.bytes(whole, DType.F32, Placement.DENSE));
      backend.math().fill(buffer, 1);
      Buffer part = memory.slice(buffer, 3, 4);
      assertEquals(4, part.elements());
      assertEquals(DType.F32, part.dtype());
      memory.copyIn(FloatBuffer.wrap(new float[] {5, 6, 7, 8}), part, Shape.of(4), Placement.DENSE);
      backend.math().scale(2, memory.slice(part, 1, 2));
      float[] values = new float[10];
      memory.copyOut(buffer, whole, Placement.DENSE, FloatBuffer.wrap(values));
      assertArrayEquals(new float[] {1, 1, 1, 5, 12, 14, 8, 1, 1, 1}, values, 0f);
      memory.zero(part);
      memory.copyOut(buffer, whole, Placement.DENSE, FloatBuffer.wrap(values));
      assertArrayEquals(new float[] {1, 1, 1, 0, 0, 0, 0, 1, 1, 1}, values, 0f);
      memory.free(buffer);
    }
  }

  /** A size depends on its arguments alone; a dense one has no room to spare. */
  @Test
  default void sizesArePureFunctions() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      for (Shape shape : Shapes.batches()) {
        for (DType dtype : DType.values()) {
          long logical = shape.size() * dtype.bytes();
          assertTrue(memory.bytes(shape, dtype, Placement.BATCH) >= logical);
          assertEquals(
              memory.bytes(shape, dtype, Placement.BATCH),
              memory.bytes(shape, dtype, Placement.BATCH));
          assertEquals(logical, memory.bytes(shape, dtype, Placement.DENSE));
        }
      }
    }
  }

  /** The count of live bytes follows allocation and freeing. */
  @Test
  default void liveBytesFollowAllocation() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      long before = memory.liveBytes();
      Buffer first = memory.allocate(DType.F32, 4000);
      Buffer second = memory.allocate(DType.U8, 7);
      assertEquals(4000, first.bytes());
      assertTrue(memory.liveBytes() >= before + 4007);
      memory.slice(first, 0, 10); // owns nothing
      memory.free(first);
      assertTrue(memory.liveBytes() >= before + 7);
      assertTrue(memory.liveBytes() < before + 4007);
      memory.free(second);
      assertEquals(before, memory.liveBytes());
    }
  }

  /** An impossible allocation is an explained error, after which the backend goes on working. */
  @Test
  default void anImpossibleAllocationIsExplained() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      long before = memory.liveBytes();
      OutOfBackendMemoryException refusal =
          assertThrows(
              OutOfBackendMemoryException.class, () -> backend.pool().take(DType.F32, 1L << 50));
      assertTrue(
          refusal.getMessage().contains(String.format("%,d", 1L << 50)), refusal.getMessage());
      assertEquals(before, memory.liveBytes());
      Buffer small = memory.allocate(DType.F32, 16);
      backend.math().fill(small, 1);
      memory.free(small);
    }
  }
}
