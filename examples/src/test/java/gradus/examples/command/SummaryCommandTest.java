package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SummaryCommandTest {
  @Test
  void showsLayersShapesAndSizes() {
    String out = Outcome.of("summary", "--model", "lenet", "--input", "1,28,28").succeeded().out();
    assertTrue(out.contains("[N, 16, 8, 8]"), out);
    assertTrue(out.contains("44,426"), out);
    assertTrue(out.contains("281,640"), out);
  }

  @Test
  void anImageTooSmallIsExplainedWithTheShapesSoFar() {
    Outcome.of("summary", "--model", "deepercnn", "--input", "3,4,4")
        .failed(1, "pool3", "Shapes so far");
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    Outcome.of("summary").failed(2, "--model");
    Outcome.of("summary", "--model", "alexnet").failed(2, "alexnet", "lenet", "resnet20");
    Outcome.of("summary", "--model", "lenet", "--input", "3,32").failed(2, "--input is [3, 32]");
    Outcome.of("summary", "--model", "lenet", "--classes", "1").failed(2, "--classes is 1");
  }
}
