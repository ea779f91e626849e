package gradus.bench.command;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.bench.load.QuietGate;
import gradus.bench.record.WatchMeasurement;
import gradus.bench.watch.WatchedRun;
import gradus.doctor.DoctorMode;
import gradus.examples.bench.Workload;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what it costs a run to be watched. */
@Command(
    name = "doctor",
    description = "Tells what it costs a healthy training run that the doctor watches it.")
public final class DoctorCommand implements Runnable {
  private static final List<DoctorMode> WATCHING = List.of(DoctorMode.WATCH, DoctorMode.PROBE);

  @Spec private CommandSpec spec;
  @Mixin private Setting setting;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "W1,W2,W4",
      description = "Which, separated by commas. Default: ${DEFAULT-VALUE}")
  private List<Workload> workloads;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "50000",
      description = "To train with; a tenth of that to validate with. Default: ${DEFAULT-VALUE}")
  private int images;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Of each run. Default: ${DEFAULT-VALUE}")
  private int epochs;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Compute threads. Default: ${DEFAULT-VALUE}")
  private int threads;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "How often each is run, in turns, after one for warming up. Default: ${DEFAULT-VALUE}")
  private int rounds;

  @Override
  public void run() {
    try (Backend backend = Backends.named("cpu", BackendOptions.DEFAULT.withThreads(threads))) {
      for (Workload workload : workloads) {
        measure(workload, new WatchedRun(backend, workload, images, epochs));
      }
    }
  }

  private void measure(Workload workload, WatchedRun run) {
    QuietGate.Measured<Map<DoctorMode, List<WatchedRun.Times>>> measured =
        setting.gate().measure(() -> inTurns(run));
    List<WatchedRun.Times> alone = measured.value().get(null);
    PrintWriter out = spec.commandLine().getOut();
    for (DoctorMode mode : WATCHING) {
      List<WatchedRun.Times> watched = measured.value().get(mode);
      WatchMeasurement result =
          new WatchMeasurement(
              setting.machine().origin(),
              measured.disturbance(),
              workload.toString(),
              mode.name().toLowerCase(Locale.ROOT),
              images,
              threads,
              watched.get(0).steps(),
              median(alone, WatchedRun.Times::seconds),
              median(watched, WatchedRun.Times::seconds),
              overhead(alone, watched),
              median(watched, WatchedRun.Times::startSeconds),
              watched.stream().mapToLong(WatchedRun.Times::trialSteps).max().orElseThrow());
      setting.keep(result);
      out.printf(
          Locale.ROOT,
          "%-5s %-5s %,d steps: %.3f s alone, %.3f s watched: %+.1f %%; %.3f s before the first"
              + " step; %d steps of trials%s%n",
          result.workload(),
          result.doctor(),
          result.steps(),
          result.alone(),
          result.watched(),
          100 * result.overhead(),
          result.start(),
          result.trialSteps(),
          Setting.mark(result));
      out.flush();
    }
  }

  /** The times of each, null being nobody. */
  private Map<DoctorMode, List<WatchedRun.Times>> inTurns(WatchedRun run) {
    List<DoctorMode> turns = new ArrayList<>(WATCHING);
    turns.add(null);
    Map<DoctorMode, List<WatchedRun.Times>> times = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (DoctorMode mode : turns) {
        WatchedRun.Times taken = run.run(mode);
        if (round > 0) {
          times.computeIfAbsent(mode, key -> new ArrayList<>()).add(taken);
        }
      }
      Collections.rotate(turns, 1);
    }
    return times;
  }

  /** Of each round, for the machine's speed drifts from one to the next. */
  private static double overhead(List<WatchedRun.Times> alone, List<WatchedRun.Times> watched) {
    return median(
        IntStream.range(0, alone.size())
            .mapToDouble(i -> watched.get(i).seconds() / alone.get(i).seconds() - 1));
  }

  private static double median(
      List<WatchedRun.Times> times, ToDoubleFunction<WatchedRun.Times> value) {
    return median(times.stream().mapToDouble(value));
  }

  private static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
        .average()
        .orElseThrow();
  }
}
