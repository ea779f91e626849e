package gradus.doctor.labels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.Dataset;
import gradus.data.Shapes;
import gradus.metric.Predictions;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutOfFoldTest {
  private static Set<String> names(Dataset data) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < data.size(); i++) {
      names.add(data.describe(i));
    }
    return names;
  }

  /** Stands for a probability that tells which sample a row belongs to. */
  private static double mark(Dataset data, int index) {
    return Math.floorMod(data.describe(index).hashCode(), 1000) / 1000.0;
  }

  @Test
  void everySampleIsPredictedOnceByWhatHasNotSeenIt() {
    Dataset data = Shapes.of(200, 1);
    Predictions all =
        OutOfFold.predict(
            data,
            4,
            1,
            (fold, train, held, predictions) -> {
              Set<String> seen = names(train);
              assertEquals(200, seen.size() + held.size());
              for (int i = 0; i < held.size(); i++) {
                assertFalse(seen.contains(held.describe(i)));
                double[] row = new double[data.classNames().size()];
                row[0] = mark(held, i);
                row[1] = 1 - row[0];
                predictions.add(held.label(i), row);
              }
            });
    assertEquals(200, all.examples());
    for (int i = 0; i < 200; i++) {
      assertEquals(data.label(i), all.label(i));
      assertEquals(mark(data, i), all.probability(i, 0), 1e-9);
    }
  }

  @Test
  void trainingThatForgetsSamplesIsRefused() {
    GradusException refused =
        assertThrows(
            GradusException.class,
            () -> OutOfFold.predict(Shapes.of(100, 1), 2, 1, (fold, train, held, into) -> {}));
    assertTrue(refused.getMessage().contains("0 were predicted"), refused.getMessage());
  }
}
