package gradus.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.metric.Monitor;
import org.junit.jupiter.api.Test;

/** The tables were worked out by hand from the algorithm in PyTorch's documentation. */
class ReduceLROnPlateauTest {
  private static void assertTable(ReduceLROnPlateau plateau, double[] metrics, double[] factors) {
    for (int i = 0; i < metrics.length; i++) {
      assertEquals(factors[i], plateau.epochDone(i + 1, metrics[i]), 1e-12, "epoch " + (i + 1));
    }
  }

  @Test
  void oneMoreThanThePatienceReduces() {
    assertTable(
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(2),
        // bad epochs:   0    0    1    2    3: reduce, 0   1    2    3: reduce, 0  0
        new double[] {1.0, 0.9, 0.9, 0.95, 0.9, 0.9, 0.9, 0.9, 0.5},
        new double[] {1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01});
  }

  @Test
  void patienceNoneReducesAtOnce() {
    assertTable(
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(0).factor(0.5),
        new double[] {1, 1, 0.5, 0.6, 0.6},
        new double[] {1, 0.5, 0.5, 0.25, 0.125});
  }

  @Test
  void nothingIsCountedInTheCooldown() {
    assertTable(
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(1).cooldown(2).factor(0.5),
        // bad:       0  1  2: reduce, cooldown 2  |  1->0, left 1 | 1->0, left 0 | 1 | 2: reduce
        new double[] {1, 1, 1, 1, 1, 1, 1, 1},
        new double[] {1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25});
  }

  @Test
  void anImprovementInTheCooldownIsStillTheBest() {
    assertTable(
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(0).cooldown(1).factor(0.5),
        // reduce at 2; 0.5 is the new best in the cooldown; 0.7 is worse than it
        new double[] {1, 1, 0.5, 0.7},
        new double[] {1, 0.5, 0.5, 0.25});
  }

  @Test
  void aRelativeThresholdAsksForAShare() {
    assertTable(
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(1).relativeThreshold(0.1),
        // 91 > 90: bad 1; 90 is not below 90: bad 2, reduce; 89 < 90: best; 81 > 80.1: bad 1; 80
        new double[] {100, 91, 90, 89, 81, 80},
        new double[] {1, 1, 0.1, 0.1, 0.1, 0.1});
  }

  @Test
  void anAbsoluteThresholdAsksForADifferenceAndAccuracyRises() {
    assertTable(
        new ReduceLROnPlateau(Monitor.VALIDATION_ACCURACY).patience(1).absoluteThreshold(0.125),
        // 0.625 is not above 0.625: bad 1; 0.75 > 0.625: best; 0.5 bad 1; 0.875 not above: reduce
        new double[] {0.5, 0.625, 0.75, 0.5, 0.875},
        new double[] {1, 1, 1, 1, 0.1});
  }

  @Test
  void theRateStaysAboveTheMinimum() {
    ReduceLROnPlateau plateau =
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(0).minimum(0.02);
    assertTable(plateau, new double[] {1, 1, 1, 1}, new double[] {1, 0.1, 0.02, 0.02});
    assertEquals(2, plateau.state().reductions(), "the third changed nothing");
  }

  @Test
  void noNumberIsNoImprovement() {
    assertTable(
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(1),
        new double[] {Double.NaN, Double.NaN, 1, Double.NaN, Double.NaN},
        new double[] {1, 0.1, 0.1, 0.1, 0.01});
  }

  @Test
  void goesOnFromARestoredState() {
    ReduceLROnPlateau first = new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(2);
    first.epochDone(1, 1);
    first.epochDone(2, 1);
    ReduceLROnPlateau second = new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(2);
    second.restore(first.state());
    assertEquals(1, second.epochDone(3, 1));
    assertEquals(0.1, second.epochDone(4, 1), 1e-12);
  }

  @Test
  void perBatchUseIsRefused() {
    ReduceLROnPlateau plateau = new ReduceLROnPlateau(Monitor.VALIDATION_LOSS);
    plateau.epochDone(1, 2);
    String message =
        assertThrows(GradusException.class, () -> plateau.epochDone(1, 1.9)).getMessage();
    assertTrue(message.contains("not per batch"), message);
    assertThrows(GradusException.class, () -> plateau.epochDone(3, 1.9), "one was left out");
    plateau.reset();
    assertEquals(1, plateau.epochDone(1, 2));
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    ReduceLROnPlateau plateau = new ReduceLROnPlateau(Monitor.VALIDATION_LOSS);
    assertThrows(GradusException.class, () -> plateau.factor(1));
    assertThrows(GradusException.class, () -> plateau.factor(0));
    assertThrows(GradusException.class, () -> plateau.patience(-1));
    assertThrows(GradusException.class, () -> plateau.cooldown(-1));
    assertThrows(GradusException.class, () -> plateau.relativeThreshold(-0.1));
    assertThrows(GradusException.class, () -> plateau.absoluteThreshold(Double.NaN));
    assertThrows(GradusException.class, () -> plateau.minimum(2));
  }
}
