package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  @Test
  void logitsBecomeTheirSoftmax() {
    Predictions predictions = new Predictions(2);
    float[] logits = {0, (float) Math.log(3), /**/ 1000, 1000};
    predictions.add(logits, 2, IntBuffer.wrap(new int[] {1, 0, 99}));
    assertEquals(2, predictions.examples());
    assertEquals(0.75, predictions.probability(0, 1), 1e-7);
    assertEquals(0.5, predictions.probability(1, 0), "no overflow");
    assertEquals(1, predictions.label(0));
    assertEquals(0, predictions.predicted(1), "of equals the first");
  }

  @Test
  void growsAsNeeded() {
    Predictions predictions = new Predictions(2);
    for (int i = 0; i < 1000; i++) {
      predictions.add(i % 2, i / 1000.0, 1 - i / 1000.0);
    }
    assertEquals(500, predictions.support(1));
    assertEquals(0.7, predictions.probability(700, 0));
    assertEquals(1, predictions.label(999));
  }

  @Test
  void topKOfTheFixture() {
    assertEquals(3 / 6.0, Fixture.threeClasses().topK(1));
    assertEquals(5 / 6.0, Fixture.threeClasses().topK(2));
    assertEquals(1, Fixture.threeClasses().topK(3));
  }

  @Test
  void misuseIsRefused() {
    Predictions predictions = new Predictions(2);
    IntBuffer label = IntBuffer.wrap(new int[] {0});
    assertThrows(GradusException.class, () -> new Predictions(1));
    assertThrows(GradusException.class, () -> predictions.topK(1), "before any example");
    assertThrows(GradusException.class, () -> predictions.add(new float[3], 3, label));
    float[] diverged = {0, Float.NaN};
    assertThrows(GradusException.class, () -> predictions.add(diverged, 2, label));
    assertThrows(GradusException.class, () -> predictions.add(2, 0.5, 0.5));
    assertThrows(GradusException.class, () -> predictions.add(0, 0.5, 0.6));
    assertThrows(GradusException.class, () -> predictions.add(0, 1.5, -0.5));
  }
}
