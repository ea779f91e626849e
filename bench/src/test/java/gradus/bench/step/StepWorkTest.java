package gradus.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import org.junit.jupiter.api.Test;

class StepWorkTest {
  // by hand: 24 x 24 x 6 x 25 + 8 x 8 x 16 x 150 + 256 x 120 + 120 x 84 + 84 x 10 multiply-adds
  private static final double FORWARD = 86_400 + 153_600 + 30_720 + 10_080 + 840;

  @Test
  void inferenceIsOneForwardPass() {
    assertEquals(
        2e-9 * FORWARD,
        StepWork.gigaflops(new Task(Workload.W1, Mode.INFER, 1, 1, Precision.FP32)),
        1e-15);
  }

  @Test
  void trainingIsThreeWithoutTheGradientOfTheImages() {
    assertEquals(
        2e-9 * 64 * (3 * FORWARD - 86_400),
        StepWork.gigaflops(new Task(Workload.W1, Mode.TRAIN, 64, 2, Precision.BF16)),
        1e-12);
  }
}
