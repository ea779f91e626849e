package gradus.bench.op;

import gradus.GradusException;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.bench.load.QuietGate;
import gradus.bench.record.Machine;
import gradus.bench.record.OpMeasurement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the benchmarks of kernels case by case, each in a JVM of its own. */
public final class OpRuns {
  static final int GROUPS = 8;

  private final QuietGate gate;
  private final Machine machine;
  private final Timing timing;

  /**
   * How long to measure.
   *
   * @param forks JVMs for each case; 0 runs it in this one
   * @param iterations after one of warm-up
   * @param seconds of an iteration
   */
  public record Timing(int forks, int iterations, double seconds) {}

  /**
   * How the backend is set up.
   *
   * @param threads compute threads
   * @param isa best, or one to hold it to
   * @param layout auto, plain, lanes
   * @param algorithm of convolutions: auto, direct, winograd
   * @param tensors warm or cold
   */
  public record Setup(int threads, String isa, String layout, String algorithm, String tensors) {}

  /**
   * A shape to measure a kernel on.
   *
   * @param op convolution, pooling, batchNorm, groupNorm, linear, optimizer
   * @param shape its name
   * @param parameter of the benchmark that takes the name
   * @param spec its numbers
   */
  public record Case(String op, String shape, String parameter, Record spec) {
    private String benchmark() {
      return "gradus.bench.op."
          + op.substring(0, 1).toUpperCase(Locale.ROOT)
          + op.substring(1)
          + "Benchmark";
    }

    /** In billions; forward and backward passes multiply equally often. */
    private double gigaflops() {
      if (spec instanceof Conv2dSpec convolution) {
        return 2e-9 * convolution.multiplyAdds();
      }
      if (spec instanceof LinearSpec linear) {
        return 2e-9 * linear.n() * linear.in() * linear.out();
      }
      return 0;
    }
  }

  /** Measures when {@code gate} lets it. */
  public OpRuns(QuietGate gate, Machine machine, Timing timing) {
    this.gate = gate;
    this.machine = machine;
    this.timing = timing;
  }

  /** Every kernel on every shape of the workloads. */
  public static List<Case> cases() {
    Stream<Case> convolutions =
        Arrays.stream(Convolution.values())
            .map(c -> new Case("convolution", c.name(), "convolution", c.spec()));
    Stream<Case> poolings =
        Arrays.stream(Pooling.values())
            .map(p -> new Case("pooling", p.name(), "pooling", p.spec()));
    Stream<Case> norms =
        Arrays.stream(Normalization.values())
            .map(n -> new Case("batchNorm", n.name(), "normalization", n.spec()));
    Stream<Case> groupNorms =
        Arrays.stream(Normalization.values())
            .map(n -> new Case("groupNorm", n.name(), "normalization", n.ofGroups(GROUPS)));
    Stream<Case> linears =
        Arrays.stream(FullyConnected.values())
            .map(l -> new Case("linear", l.name(), "linear", l.spec()));
    Stream<Case> optimizers =
        Stream.of(44_426, 272_474, 11_173_962)
            .map(n -> new Case("optimizer", n.toString(), "parameters", new Parameters(n)));
    return Stream.of(convolutions, poolings, norms, groupNorms, linears, optimizers)
        .flatMap(cases -> cases)
        .toList();
  }

  private record Parameters(int count) {}

  /** Hands each measurement to {@code results} as soon as it is there. */
  public void run(Collection<Case> cases, Setup setup, Consumer<OpMeasurement> results) {
    for (Case each : cases) {
      measure(each, setup).forEach(results);
    }
  }

  private List<OpMeasurement> measure(Case each, Setup setup) {
    QuietGate.Measured<Collection<RunResult>> measured = gate.measure(() -> run(each, setup));
    List<OpMeasurement> measurements = new ArrayList<>();
    for (RunResult run : measured.value()) {
      String benchmark = run.getParams().getBenchmark();
      String pass = benchmark.substring(benchmark.lastIndexOf('.') + 1);
      if (isNeeded(each, pass)) {
        Result<?> result = run.getPrimaryResult();
        measurements.add(
            new OpMeasurement(
                machine.origin(),
                measured.disturbance(),
                each.op(),
                pass,
                each.shape(),
                each.spec().toString(),
                setup.threads(),
                setup.isa().equals("best") ? Machine.bestInstructionSet() : setup.isa(),
                setup.layout(),
                setup.algorithm(),
                setup.tensors(),
                result.getScore(),
                result.getScoreError(),
                each.gigaflops()));
      }
    }
    return measurements;
  }

  /** Nobody asks for the gradient of the images themselves. */
  private static boolean isNeeded(Case each, String pass) {
    boolean first = each.spec() instanceof Conv2dSpec convolution && convolution.c() <= 3;
    return !(first && pass.equals("backwardData"));
  }

  private Collection<RunResult> run(Case each, Setup setup) {
    TimeValue time = TimeValue.microseconds((long) (timing.seconds() * 1e6));
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(each.benchmark().replace(".", "\\.") + "\\.")
            .param(each.parameter(), each.shape())
            .param("threads", Integer.toString(setup.threads()))
            .param("isa", setup.isa())
            .param("layout", setup.layout())
            .param("algorithm", setup.algorithm())
            .param("tensors", setup.tensors())
            .forks(timing.forks())
            .warmupIterations(1)
            .warmupTime(time)
            .measurementIterations(timing.iterations())
            .measurementTime(time)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    try {
      return new Runner(options.build()).run();
    } catch (RunnerException e) {
      throw new GradusException("Cannot measure " + each + ": " + e.getMessage(), e);
    }
  }
}
