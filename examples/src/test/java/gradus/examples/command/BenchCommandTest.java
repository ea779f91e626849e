package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
  @ParameterizedTest
  @ValueSource(strings = {"train", "infer"})
  void printsOneLineForAWorkload(String mode) {
    String out =
        Outcome.of(
                "bench",
                "--workloads",
                "W1",
                "--mode",
                mode,
                "--threads",
                "1",
                "--seconds",
                "0.01",
                "--backend",
                TestBackend.name())
            .succeeded()
            .out();
    assertTrue(
        out.strip()
            .matches(
                "peer=gradus workload=W1 threads=1 mode="
                    + mode
                    + " batch=64 img_per_s=\\d+ ms_per_step=\\d+\\.\\d{3} layout=auto backend="
                    + TestBackend.name()
                    + " precision=fp32 native_mb=\\d+\\.\\d"),
        out);
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    Outcome.of("bench", "--workloads", "W1,W9").failed(2, "W9", "W2big");
    Outcome.of("bench", "--layout", "nhwc").failed(2, "nhwc", "lanes");
    Outcome.of("bench", "--seconds", "0").failed(2, "--seconds is 0");
  }
}
