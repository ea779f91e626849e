package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a case on one backend. It hands out arguments with the same random values whatever the
 * backend, hostile destinations, and frees everything in the end.
 */
public final class Trial implements AutoCloseable {
  private record Result(String name, Buffer buffer, Shape shape, Placement placement) {}

  private final Backend backend;
  private final RandomTensors random;
  private final DType packedType;
  private final boolean absolute;
  private final List<Buffer> allocated = new ArrayList<>();
  private final List<Result> results = new ArrayList<>();

  /**
   * A run on {@code backend}.
   *
   * @param absolute replaces every argument by its absolute value
   */
  Trial(Backend backend, OpCase opCase, boolean absolute) {
    this.backend = backend;
    this.random = new RandomTensors(opCase.name().hashCode());
    this.packedType = opCase.packed();
    this.absolute = absolute;
  }

  /** The backend to call. */
  public Backend backend() {
    return backend;
  }

  /** The source of values, for arguments with more structure than this class offers. */
  public RandomTensors random() {
    return random;
  }

  /** A batch tensor from -1 to 1 as a kernel may leave it: with finite values in idle places. */
  public Buffer activations(Shape shape) {
    return activations(shape, random.uniform(shape.size()));
  }

  /** A batch tensor of the given values with finite values in idle places. */
  public Buffer activations(Shape shape, float... values) {
    float[] less = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      less[i] = (absolute ? Math.abs(values[i]) : values[i]) - 1; // exact on the grid
    }
    Buffer tensor = upload(shape, Placement.BATCH, less);
    Buffer ones = allocate(shape, DType.F32, Placement.BATCH);
    backend.math().fill(ones, 1);
    backend.math().add(tensor, ones, tensor);
    return tensor;
  }

  /** A batch tensor from -1 to 1 as a gradient must be: with zeros in idle places. */
  public Buffer gradients(Shape shape) {
    return gradients(shape, random.uniform(shape.size()));
  }

  /** A batch tensor of the given values with zeros in idle places. */
  public Buffer gradients(Shape shape, float... values) {
    return upload(shape, Placement.BATCH, magnitudes(values));
  }

  /** A dense tensor from -1 to 1. */
  public Buffer dense(Shape shape) {
    return dense(shape, random.uniform(shape.size()));
  }

  /** A dense tensor of the given values. */
  public Buffer dense(Shape shape, float... values) {
    return upload(shape, Placement.DENSE, magnitudes(values));
  }

  /** Dense class numbers. */
  public Buffer labels(int... values) {
    Buffer buffer = allocate(Shape.of(values.length), DType.I32, Placement.DENSE);
    backend.memory().copyIn(IntBuffer.wrap(values), buffer, values.length);
    return buffer;
  }

  /** A result to overwrite: full of NaN, idle places too. */
  public Buffer result(String name, Shape shape, Placement placement) {
    return result(name, shape, placement, 0);
  }

  /** A result: full of NaN where beta is 0, of random numbers to add to where it is 1. */
  public Buffer result(String name, Shape shape, Placement placement, float beta) {
    Buffer buffer;
    if (beta == 0) {
      buffer = allocate(shape, DType.F32, placement);
      backend.math().fill(buffer, Float.NaN);
    } else {
      buffer = upload(shape, placement, magnitudes(random.uniform(shape.size())));
    }
    return observe(name, buffer, shape, placement);
  }

  /** A result of whole numbers. */
  public Buffer indices(String name, Shape shape) {
    return observe(name, allocate(shape, DType.U8, Placement.BATCH), shape, Placement.BATCH);
  }

  /** Names a buffer whose final contents are a result: of an op that works in place. */
  public Buffer observe(String name, Buffer buffer, Shape shape, Placement placement) {
    results.add(new Result(name, buffer, shape, placement));
    return buffer;
  }

  /** A tensor of undefined contents, in the type that the case packs to. */
  public Buffer packed(Shape shape, Placement placement) {
    return allocate(shape, packedType, placement);
  }

  /** The nearest values of a float tensor in that type. */
  public Buffer packed(Buffer values, Shape shape, Placement placement) {
    Buffer packed = packed(shape, placement);
    backend.math().round(values, null, packed);
    return packed;
  }

  /** {@link #result(String, Shape, Placement, float)} in that type. */
  public Buffer packedResult(String name, Shape shape, Placement placement, float beta) {
    Buffer values =
        beta == 0 ? scratch(shape, DType.F32, placement) : gradients(shape); // of a batch
    return observe(name, packed(values, shape, placement), shape, placement);
  }

  /** A tensor of undefined contents, which here are NaN. */
  public Buffer scratch(Shape shape, DType dtype, Placement placement) {
    Buffer buffer = allocate(shape, dtype, placement);
    if (dtype == DType.F32) {
      backend.math().fill(buffer, Float.NaN);
    }
    return buffer;
  }

  /** A float32 workspace of so many bytes, full of NaN; null for none. */
  public Buffer workspace(long bytes) {
    if (bytes == 0) {
      return null;
    }
    Buffer buffer = backend.memory().allocate(DType.F32, bytes);
    allocated.add(buffer);
    backend.math().fill(buffer, Float.NaN);
    return buffer;
  }

  /** Reads the results back. */
  Outcome outcome() {
    backend.memory().synchronize();
    Outcome outcome = new Outcome();
    for (Result result : results) {
      int count = Math.toIntExact(result.shape.size());
      if (result.buffer.dtype() == DType.F32 || result.buffer.dtype() == packedType) {
        FloatBuffer host = FloatBuffer.allocate(count);
        backend.memory().copyOut(result.buffer, result.shape, result.placement, host);
        outcome.add(result.name, host.array());
      } else {
        IntBuffer host = IntBuffer.allocate(count);
        backend.memory().copyOut(result.buffer, result.shape, result.placement, host);
        outcome.add(result.name, host.array());
      }
    }
    return outcome;
  }

  private Buffer upload(Shape shape, Placement placement, float[] values) {
    Buffer buffer = allocate(shape, DType.F32, placement);
    backend.memory().copyIn(FloatBuffer.wrap(values), buffer, shape, placement);
    return buffer;
  }

  private Buffer allocate(Shape shape, DType dtype, Placement placement) {
    Buffer buffer =
        backend.memory().allocate(dtype, backend.memory().bytes(shape, dtype, placement));
    allocated.add(buffer);
    return buffer;
  }

  private float[] magnitudes(float[] values) {
    if (!absolute) {
      return values;
    }
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = Math.abs(values[i]);
    }
    return result;
  }

  @Override
  public void close() {
    allocated.forEach(backend.memory()::free);
  }
}
