package gradus.bench.limit;

import gradus.GradusException;
import gradus.bench.load.QuietGate;
import gradus.bench.record.LimitMeasurement;
import gradus.bench.record.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs the program that measures multiply-adds per second and bandwidths. It is a process of its
 * own, in C++: nothing of it is in the kernels' library.
 */
public final class Limits {
  private final Path program;
  private final Machine machine;
  private final QuietGate gate;

  /** {@code program} is what build-limits.sh compiles. */
  public Limits(Path program, Machine machine, QuietGate gate) {
    this.program = program;
    this.machine = machine;
    this.gate = gate;
  }

  /** Each limit, measured for about {@code seconds}. */
  public List<LimitMeasurement> measure(int threads, double seconds) {
    QuietGate.Measured<List<String>> lines = gate.measure(() -> run(threads, seconds));
    List<LimitMeasurement> limits = new ArrayList<>();
    for (String line : lines.value()) {
      String[] parts = line.split(" ", -1);
      limits.add(
          new LimitMeasurement(
              machine.origin(),
              lines.disturbance(),
              parts[0],
              threads,
              Double.parseDouble(parts[1]),
              parts[2]));
    }
    return limits;
  }

  private List<String> run(int threads, double seconds) {
    if (!Files.isExecutable(program)) {
      throw new GradusException(
          "There is no program " + program + ": the build makes it (mvn -pl bench -am package).");
    }
    try {
      Process process =
          new ProcessBuilder(
                  program.toString(),
                  Integer.toString(threads),
                  String.format(Locale.ROOT, "%.3f", seconds))
              .redirectErrorStream(true)
              .start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new GradusException("The machine's limits could not be measured: " + out.strip());
      }
      return out.lines().toList();
    } catch (IOException e) {
      throw new GradusException("Cannot run " + program + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GradusException("Interrupted while measuring the machine's limits.", e);
    }
  }
}
