package gradus.bench.command;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.bench.load.QuietGate;
import gradus.bench.profile.Roof;
import gradus.bench.profile.StepProfile;
import gradus.bench.record.ProfileMeasurement;
import gradus.bench.step.Task;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells where the time of a step goes. */
@Command(name = "profile", description = "Tells where the time of our own steps goes.")
public final class ProfileCommand implements Runnable {
  private static final int DEVICE_ROOF = 4096;

  private final Map<Integer, Roof> roofs = new HashMap<>(); // by threads: of every workload

  @Spec private CommandSpec spec;
  @Mixin private Setting setting;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "cpu, cuda, cuda:1, .. Default: ${DEFAULT-VALUE}")
  private String backendName;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "W1,W4",
      description = "Which, separated by commas. Default: ${DEFAULT-VALUE}")
  private List<Workload> workloads;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "train",
      description = "train or infer. Default: ${DEFAULT-VALUE}")
  private Mode mode;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,2",
      description = "Compute threads. Default: ${DEFAULT-VALUE}")
  private List<Integer> threads;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      defaultValue = "fp32",
      description = "Of training steps: fp32, tf32, bf16, fp16. Default: ${DEFAULT-VALUE}")
  private Precision precision;

  @Option(
      names = "--roof-size",
      paramLabel = "N",
      description =
          "Side of the matrices whose products and copies show what a device can do; 0 leaves that out."
              + " Default: 4096, and 0 on the CPU, for which there is the command limits")
  private Integer roofSize;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images in a step. Default: each workload's own")
  private Integer batch;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "Of watching, after a third of that for warming up. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Override
  public void run() {
    for (Workload workload : workloads) {
      for (int count : threads) {
        profile(
            new Task(workload, mode, batch == null ? workload.batch() : batch, count, precision));
      }
    }
  }

  private void profile(Task task) {
    PrintWriter out = spec.commandLine().getOut();
    try (Backend backend =
        Backends.named(backendName, BackendOptions.DEFAULT.withThreads(task.threads()))) {
      backend.support(task.precision()).require();
      QuietGate.Measured<StepProfile> measured =
          setting.gate().measure(() -> StepProfile.watch(backend, task, seconds));
      StepProfile profile = measured.value();
      double unwatchedMillis = unwatchedMillis(backend, task);
      out.printf(
          Locale.ROOT,
          "%s %s batch=%d threads=%d %s on %s: %.3f ms a step, %.3f ms when nobody watches%s%n",
          task.workload(),
          task.mode(),
          task.batch(),
          task.threads(),
          task.precision(),
          backend.name(),
          profile.stepMillis(),
          unwatchedMillis,
          measured.disturbance() > ProfileMeasurement.QUIET ? "   disturbed" : "");
      profile
          .parts()
          .forEach(
              (part, millis) -> {
                setting.keep(
                    new ProfileMeasurement(
                        setting.machine().origin(),
                        measured.disturbance(),
                        task.workload().toString(),
                        task.mode().toString(),
                        task.batch(),
                        task.threads(),
                        task.precision().toString(),
                        part,
                        millis,
                        profile.stepMillis()));
                out.printf(
                    Locale.ROOT,
                    "  %-17s %9.3f ms %5.1f %%%n",
                    part,
                    millis,
                    100 * millis / profile.stepMillis());
              });
      for (StepProfile.Call call : profile.calls()) {
        out.printf(
            Locale.ROOT,
            "    %9.3f ms %3d x %-26s %6.0f GB/s %s %s%n",
            call.millis(),
            call.timesPerStep(),
            call.call().op(),
            call.gigabytesPerSecond(),
            call.gigaflopsPerSecond() > 0
                ? String.format(Locale.ROOT, "%6.0f GFLOP/s", call.gigaflopsPerSecond())
                : "",
            call.call().spec() == null ? "" : call.call().spec());
      }
      int size = roofSize != null ? roofSize : backend.name().equals("cpu") ? 0 : DEVICE_ROOF;
      if (size > 0) {
        Roof roof =
            roofs.computeIfAbsent(
                task.threads(),
                count -> Roof.measure(backend, precision, size, setting.limitSeconds()));
        tell(roof, profile.leastMillis(roof) / unwatchedMillis);
      }
      out.flush();
    }
  }

  private void tell(Roof roof, double share) {
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "  roof: copies %.0f GB/s, products %.0f GFLOP/s; a step's calls could not take less than"
                + " %.1f %% of its time%n",
            roof.gigabytes(),
            roof.gigaflops(),
            100 * share);
  }

  private double unwatchedMillis(Backend backend, Task task) {
    try (StepBenchmark benchmark = new StepBenchmark(backend, task.workload(), task.batch())) {
      benchmark.precision(task.precision());
      return benchmark.medianStepNanos(task.mode(), seconds) * 1e-6;
    }
  }
}
