package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StepLogTest {
  @Test
  void keepsTheFirstStepsOneByOne() {
    StepLog log = new StepLog();
    log.start(10);
    for (int step = 1; step <= 1000; step++) {
      log.add(step, 0.5, 0.1);
    }
    assertEquals(1000, log.size());
    assertEquals(7, log.loss(6));
    assertEquals(7, log.stepOf(6));
    assertEquals(0.1, log.peakRate(), 1e-9);
    assertEquals(0.1, log.rateAt(1), 1e-6);
    assertEquals(0.1, log.rateAt(1000), 1e-6);
    assertEquals(950.5, log.meanOfLast(0.1), 1e-6);
  }

  @Test
  void averagesNeighboursWhereThereAreMany() {
    StepLog log = new StepLog();
    log.start(10);
    for (int step = 1; step <= 100_000; step++) {
      log.add(step, 0.5, step);
    }
    assertEquals(100_000, log.steps());
    assertTrue(log.size() < 4096 && log.size() >= 2048, () -> "size " + log.size());
    for (int i = 0; i < log.size(); i++) {
      long width = log.stepOf(0);
      assertEquals(log.stepOf(i) - (width - 1) / 2.0, log.loss(i), 1e-3 * log.loss(i));
      assertEquals((double) log.stepOf(i), log.learningRate(i));
      assertEquals(log.learningRate(i), log.rateAt(log.stepOf(i)));
    }
    assertTrue(log.lossLine("loss").x().size() <= 400);
  }

  @Test
  void countsHowLongTheRateHasBeenLow() {
    StepLog log = new StepLog();
    log.start(10);
    assertEquals(0, log.latestBelow(0.5));
    for (double rate : new double[] {1, 0.1, 1, 0.1, 0.2}) {
      log.add(1, 0, rate);
    }
    assertEquals(2, log.latestBelow(0.5));
    assertEquals(0, log.latestBelow(0.15), "only the last steps count");
    assertEquals(0, log.latestBelow(0.05));
  }

  @Test
  void theAverageForgetsWithItsHalfLife() {
    StepLog log = new StepLog();
    log.start(10);
    log.add(4, 0, 1);
    for (int i = 0; i < 10; i++) {
      log.add(0, 0, 1);
    }
    assertEquals(2, log.average(), 1e-9);
    log.add(Double.NaN, 0, 1);
    assertEquals(2, log.average(), 1e-9, "a step that is no number does not hide the others");
  }

  @Test
  void theLowestAverageDoesNotTrustTheFirstBatches() {
    StepLog log = new StepLog();
    log.start(10);
    log.add(0.01, 0, 1);
    for (int i = 0; i < 100; i++) {
      log.add(2, 0, 1);
    }
    assertTrue(log.lowestAverage() > 1, () -> "lowest " + log.lowestAverage());
  }
}
