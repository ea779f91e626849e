package gradus.bench.command;

import gradus.bench.op.OpRuns;
import gradus.bench.record.OpMeasurement;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures kernels one by one. */
@Command(name = "ops", description = "Measures kernels one by one, with JMH.")
public final class OpsCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private Setting setting;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      defaultValue = "convolution",
      description =
          "What is measured, as op.SHAPE: convolution, pooling, batchNorm, groupNorm, linear,"
              + " optimizer; such as convolution.W4. Default: ${DEFAULT-VALUE}")
  private Pattern only;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,2",
      description = "Compute threads. Default: ${DEFAULT-VALUE}")
  private List<Integer> threads;

  @Option(
      names = "--isa",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "best",
      description = "Instruction sets: best, avx512, avx2, baseline. Default: ${DEFAULT-VALUE}")
  private List<String> isas;

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "auto",
      description = "Layouts: auto, plain, lanes. Default: ${DEFAULT-VALUE}")
  private List<String> layouts;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "auto,direct",
      description = "Of convolutions: auto, direct, winograd. Default: ${DEFAULT-VALUE}")
  private List<String> algorithms;

  @Option(
      names = "--tensors",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "warm,cold",
      description =
          "warm: the same operands again and again; cold: out of memory. Default: ${DEFAULT-VALUE}")
  private List<String> tensors;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "5",
      description = "After one of warm-up. Default: ${DEFAULT-VALUE}")
  private int iterations;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.3",
      description = "Of an iteration. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    LimitsCommand.measure(setting, threads, out);
    List<OpRuns.Case> cases =
        OpRuns.cases().stream()
            .filter(each -> only.matcher(each.op() + "." + each.shape()).find())
            .toList();
    List<OpRuns.Case> convolutions = // the others know no algorithms
        cases.stream().filter(each -> each.op().equals("convolution")).toList();
    OpRuns runs =
        new OpRuns(setting.gate(), setting.machine(), new OpRuns.Timing(1, iterations, seconds));
    for (String isa : isas) {
      for (String layout : layouts) {
        for (String algorithm : algorithms) {
          for (String operands : tensors) {
            for (int count : threads) {
              runs.run(
                  algorithm.equals(algorithms.get(0)) ? cases : convolutions,
                  new OpRuns.Setup(count, isa, layout, algorithm, operands),
                  op -> show(op, out));
            }
          }
        }
      }
    }
  }

  private void show(OpMeasurement op, PrintWriter out) {
    setting.keep(op);
    out.printf(
        Locale.ROOT,
        "%-11s %-18s %-16s threads=%d %s %s %s %s %11.1f us%s%s%n",
        op.op(),
        op.shape(),
        op.pass(),
        op.threads(),
        op.isa(),
        op.layout(),
        op.algorithm(),
        op.tensors(),
        op.micros(),
        op.gigaflops() > 0
            ? String.format(Locale.ROOT, " %8.1f GFLOP/s", op.gigaflopsPerSecond())
            : "",
        Setting.mark(op));
    out.flush();
  }
}
