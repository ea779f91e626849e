package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Dropout2dTest {
  private static final Shape IMAGES = Shape.of(50, 8, 2, 3);

  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("reference");
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.close();
  }

  private float[] dropped(double probability, long seed) {
    float[] ones = new float[(int) IMAGES.size()];
    Arrays.fill(ones, 1);
    try (Model model = Model.build(backend, new Dropout2d(probability), IMAGES.withoutBatch(), 1);
        Pass pass = Pass.training(backend, seed)) {
      Tensor y = model.forward(pass.tensor(FloatBuffer.wrap(ones), IMAGES));
      return y.toArray();
    }
  }

  @Test
  void channelsAreDroppedWholeAndTheOthersScaled() {
    float[] values = dropped(0.25, 7);
    int zeros = 0;
    for (int channel = 0; channel < 400; channel++) {
      float first = values[channel * 6];
      assertTrue(first == 0 || first == 1 / 0.75f, "" + first);
      for (int pixel = 1; pixel < 6; pixel++) {
        assertEquals(first, values[channel * 6 + pixel]);
      }
      zeros += first == 0 ? 1 : 0;
    }
    assertTrue(zeros > 70 && zeros < 130, zeros + " of 400 dropped with probability 0.25");
    float[] firstImage = Arrays.copyOfRange(values, 0, 48);
    float[] secondImage = Arrays.copyOfRange(values, 48, 96);
    assertTrue(!Arrays.equals(firstImage, secondImage), "each image has channels of its own");
    assertArrayEquals(values, dropped(0.25, 7), "the seed decides");
  }

  @Test
  void whatItCannotTakeIsRefused() {
    assertThrows(GradusException.class, () -> new Dropout2d(1));
    String message =
        assertThrows(
                GradusException.class, () -> Model.build(backend, new Dropout2d(), Shape.of(10), 1))
            .getMessage();
    assertTrue(message.contains("[C, H, W]"), message);
  }
}
