package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Flatten;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Predictions;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TestTimeAugmentationTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /** Whose logits are the pixels. */
  private Model pixels(int height, int width) {
    return Model.build(backend, new Sequential(new Flatten()), Shape.of(1, height, width), 1);
  }

  private static Batch batch(int height, int width, float... values) {
    Shape shape = Shape.of(values.length / height / width, 1, height, width);
    return new Batch(shape, FloatBuffer.wrap(values), IntBuffer.allocate(shape.dim(0)));
  }

  /** The softmax of (0, ln 3) is (1/4, 3/4), of its mirror image (3/4, 1/4): both together 1/2. */
  @Test
  void aMirrorImageCountsAsMuchAsTheImage() {
    try (Model model = pixels(1, 2)) {
      float ln3 = (float) Math.log(3);
      float[] logits =
          TestTimeAugmentation.flip().logits(model, batch(1, 2, 0, ln3, /**/ ln3, ln3));
      for (float logit : logits) {
        assertEquals(Math.log(0.5), logit, 1e-6);
      }
    }
  }

  /**
   * Pixel (y, x) is ln(3 y + x + 1), so that probabilities are (3 y + x + 1) / 45. Moved by one,
   * row 0 shows rows 0, 1 (reflected, or come up), and the middle one 1, 0, 2.
   */
  @Test
  void cropsAreMovedToTheCornersAndReflected() {
    float[] image = new float[9];
    for (int i = 0; i < 9; i++) {
      image[i] = (float) Math.log(i + 1);
    }
    int[][] sources = {{0, 1, 2}, {1, 0, 1}, {1, 2, 1}}; // of each place: still, moved up, down
    try (Model model = pixels(3, 3)) {
      float[] logits = TestTimeAugmentation.crop(1).logits(model, batch(3, 3, image));
      for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 3; x++) {
          double expected = 0;
          for (int[] move : new int[][] {{0, 0}, {1, 1}, {1, 2}, {2, 1}, {2, 2}}) {
            double total = 0;
            for (int a = 0; a < 3; a++) {
              for (int b = 0; b < 3; b++) {
                total += 3 * sources[move[0]][a] + sources[move[1]][b] + 1;
              }
            }
            expected += (3 * sources[move[0]][y] + sources[move[1]][x] + 1) / total / 5;
          }
          assertEquals(Math.log(expected), logits[3 * y + x], 1e-5, y + ", " + x);
        }
      }
    }
  }

  @Test
  void countsItsViews() {
    assertEquals(2, TestTimeAugmentation.flip().views());
    assertEquals(5, TestTimeAugmentation.crop(2).views());
    assertEquals(10, TestTimeAugmentation.flipAndCrop(2).views());
  }

  @Test
  void theEvaluatorJudgesTheMean() {
    try (Model model = Stripes.plainModel(backend);
        DataLoader loader = Stripes.loader(16).build()) {
      TestTimeAugmentation flip = TestTimeAugmentation.flip();
      Predictions predictions = new Predictions(3);
      Evaluation judged =
          new Evaluator(model, new CrossEntropyLoss())
              .testTimeAugmentation(flip)
              .evaluate(loader, predictions);
      assertEquals(60, judged.examples());
      double loss = 0;
      for (int i = 0; i < 60; i++) {
        loss -= Math.log(predictions.probability(i, predictions.label(i))) / 60;
      }
      assertEquals(loss, judged.loss(), 1e-5);
      assertEquals(predictions.confusion().accuracy(), judged.accuracy());
      assertEquals(mean(model, 7, 1), predictions.probability(7, 1), 1e-5);
    }
  }

  /** The probability of a class for an image and its mirror image, worked out one by one. */
  private double mean(Model model, int index, int label) {
    float[] image = new float[64];
    Stripes.DATA.get(index).image().writeTo(image, 0);
    float[] mirrored = new float[64];
    for (int i = 0; i < 64; i++) {
      mirrored[i] = image[i / 8 * 8 + 7 - i % 8];
    }
    double sum = 0;
    for (float[] view : new float[][] {image, mirrored}) {
      try (Pass pass = Pass.evaluating(backend)) {
        float[] logits = model.forward(pass.images(batch(8, 8, view))).toArray();
        double total = 0;
        for (float logit : logits) {
          total += Math.exp(logit);
        }
        sum += Math.exp(logits[label]) / total / 2;
      }
    }
    return sum;
  }

  @Test
  void misuseIsRefused() {
    assertThrows(GradusException.class, () -> TestTimeAugmentation.crop(0));
    try (Model model = pixels(2, 2)) {
      Batch small = batch(2, 2, 1, 2, 3, 4);
      TestTimeAugmentation far = TestTimeAugmentation.flipAndCrop(2);
      assertThrows(GradusException.class, () -> far.logits(model, small));
    }
  }
}
