package gradus.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Flatten;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final Normalize PLAIN = Normalize.none(3);

  private final Backend backend = TestBackend.open();

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.close();
  }

  private static ModelCard card(Shape input) {
    return new ModelCard("tiny", List.of("one", "two"), input, PLAIN);
  }

  private static Image image(int height, int width, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[3 * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return Image.ofFloats(3, height, width, values);
  }

  /** With a mean pool and a linear layer the gradient is the weight over the number of pixels. */
  @Test
  void gradCamIsWhatThePaperSays() {
    Shape input = Shape.of(3, 6, 6);
    Layer network =
        new Sequential(
            new Conv2d(2, 1).withoutBias(), new AdaptiveAvgPool2d(), new Flatten(), new Linear(2));
    try (Model model = Model.build(backend, network, input, 1);
        Predictor predictor = Predictor.of(model, card(input))) {
      List<Parameter> state = model.state();
      state.get(0).write(new float[] {1, 0, 0, 0, 1, 0}); // map 0 is red, map 1 is green
      state.get(1).write(new float[] {1, 0, -2, 3}); // class 1: -2 red + 3 green
      Image image = image(6, 6, 1);
      float[] wanted = new float[36];
      float largest = 0;
      for (int i = 0; i < 36; i++) {
        wanted[i] = Math.max(0, -2 * image.valueAt(i) + 3 * image.valueAt(36 + i));
        largest = Math.max(largest, wanted[i]);
      }
      Explanation explanation = predictor.explain(image, 1);
      assertEquals("two", explanation.label());
      for (int i = 0; i < 36; i++) {
        assertEquals(wanted[i] / largest, explanation.gradCam().valueAt(i), 1e-4, "pixel " + i);
        assertEquals(1, explanation.saliency().valueAt(i), 1e-5, "all pixels count the same");
      }
    }
  }

  @Test
  void saliencyIsTheSlopeOfTheLogit() {
    Shape input = Shape.of(3, 5, 7);
    Layer network =
        new Sequential(
            new Conv2d(4, 3).padding(1),
            new BatchNorm2d(),
            new ReLU(),
            new Residual(new Conv2d(4, 3).padding(1)),
            new ReLU(),
            new MaxPool2d(2),
            new Dropout(0.5),
            new Linear(2));
    try (Model model = Model.build(backend, network, input, 3);
        Predictor predictor = Predictor.of(model, card(input))) {
      Image image = image(5, 7, 2);
      float[] values = new float[105];
      image.writeTo(values, 0);
      double[] slopes = new double[35];
      double largest = 0;
      float step = 1e-2f;
      for (int i = 0; i < 105; i++) {
        float own = values[i];
        values[i] = own + step;
        double above = logit(model, values);
        values[i] = own - step;
        double below = logit(model, values);
        values[i] = own;
        slopes[i % 35] = Math.max(slopes[i % 35], Math.abs(above - below) / (2 * step));
      }
      for (double slope : slopes) {
        largest = Math.max(largest, slope);
      }
      Explanation explanation = predictor.explain(image, 0);
      double error = 0;
      for (int i = 0; i < 35; i++) {
        error += Math.abs(slopes[i] / largest - explanation.saliency().valueAt(i)) / 35;
      }
      assertTrue(error < 0.02, "mean error " + error); // a ReLU may lie within the step
      assertEquals(5, explanation.gradCam().height());
      assertEquals(7, explanation.gradCam().width());
    }
  }

  private static double logit(Model model, float[] values) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      Batch batch = new Batch(model.inputShape().withBatch(1), FloatBuffer.wrap(values), null);
      return model.forward(pass.images(batch)).toArray()[0];
    }
  }

  @Test
  void explainingChangesNothing() {
    try (TinyClassifier tiny = new TinyClassifier()) {
      BufferedImage picture = TinyClassifier.picture(30, 20, 1);
      Image image = tiny.predictor().read(TinyClassifier.file(picture, "png"));
      Prediction before = tiny.predictor().predict(image);
      tiny.predictor().explain(image);
      long live = tiny.backend().memory().liveBytes();
      Explanation explanation = tiny.predictor().explain(image);
      assertEquals(live, tiny.backend().memory().liveBytes());
      assertEquals(before, tiny.predictor().predict(image));
      assertEquals(before.label(), explanation.label());
      BufferedImage drawn = ExplanationPicture.draw(explanation);
      assertEquals(3 * 224, drawn.getWidth());
      assertEquals(224, drawn.getHeight());
      int corner = image.level(0, 0, 0) << 16 | image.level(1, 0, 0) << 8 | image.level(2, 0, 0);
      assertEquals(corner, drawn.getRGB(0, 0) & 0xffffff);
    }
  }

  @Test
  void aMapIsEnlargedBilinearly() {
    Image map = Image.ofFloats(1, 1, 2, new float[] {0, 1});
    assertArrayEquals(new float[] {0, 0.25f, 0.75f, 1}, Heat.enlarge(map, 1, 4), 1e-6f);
  }

  @Test
  void whatCannotBeExplainedIsRefused() {
    Shape input = Shape.of(3, 4, 4);
    try (Model model = Model.build(backend, new Sequential(new Linear(2)), input, 1);
        Predictor predictor = Predictor.of(model, card(input))) {
      List<String> messages = new ArrayList<>();
      for (int classNumber : new int[] {0, 2, -1}) {
        messages.add(
            assertThrows(
                    GradusException.class, () -> predictor.explain(image(4, 4, 1), classNumber))
                .getMessage());
      }
      assertTrue(messages.get(0).contains("Grad-CAM needs"), messages.get(0));
      assertTrue(messages.get(1).contains("no class 2"), messages.get(1));
      assertTrue(messages.get(2).contains("no class -1"), messages.get(2));
    }
  }
}
