package gradus.bench.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import java.util.Locale;
import java.util.function.Function;

/** The main program of a contender's process: arguments in, {@link StepTimes} as one line out. */
public final class ContenderProcess {
  /** What the line begins with; libraries may print others. */
  static final String PREFIX = "gradus-bench:";

  private ContenderProcess() {}

  /** Times what the arguments of {@link #arguments} ask for. */
  public static void main(String[] arguments, Function<Task, Contender> contenders) {
    Task task =
        new Task(
            Workload.valueOf(arguments[0]),
            Mode.valueOf(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]),
            Precision.valueOf(arguments[4]));
    Stopwatch stopwatch =
        new Stopwatch(Double.parseDouble(arguments[5]), Double.parseDouble(arguments[6]));
    try (Contender contender = contenders.apply(task)) {
      System.out.println(PREFIX + toJson(stopwatch.time(contender, task.mode())));
      System.out.flush();
    }
  }

  /** The arguments of a task. */
  static String[] arguments(Task task, double warmUpSeconds, double seconds) {
    return new String[] {
      task.workload().name(),
      task.mode().name(),
      Integer.toString(task.batch()),
      Integer.toString(task.threads()),
      task.precision().name(),
      String.format(Locale.ROOT, "%.3f", warmUpSeconds),
      String.format(Locale.ROOT, "%.3f", seconds)
    };
  }

  private static String toJson(StepTimes times) {
    try {
      return new ObjectMapper().writeValueAsString(times);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A record of numbers and strings cannot be written.", e);
    }
  }
}
