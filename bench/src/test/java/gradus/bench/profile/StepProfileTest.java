package gradus.bench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.bench.step.Task;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepProfileTest {
  @Test
  void thePartsOfAStepAreThoseOfItsNetwork() {
    StepProfile profile = watch(new Task(Workload.W4, Mode.TRAIN, 16, 1, Precision.FP32));
    Map<String, Double> parts = profile.parts();
    assertTrue(
        parts
            .keySet()
            .containsAll(
                List.of(
                    "convolution",
                    "batch norm",
                    "linear",
                    "pooling",
                    "loss",
                    "optimizer",
                    "loop",
                    "input and output")),
        parts.toString());
    // 21 convolutions forward and backward: 19 of 3x3 and 2 shortcuts
    assertEquals(
        42,
        profile.calls().stream()
            .filter(call -> call.part().equals("convolution"))
            .mapToLong(StepProfile.Call::timesPerStep)
            .sum());
    double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
    assertEquals(profile.stepMillis(), sum, 0.5 * profile.stepMillis());
    assertTrue(
        profile.calls().stream()
            .filter(call -> call.part().equals("convolution"))
            .allMatch(call -> call.gigaflopsPerSecond() > 0));
  }

  @Test
  void inferenceHasNeitherLossNorOptimizer() {
    Map<String, Double> parts =
        watch(new Task(Workload.W1, Mode.INFER, 16, 1, Precision.FP32)).parts();
    assertTrue(!parts.containsKey("optimizer"), parts.toString());
  }

  private static StepProfile watch(Task task) {
    try (Backend backend =
        Backends.named("cpu", BackendOptions.DEFAULT.withThreads(task.threads()))) {
      return StepProfile.watch(backend, task, 0.1);
    }
  }
}
