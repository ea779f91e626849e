package gradus.bench.command;

import gradus.bench.page.PerformancePage;
import gradus.bench.record.Measurement;
import gradus.bench.record.StepMeasurement;
import gradus.bench.step.Peer;
import gradus.bench.step.PeerProcess;
import gradus.bench.step.Rounds;
import gradus.bench.step.Task;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures whole steps of several frameworks, in turns. */
@Command(
    name = "steps",
    description = "Measures whole steps of several frameworks, in turns, each in a process.")
public final class StepsCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private Setting setting;

  @Option(
      names = "--peers",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "gradus,pytorch,pytorch-channels-last,djl",
      description = "Who, separated by commas: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private List<Peer> peers;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "W1,W2,W2big,W3,W4,W5",
      description = "Which, separated by commas. Default: ${DEFAULT-VALUE}")
  private List<Workload> workloads;

  @Option(
      names = "--modes",
      paramLabel = "MODE",
      split = ",",
      defaultValue = "train,infer",
      description = "train, infer or both. Default: ${DEFAULT-VALUE}")
  private List<Mode> modes;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,2",
      description = "Compute threads. Default: ${DEFAULT-VALUE}")
  private List<Integer> threads;

  @Option(
      names = "--batches",
      paramLabel = "N",
      split = ",",
      description = "Images in a step, such as 1,8,32,100,256. Default: the workload's own.")
  private List<Integer> batches = List.of();

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "fp32",
      description =
          "Of training: fp32, bf16 (PyTorch with autocast; DJL has none and is left out) or both;"
              + " inference is in fp32. Default: ${DEFAULT-VALUE}")
  private List<Precision> precisions;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each is measured. Default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "3",
      description = "Time of a measurement. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      defaultValue = "1.5",
      description = "Time before it. Default: ${DEFAULT-VALUE}")
  private double warmUpSeconds;

  @Option(
      names = "--isa",
      paramLabel = "NAME",
      defaultValue = "best",
      description = "best, or avx2 to hold every framework to it. Default: ${DEFAULT-VALUE}")
  private String isa;

  @Override
  public void run() {
    if (!List.of("best", "avx2").contains(isa)) {
      throw new ParameterException(
          spec.commandLine(), "--isa is " + isa + ", but must be best or avx2.");
    }
    for (Precision precision : precisions) {
      if (peers.stream().noneMatch(peer -> peer.trainsIn(precision))) {
        throw new ParameterException(
            spec.commandLine(),
            "--precision "
                + precision
                + " is of none of these peers on a CPU: fp32 is of all, and bf16 of all but DJL.");
      }
    }
    List<Task> tasks = tasks();
    if (tasks.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--precision bf16 is of training: it needs --modes train.");
    }
    PrintWriter out = spec.commandLine().getOut();
    List<Measurement> all = new ArrayList<>(LimitsCommand.measure(setting, threads, out));
    PeerProcess process = new PeerProcess(Home.path(), warmUpSeconds, seconds);
    new Rounds(process, setting.gate(), setting.machine())
        .run(
            rounds,
            tasks,
            peers,
            isa,
            step -> {
              all.add(step);
              show(step, out);
            });
    out.println();
    out.print(new PerformancePage(all).stepTables());
    out.flush();
  }

  private List<Task> tasks() {
    List<Task> tasks = new ArrayList<>();
    for (Workload workload : workloads) {
      for (Mode mode : modes) {
        for (int batch : batches.isEmpty() ? List.of(workload.batch()) : batches) {
          for (int count : threads) {
            for (Precision precision : precisions) {
              if (mode == Mode.TRAIN || precision == Precision.FP32) {
                tasks.add(new Task(workload, mode, batch, count, precision));
              }
            }
          }
        }
      }
    }
    return tasks;
  }

  private void show(StepMeasurement step, PrintWriter out) {
    setting.keep(step);
    out.printf(
        Locale.ROOT,
        "round=%d %-5s %-5s batch=%-3d threads=%d %s %-21s %10.1f images/s %9.3f ms (%.3f to %.3f)%s%n",
        step.round(),
        step.workload(),
        step.mode(),
        step.batch(),
        step.threads(),
        step.precision(),
        step.peer(),
        step.imagesPerSecond(),
        step.medianMillis(),
        step.tenthMillis(),
        step.ninetiethMillis(),
        Setting.mark(step));
    out.flush();
  }
}
