package gradus.bench.profile;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The most that a backend's own calls get out of its device: what copies move, and what large
 * products compute. Where tensors stay in a cache, calls can be above the first.
 *
 * @param gigabytes read and written in a second
 * @param gigaflops floating-point operations in a second, in the precision asked for
 */
public record Roof(double gigabytes, double gigaflops) {
  private static final int TRIES = 3;

  /**
   * Measures it.
   *
   * @param size of the tensors: side of the square matrices; 4096 is large enough for a GPU
   * @param seconds for each kind of call
   */
  public static Roof measure(Backend backend, Precision precision, int size, double seconds) {
    try (Operands operands = new Operands(backend)) {
      double gigaflops = operands.convolutions(precision, size, seconds);
      if (!precision.isMixed()) { // whose linear layers multiply in float32
        gigaflops = Math.max(gigaflops, operands.linear(precision, size, seconds));
      }
      return new Roof(operands.copies(size, seconds), gigaflops);
    }
  }

  /** Tensors of random numbers, freed together. */
  private record Operands(Backend backend, List<Buffer> buffers) implements AutoCloseable {
    Operands(Backend backend) {
      this(backend, new ArrayList<>());
    }

    double copies(int size, double seconds) {
      Shape shape = Shape.of(4 * size, size);
      Buffer x = take(shape, DType.F32, Placement.DENSE);
      Buffer y = take(shape, DType.F32, Placement.DENSE);
      return 1e-9 * 2 * x.bytes() / secondsOf(() -> backend.math().copy(x, y), seconds);
    }

    /** Of one pixel each: products of matrices, with the batch's images in place of rows. */
    double convolutions(Precision precision, int size, double seconds) {
      int channels = Math.max(1, size / 8);
      Conv2dSpec spec =
          Conv2dSpec.of(Math.max(1, size / 64), channels, 28, 28, channels, 1, 1, 0)
              .withFactors(precision);
      DType type = precision.activations();
      Buffer x = take(spec.inputShape(), type, Placement.BATCH);
      Buffer w = take(spec.weightShape(), DType.F32, Placement.DENSE);
      Buffer y = take(spec.outputShape(), type, Placement.BATCH);
      double once = secondsOf(() -> backend.nn().conv2d(spec, x, w, null, y), seconds);
      return 2e-9 * spec.multiplyAdds() / once;
    }

    double linear(Precision precision, int size, double seconds) {
      LinearSpec spec = new LinearSpec(size, size, size).withFactors(precision);
      Buffer x = take(spec.inputShape(), DType.F32, Placement.BATCH);
      Buffer w = take(spec.weightShape(), DType.F32, Placement.DENSE);
      Buffer y = take(spec.outputShape(), DType.F32, Placement.BATCH);
      double once = secondsOf(() -> backend.nn().linear(spec, x, w, null, y), seconds);
      return 2e-9 * size * size * (double) size / once;
    }

    private Buffer take(Shape shape, DType type, Placement placement) {
      Memory memory = backend.memory();
      Buffer buffer = memory.allocate(type, memory.bytes(shape, type, placement));
      buffers.add(buffer);
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.sin(i * 0.7); // zeros would take less power than numbers do
      }
      memory.copyIn(FloatBuffer.wrap(values), buffer, shape, placement);
      return buffer;
    }

    /** Of the best of some tries, each of so many calls that waiting for the device is little. */
    private double secondsOf(Runnable call, double seconds) {
      double best = Double.POSITIVE_INFINITY;
      long calls = 1;
      run(call, calls); // for the first time, when algorithms are chosen
      for (int tries = 0; tries < TRIES; ) {
        double took = run(call, calls);
        if (took < seconds / (TRIES + 1)) {
          calls *= 2;
        } else {
          tries++;
          best = Math.min(best, took / calls);
        }
      }
      return best;
    }

    private double run(Runnable call, long calls) {
      long start = System.nanoTime();
      for (long i = 0; i < calls; i++) {
        call.run();
      }
      backend.memory().synchronize();
      return 1e-9 * (System.nanoTime() - start);
    }

    @Override
    public void close() {
      backend.memory().synchronize();
      buffers.forEach(backend.memory()::free);
    }
  }
}
