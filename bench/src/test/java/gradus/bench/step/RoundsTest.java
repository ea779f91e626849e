package gradus.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.bench.load.QuietGate;
import gradus.bench.record.Machine;
import gradus.bench.record.StepMeasurement;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes of our own; the other frameworks are not part of this build. */
class RoundsTest {
  @TempDir Path home;

  @Test
  void measuresInTurns() {
    List<StepMeasurement> results = new ArrayList<>();
    rounds()
        .run(
            2,
            List.of(new Task(Workload.W1, Mode.TRAIN, 32, 1, Precision.FP32)),
            List.of(Peer.GRADUS, Peer.GRADUS_STRICT),
            "best",
            results::add);
    assertEquals(
        List.of("gradus", "gradus-strict", "gradus-strict", "gradus"),
        results.stream().map(StepMeasurement::peer).toList());
    for (StepMeasurement step : results) {
      assertEquals(44_426, step.parameters());
      assertEquals(32, step.batch());
      assertTrue(step.steps() >= 5 && step.medianMillis() > 0, step.toString());
      assertTrue(step.losses().get(1) < step.losses().get(0), step.toString());
    }
    assertTrue(results.get(1).version().contains("direct convolutions"), results.toString());
  }

  @Test
  void bfloat16BeginsWithNearlyTheLossOfFloat32AndLeavesOutWhoDoesNotKnowIt() {
    List<StepMeasurement> results = new ArrayList<>();
    rounds()
        .run(
            1,
            List.of(
                new Task(Workload.W1, Mode.TRAIN, 32, 1, Precision.FP32),
                new Task(Workload.W1, Mode.TRAIN, 32, 1, Precision.BF16)),
            List.of(Peer.GRADUS),
            "best",
            results::add);
    // DJL is not built here: to start it would be an error
    rounds()
        .run(
            1,
            List.of(new Task(Workload.W1, Mode.TRAIN, 32, 1, Precision.BF16)),
            List.of(Peer.DJL),
            "best",
            results::add);
    assertEquals(
        List.of("fp32", "bf16"), results.stream().map(StepMeasurement::precision).toList());
    assertTrue(results.get(1).version().endsWith(", bf16"), results.toString());
    assertTrue(!results.get(0).version().contains("bf16"), results.toString());
    double difference = results.get(1).losses().get(0) - results.get(0).losses().get(0);
    assertTrue(
        difference != 0 && Math.abs(difference) < 1e-2, "it rounds, a little: " + difference);
  }

  @Test
  void aPeerThatWasNotBuiltNamesTheRemedy() {
    GradusException error =
        assertThrows(
            GradusException.class,
            () ->
                rounds()
                    .run(
                        1,
                        List.of(new Task(Workload.W1, Mode.INFER, 1, 1, Precision.FP32)),
                        List.of(Peer.PYTORCH),
                        "best",
                        step -> {}));
    assertTrue(
        error.getMessage().contains("mvn -Ppeers -pl bench/pytorch -am package"),
        error.getMessage());
  }

  private Rounds rounds() {
    return new Rounds(
        new PeerProcess(home, 0.05, 0.05),
        new QuietGate(0, 1),
        new Machine(home, Clock.systemUTC()));
  }
}
