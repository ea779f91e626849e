package gradus.bench.op;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What every benchmark of a kernel shares: a backend, as its parameters choose it, and the operands
 * to call it with.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public abstract class OpState {
  private static final long COLD_BYTES = 300L << 20;
  private static final int MOST_COLD_SETS = 64;

  /** The backend's name. */
  @Param("cpu")
  public String backendName;

  /** Compute threads; JMH itself calls from one. */
  @Param({"1", "2"})
  public int threads;

  /** {@code best}, or an instruction set of the CPU backend: avx512, avx2, baseline. */
  @Param("best")
  public String isa;

  /** Layout of the CPU backend: auto, plain, lanes. */
  @Param("auto")
  public String layout;

  /** Convolutions of the CPU backend: auto, direct, winograd. */
  @Param("auto")
  public String algorithm;

  /**
   * {@code warm} works on the same operands again and again; {@code cold} goes round so many that
   * they have left the caches by the time it comes back, as in a training step.
   */
  @Param("warm")
  public String tensors;

  /** The backend that is measured. */
  Backend backend;

  private Operands operands;

  /** Makes the operands, by {@link #ring}. */
  abstract void prepare(Operands made);

  /** Opens the backend. */
  @Setup
  public final void open() {
    System.setProperty("gradus.cpu.layout", layout);
    System.setProperty("gradus.cpu.conv", algorithm);
    if (isa.equals("best")) {
      System.clearProperty("gradus.cpu.isa");
    } else {
      System.setProperty("gradus.cpu.isa", isa);
    }
    backend = Backends.named(backendName, BackendOptions.DEFAULT.withThreads(threads));
    operands = new Operands(backend);
    prepare(operands);
  }

  /** Gives everything back. */
  @TearDown
  public final void close() {
    operands.close();
    backend.close();
  }

  /** As many sets of operands as {@link #tensors} asks for. */
  final <T> Ring<T> ring(Supplier<T> maker) {
    long before = backend.memory().liveBytes();
    T first = maker.get();
    long bytes = Math.max(1, backend.memory().liveBytes() - before);
    return switch (tensors) {
      case "warm" -> new Ring<>(first, 1, maker);
      case "cold" ->
          new Ring<>(first, (int) Math.max(2, Math.min(COLD_BYTES / bytes, MOST_COLD_SETS)), maker);
      default -> throw new GradusException("tensors is \"" + tensors + "\": choose warm or cold.");
    };
  }
}
