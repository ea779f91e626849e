package gradus.bench.command;

import gradus.bench.load.QuietGate;
import gradus.bench.record.Machine;
import gradus.bench.record.Measurement;
import gradus.bench.record.MeasurementFile;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Option;

/** What every measurement is made in: the machine, who else computes on it, and the file. */
final class Setting {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Adds the measurements to this file, as JSON lines. Default: none is written.")
  private Path out;

  @Option(
      names = "--wait",
      paramLabel = "S",
      defaultValue = "60",
      description =
          "How long to wait for a moment in which nobody else computes. Default: ${DEFAULT-VALUE}")
  private double waitSeconds;

  @Option(
      names = "--tries",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often to measure what others disturbed. Default: ${DEFAULT-VALUE}")
  private int tries;

  @Option(
      names = "--limit-seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "For each limit of the machine. Default: ${DEFAULT-VALUE}")
  private double limitSeconds;

  double limitSeconds() {
    return limitSeconds;
  }

  /** What the build makes of limits.cpp. */
  Path limitsProgram() {
    return Home.path().resolve("target/limits");
  }

  Machine machine() {
    return new Machine(Home.path(), Clock.systemUTC());
  }

  QuietGate gate() {
    return new QuietGate(waitSeconds, Math.max(1, tries));
  }

  /** Adds to the file, if there is one. */
  void keep(Measurement measurement) {
    if (out != null) {
      new MeasurementFile(out).append(measurement);
    }
  }

  /** A word for those that were disturbed. */
  static String mark(Measurement measurement) {
    return measurement.quiet()
        ? ""
        : "   disturbed: others used %.2f of a processor".formatted(measurement.disturbance());
  }
}
