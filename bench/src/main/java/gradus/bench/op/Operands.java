package gradus.bench.op;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The tensors one benchmark works on; all are freed together. */
final class Operands implements AutoCloseable {
  private final Backend backend;
  private final SplittableRandom random = new SplittableRandom(5);
  private final List<Buffer> buffers = new ArrayList<>();

  Operands(Backend backend) {
    this.backend = backend;
  }

  /** Activations or their gradients, from -1 to 1. */
  Buffer activations(Shape shape) {
    return filled(shape, Placement.BATCH, -1, 1);
  }

  /** Weights, statistics or their gradients, from -1 to 1. */
  Buffer weights(Shape shape) {
    return filled(shape, Placement.DENSE, -1, 1);
  }

  /** Numbers that must not be negative, such as variances: from a half to 1. */
  Buffer positive(Shape shape) {
    return filled(shape, Placement.DENSE, 0.5f, 1);
  }

  /** Bytes of a pooling's places. */
  Buffer places(Shape shape) {
    return allocated(shape, DType.U8, Placement.BATCH);
  }

  private Buffer filled(Shape shape, Placement placement, float from, float to) {
    Buffer buffer = allocated(shape, DType.F32, placement);
    int count = Math.toIntExact(shape.size());
    FloatBuffer values = direct(count).asFloatBuffer();
    for (int i = 0; i < count; i++) {
      values.put(i, from + (to - from) * (float) random.nextDouble());
    }
    backend.memory().copyIn(values, buffer, shape, placement);
    return buffer;
  }

  private Buffer allocated(Shape shape, DType type, Placement placement) {
    Buffer buffer = backend.memory().allocate(type, backend.memory().bytes(shape, type, placement));
    buffers.add(buffer);
    return buffer;
  }

  private static ByteBuffer direct(int elements) {
    return ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    buffers.forEach(backend.memory()::free);
    buffers.clear();
  }
}
