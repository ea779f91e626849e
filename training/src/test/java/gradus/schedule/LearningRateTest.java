package gradus.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.metric.Monitor;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LearningRateTest {
  private Backend backend;
  private Model model;
  private Optimizer optimizer;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model = Model.build(backend, new Linear(2), Shape.of(3), 1);
    optimizer = SGD.of(model.parameters()).learningRate(0.5).build();
  }

  @AfterEach
  void close() {
    optimizer.close();
    model.close();
    backend.close();
  }

  @Test
  void followsTheScheduleWithinAnEpoch() {
    LearningRate rate = LearningRate.of(optimizer).schedule(Schedule.linear(1, 0, 2));
    double[] expected = {0.5, 0.375, 0.25, 0.125};
    for (int i = 0; i < 4; i++) {
      rate.beginStep(i / 2 + 1, i % 2 + 1, 2);
      assertEquals(expected[i], optimizer.learningRate(), 1e-12);
    }
  }

  @Test
  void aPlateauMakesItSmallerOnTop() {
    ReduceLROnPlateau plateau = new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(0);
    LearningRate rate = LearningRate.of(optimizer).reduceOnPlateau(plateau);
    rate.beginStep(1, 1, 1);
    assertEquals(0.5, optimizer.learningRate());
    plateau.epochDone(1, 1);
    plateau.epochDone(2, 1);
    rate.beginStep(2, 1, 1);
    assertEquals(0.05, optimizer.learningRate(), 1e-12);
  }

  @Test
  void tellsWhatIsPlanned() {
    ReduceLROnPlateau plateau = new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(0);
    LearningRate rate =
        LearningRate.of(optimizer).schedule(Schedule.linear(1, 0, 2)).reduceOnPlateau(plateau);
    assertEquals(0.125, rate.planned(1.5), 1e-12);
    plateau.epochDone(1, 1);
    plateau.epochDone(2, 1);
    assertEquals(0.0125, rate.planned(1.5), 1e-12, "reduced");
    rate.multiply(2);
    assertEquals(0.025, rate.planned(1.5), 1e-12, "multiplied");
    rate.override(3, Schedule.constant());
    assertEquals(6, rate.planned(1.5), 1e-12, "replaced");
  }

  @Test
  void aStepAskedForTwiceOrLeftOutIsRefused() {
    LearningRate rate = LearningRate.of(optimizer);
    rate.beginStep(1, 1, 3);
    assertRefused(rate, 1, 1, 3); // twice
    assertRefused(rate, 1, 3, 3); // one left out
    assertRefused(rate, 2, 1, 3); // the epoch is not over
    assertRefused(rate, 1, 2, 4); // another length
    rate.beginStep(1, 2, 3);
    rate.beginStep(1, 3, 3);
    assertRefused(rate, 1, 4, 3); // past the end
    assertRefused(rate, 3, 1, 3); // an epoch left out
    rate.beginStep(2, 1, 3);
  }

  @Test
  void stepsAndEpochsCountFromOne() {
    LearningRate rate = LearningRate.of(optimizer);
    assertRefused(rate, 0, 1, 3);
    assertRefused(rate, 1, 0, 3);
  }

  @Test
  void aResumedRunBeginsWithAnyEpoch() {
    LearningRate rate = LearningRate.of(optimizer).schedule(Schedule.step(1, 0.1));
    rate.beginStep(3, 1, 1);
    assertEquals(0.005, optimizer.learningRate(), 1e-12);
    rate.restart();
    rate.beginStep(1, 1, 1);
    assertEquals(0.5, optimizer.learningRate());
  }

  private static void assertRefused(LearningRate rate, int epoch, int step, int steps) {
    String message =
        assertThrows(GradusException.class, () -> rate.beginStep(epoch, step, steps)).getMessage();
    assertTrue(message.contains("beginStep once before every step"), message);
  }
}
