package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import java.nio.IntBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CalibrationCounterTest {
  @Test
  void countsWhatPredictionsGive() {
    int classes = 4;
    SplittableRandom random = new SplittableRandom(5);
    Predictions predictions = new Predictions(classes);
    CalibrationCounter counter = new CalibrationCounter();
    for (int batch = 0; batch < 20; batch++) {
      float[] logits = new float[7 * classes];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) (4 * random.nextDouble());
      }
      int[] labels = random.ints(7, 0, classes).toArray();
      predictions.add(logits, classes, IntBuffer.wrap(labels));
      counter.add(logits, classes, IntBuffer.wrap(labels));
    }
    Calibration expected = Calibration.of(predictions);
    Calibration counted = counter.calibration();
    for (int b = 0; b < expected.bins().size(); b++) {
      ReliabilityBin bin = expected.bins().get(b);
      assertEquals(bin.examples(), counted.bins().get(b).examples());
      assertEquals(bin.accuracy(), counted.bins().get(b).accuracy());
      assertEquals(bin.confidence(), counted.bins().get(b).confidence(), 1e-12);
    }
    assertEquals(expected.expectedError(), counted.expectedError(), 1e-12);
  }

  @Test
  void aBinIsNeeded() {
    assertThrows(GradusException.class, () -> new CalibrationCounter(0));
  }
}
