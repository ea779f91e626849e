package gradus.bench.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import gradus.GradusException;
import gradus.bench.load.QuietGate;
import gradus.bench.record.LimitMeasurement;
import gradus.bench.record.Machine;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Path HERE = Path.of(".");

  @Test
  void measuresArithmeticAndBandwidth() {
    assumeFalse(Machine.bestInstructionSet().equals("baseline"), "this processor has no AVX2");
    List<LimitMeasurement> limits = limits("target/limits").measure(1, 0.02);
    List<String> names = limits.stream().map(LimitMeasurement::name).toList();
    assertTrue(
        names.containsAll(List.of("fma-avx2", "l2-read", "memory-read", "memory-triad")),
        names.toString());
    assertEquals(Machine.bestInstructionSet().equals("avx512"), names.contains("fma-avx512"));
    for (LimitMeasurement limit : limits) {
      // no processor is a thousand times slower or faster than today's
      assertTrue(limit.value() > 0.1 && limit.value() < 100_000, limit.toString());
    }
  }

  @Test
  void aMissingProgramNamesTheRemedy() {
    GradusException error =
        assertThrows(GradusException.class, () -> limits("no-such-program").measure(1, 0.1));
    assertTrue(error.getMessage().contains("mvn -pl bench -am package"), error.getMessage());
  }

  private static Limits limits(String program) {
    return new Limits(Path.of(program), new Machine(HERE, Clock.systemUTC()), new QuietGate(0, 1));
  }
}
