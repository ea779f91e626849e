package gradus.bench.op;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.bench.profile.OpCall;
import gradus.bench.profile.TimedBackend;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.Workload;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is measured kernel by kernel is what a step of the workloads calls. */
class WorkloadShapesTest {
  private static final Set<Record> CALLED = new HashSet<>();

  @BeforeAll
  static void takeOneStepOfEach() {
    for (Workload workload : Workload.values()) {
      if (workload == Workload.W6) {
        continue; // a recipe's network, which the other frameworks do not run
      }
      try (TimedBackend backend =
              new TimedBackend(Backends.named("cpu", BackendOptions.DEFAULT.withThreads(2)));
          StepBenchmark benchmark = new StepBenchmark(backend, workload)) {
        benchmark.step(StepBenchmark.Mode.TRAIN);
        backend.times().keySet().stream()
            .flatMap(WorkloadShapesTest::specs)
            .filter(Objects::nonNull)
            .forEach(CALLED::add);
      }
    }
  }

  private static Stream<Record> specs(OpCall call) {
    return Stream.of(call.spec(), call.other());
  }

  @Test
  void convolutions() {
    assertEquals(
        called(Conv2dSpec.class),
        Arrays.stream(Convolution.values()).map(Convolution::spec).collect(toSet()));
  }

  @Test
  void poolings() {
    Set<Record> pools = new HashSet<>(called(PoolSpec.class));
    pools.addAll(called(AdaptivePoolSpec.class));
    assertEquals(pools, Arrays.stream(Pooling.values()).map(Pooling::spec).collect(toSet()));
  }

  @Test
  void normalizations() {
    assertEquals(
        called(BatchNormSpec.class),
        Arrays.stream(Normalization.values()).map(Normalization::spec).collect(toSet()));
  }

  @Test
  void linearLayers() {
    assertEquals(
        called(LinearSpec.class),
        Arrays.stream(FullyConnected.values()).map(FullyConnected::spec).collect(toSet()));
  }

  private static Collection<Record> called(Class<? extends Record> type) {
    return CALLED.stream().filter(type::isInstance).collect(toSet());
  }
}
