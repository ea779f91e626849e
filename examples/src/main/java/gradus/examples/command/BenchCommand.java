package gradus.examples.command;

import gradus.backend.Backend;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.Workload;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures whole training or inference steps and prints one line for each workload. */
@Command(
    name = "bench",
    description = {
      "Measures whole steps on random images and prints one line for each workload.",
      "W1: LeNet 28x28 batch 64. W2: SimpleCNN 32x32 batch 64. W3: DeeperCNN 32x32 batch 64.",
      "W2big: SimpleCNN 256x256 batch 32. W4: ResNet-20 32x32 batch 128. W5: ResNet-18 32x32",
      "batch 32. W6: FastCNN 32x32 batch 256."
    })
final class BenchCommand implements Callable<Integer> {
  /** How the CPU backend arranges a batch in memory. */
  enum Layout {
    AUTO,
    PLAIN,
    LANES;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Mixin private BackendChoice backendChoice;

  @Mixin private PrecisionChoice precision;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "W1,W2,W3,W2big,W4,W5",
      description = "Which, separated by commas. Default: ${DEFAULT-VALUE}")
  private List<Workload> workloads;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "train",
      description = "train or infer. Default: ${DEFAULT-VALUE}")
  private StepBenchmark.Mode mode;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images in a step. Default: each workload's own, above")
  private Integer batch;

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "Layout of the CPU backend: plain, lanes, auto. Default: ${DEFAULT-VALUE}")
  private Layout layout;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "3",
      description = "Time for each workload, after its warm-up. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Override
  public Integer call() {
    UsageException.unless(
        seconds > 0 && seconds <= 3600,
        "--seconds is " + seconds + ", but must be above 0 and at most 3600.");
    UsageException.unless(
        batch == null || batch >= 1, "--batch is " + batch + ", but must be at least 1.");
    PrintWriter out = spec.commandLine().getOut();
    System.setProperty("gradus.cpu.layout", layout.toString());
    for (Workload workload : workloads) {
      int images = batch == null ? workload.batch() : batch;
      try (Backend backend = backendChoice.open();
          StepBenchmark benchmark = new StepBenchmark(backend, workload, images)) {
        benchmark.precision(precision.precision());
        double nanos = benchmark.medianStepNanos(mode, seconds);
        out.printf(
            Locale.ROOT,
            "peer=gradus workload=%s threads=%d mode=%s batch=%d img_per_s=%.0f ms_per_step=%.3f"
                + " layout=%s backend=%s precision=%s native_mb=%.1f%n",
            workload,
            backendChoice.threads(),
            mode,
            images,
            images * 1e9 / nanos,
            nanos * 1e-6,
            layout,
            backend.name(),
            precision.precision(),
            backend.memory().liveBytes() * 1e-6);
        out.flush();
      }
    }
    return 0;
  }
}
