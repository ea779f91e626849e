package gradus.bench.command;

import gradus.bench.limit.Limits;
import gradus.bench.record.LimitMeasurement;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what the machine can do at most. */
@Command(
    name = "limits",
    description = "Measures multiply-adds per second and the bandwidths of cache and memory.")
public final class LimitsCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private Setting setting;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,2",
      description = "How many threads at once. Default: ${DEFAULT-VALUE}")
  private List<Integer> threads;

  @Override
  public void run() {
    measure(setting, threads, spec.commandLine().getOut());
  }

  /** Measures, prints, keeps and returns them. */
  static List<LimitMeasurement> measure(Setting setting, List<Integer> threads, PrintWriter out) {
    List<LimitMeasurement> all = new ArrayList<>();
    Limits limits = new Limits(setting.limitsProgram(), setting.machine(), setting.gate());
    for (int count : threads) {
      for (LimitMeasurement limit : limits.measure(count, setting.limitSeconds())) {
        all.add(limit);
        setting.keep(limit);
        out.printf(
            Locale.ROOT,
            "limit %-12s threads=%d %8.1f %s%s%n",
            limit.name(),
            count,
            limit.value(),
            limit.unit(),
            Setting.mark(limit));
        out.flush();
      }
    }
    return all;
  }
}
