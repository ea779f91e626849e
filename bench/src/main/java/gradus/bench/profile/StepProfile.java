package gradus.bench.profile;

import gradus.backend.Backend;
import gradus.backend.spec.Conv2dSpec;
import gradus.bench.step.Task;
import gradus.examples.bench.StepBenchmark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of a step goes. Every number is the median over the steps watched, so that the
 * parts need not add up to the last digit.
 *
 * @param stepMillis the whole step, less what it took to keep account of it
 * @param loopMillis of it between kernels: passes, tape, calls
 * @param calls each kind of call, the longest first
 */
public record StepProfile(double stepMillis, double loopMillis, List<Call> calls) {
  private static final int MIN_STEPS = 5;
  private static final int MAX_STEPS = 100_000;

  /**
   * A kind of call.
   *
   * @param call which
   * @param timesPerStep how often in a step
   * @param millis all of them together
   * @param bytes of the buffers all of them were given
   */
  public record Call(OpCall call, long timesPerStep, double millis, long bytes) {
    /** What kind of work it is. */
    public String part() {
      String op = call.op();
      if (op.startsWith("conv2d")) {
        return "convolution";
      }
      if (op.startsWith("batchNorm")) {
        return "batch norm";
      }
      if (op.startsWith("groupNorm")) {
        return "group norm";
      }
      if (op.startsWith("linear")) {
        return "linear";
      }
      if (op.contains("Pool")) {
        return "pooling";
      }
      return switch (call.group()) {
        case "LossOps" -> "loss";
        case "OptimizerOps" -> "optimizer";
        case "Memory" -> "input and output";
        default -> "elementwise";
      };
    }

    /**
     * Billions of floating-point operations in a second, counted as a direct sum of products; 0
     * where it is no convolution.
     */
    public double gigaflopsPerSecond() {
      return millis == 0 ? 0 : gigaflops() * 1e3 / millis;
    }

    private double gigaflops() {
      if (!(call.spec() instanceof Conv2dSpec spec)) {
        return 0;
      }
      // A backward pass has two products of that size, but the first layer's only one.
      int products = call.op().endsWith("Backward") && spec.c() > 3 ? 2 : 1;
      return 2e-9 * spec.multiplyAdds() * products * timesPerStep;
    }

    /** Billions of bytes in a second, if each buffer moves once a call. */
    public double gigabytesPerSecond() {
      return millis == 0 ? 0 : bytes * 1e-6 / millis;
    }

    /** What it takes where memory and arithmetic are as fast as they get. */
    double leastMillis(Roof roof) {
      return 1e3 * Math.max(bytes * 1e-9 / roof.gigabytes(), gigaflops() / roof.gigaflops());
    }
  }

  /** Watches steps for about {@code seconds}, after a third of that for warming up. */
  public static StepProfile watch(Backend backend, Task task, double seconds) {
    TimedBackend timed = new TimedBackend(backend);
    try (StepBenchmark benchmark = new StepBenchmark(timed, task.workload(), task.batch())) {
      benchmark.precision(task.precision());
      long warm = System.nanoTime() + (long) (seconds / 3 * 1e9);
      do {
        benchmark.step(task.mode());
      } while (System.nanoTime() < warm);
      List<Long> steps = new ArrayList<>();
      List<Long> loops = new ArrayList<>();
      Map<OpCall, List<Long>> nanos = new LinkedHashMap<>();
      Map<OpCall, Long> counts = new LinkedHashMap<>();
      Map<OpCall, Long> bytes = new LinkedHashMap<>();
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (steps.size() < MAX_STEPS && (steps.size() < MIN_STEPS || System.nanoTime() < end)) {
        timed.reset();
        long start = System.nanoTime();
        benchmark.step(task.mode());
        long step = System.nanoTime() - start - timed.watchingNanos();
        long kernels = 0;
        for (Map.Entry<OpCall, TimedBackend.Time> entry : timed.times().entrySet()) {
          kernels += entry.getValue().nanos();
          nanos
              .computeIfAbsent(entry.getKey(), call -> new ArrayList<>())
              .add(entry.getValue().nanos());
          counts.put(entry.getKey(), entry.getValue().calls());
          bytes.put(entry.getKey(), entry.getValue().bytes());
        }
        steps.add(step);
        loops.add(step - kernels);
      }
      List<Call> calls = new ArrayList<>();
      nanos.forEach(
          (call, times) ->
              calls.add(new Call(call, counts.get(call), millis(times), bytes.get(call))));
      calls.sort(Comparator.comparingDouble(Call::millis).reversed());
      return new StepProfile(millis(steps), millis(loops), List.copyOf(calls));
    }
  }

  /** Milliseconds of each part, in the order of size; the loop is {@code loop}. */
  public Map<String, Double> parts() {
    Map<String, Double> sums = new LinkedHashMap<>();
    calls.forEach(call -> sums.merge(call.part(), call.millis(), Double::sum));
    sums.put("loop", loopMillis);
    Map<String, Double> sorted = new LinkedHashMap<>();
    sums.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  /** What the calls of a step take, one after the other, where all reach the roof. */
  public double leastMillis(Roof roof) {
    return calls.stream().mapToDouble(call -> call.leastMillis(roof)).sum();
  }

  private static double millis(List<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    int middle = sorted.length / 2;
    long[] two = Arrays.copyOfRange(sorted, (sorted.length - 1) / 2, middle + 1);
    return Arrays.stream(two).average().orElse(0) * 1e-6;
  }
}
