package gradus.bench.command;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.bench.load.QuietGate;
import gradus.bench.record.ScaleMeasurement;
import gradus.bench.watch.WatchedRun;
import gradus.examples.bench.Workload;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what an image takes, and a run holds, when there are more of them, or more threads. */
@Command(
    name = "scale",
    description =
        "Tells what an image of a training run takes with more images and with more threads than"
            + " processors.")
public final class ScaleCommand implements Runnable {
  private static final int LEAST = 50_000; // images seen in a run, so that it takes a while
  private static final int ROUNDS = 3;
  private static final double MEGABYTE = 1e6;

  @Spec private CommandSpec spec;
  @Mixin private Setting setting;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "W1",
      description = "Which, separated by commas. Default: ${DEFAULT-VALUE}")
  private List<Workload> workloads;

  @Option(
      names = "--images",
      paramLabel = "N",
      split = ",",
      defaultValue = "1000,10000,100000,1000000",
      description =
          "To train with, separated by commas; a tenth of that to validate with. Default:"
              + " ${DEFAULT-VALUE}")
  private List<Integer> images;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "2",
      description = "Compute threads, separated by commas. Default: ${DEFAULT-VALUE}")
  private List<Integer> threads;

  @Override
  public void run() {
    for (int count : threads) {
      try (Backend backend = Backends.named("cpu", BackendOptions.DEFAULT.withThreads(count))) {
        for (Workload workload : workloads) {
          new WatchedRun(backend, workload, LEAST / 10, 1).run(null); // warms up
          for (int size : images) {
            measure(backend, workload, size, count);
          }
        }
      }
    }
  }

  private void measure(Backend backend, Workload workload, int size, int count) {
    int epochs = Math.max(1, LEAST / size);
    WatchedRun run = new WatchedRun(backend, workload, size, epochs);
    for (int round = 0; round < ROUNDS; round++) {
      QuietGate.Measured<WatchedRun.Times> measured = setting.gate().measure(() -> run.run(null));
      WatchedRun.Times times = measured.value();
      ScaleMeasurement result =
          new ScaleMeasurement(
              setting.machine().origin(),
              measured.disturbance(),
              workload.toString(),
              size,
              epochs,
              count,
              times.seconds() * 1e6 / size / epochs,
              times.nativeBytes() / MEGABYTE,
              times.heapBytes() / MEGABYTE);
      setting.keep(result);
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "%-5s %,d images, %d threads: %.2f us an image, %.1f MB native, %.1f MB heap%s%n",
              result.workload(),
              result.images(),
              result.threads(),
              result.microsPerImage(),
              result.nativeMegabytes(),
              result.heapMegabytes(),
              Setting.mark(result));
      spec.commandLine().getOut().flush();
    }
  }
}
