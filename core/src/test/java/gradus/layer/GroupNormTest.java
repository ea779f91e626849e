package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.loss.MSELoss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupNormTest {
  private static final Shape IMAGE = Shape.of(4, 1, 2);
  private static final float[] VALUES = {1, 3, 5, 7, 2, 2, 4, 8};

  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("reference");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private Model model(GroupNorm layer) {
    Model model = Model.build(backend, layer.epsilon(1e-12), IMAGE, 1);
    model.parameters().named("weight").write(new float[] {1, 2, 1, -1});
    model.parameters().named("bias").write(new float[] {0, 1, 0, 10});
    return model;
  }

  private static float[] outputs(Pass pass, Model model, float... values) {
    Shape batch = model.inputShape().withBatch(values.length / 8);
    return model.forward(pass.images(new Batch(batch, FloatBuffer.wrap(values), null))).toArray();
  }

  @Test
  void eachGroupOfAnImageHasItsOwnMeanAndDeviation() {
    float root5 = (float) Math.sqrt(5); // of 1, 3, 5, 7 around 4
    float root6 = (float) Math.sqrt(6); // of 2, 2, 4, 8 around 4
    float[] expected = {
      -3 / root5,
      -1 / root5,
      1 + 2 / root5,
      1 + 6 / root5,
      -2 / root6,
      -2 / root6,
      10,
      10 - 4 / root6
    };
    try (Model model = model(new GroupNorm(2));
        Pass training = Pass.training(backend);
        Pass evaluating = Pass.evaluating(backend)) {
      assertArrayEquals(expected, outputs(training, model, VALUES), 1e-5f);
      assertArrayEquals(expected, outputs(evaluating, model, VALUES), 1e-5f);
    }
  }

  @Test
  void anImageDoesNotDependOnItsBatch() {
    float[] two = new float[16];
    for (int i = 0; i < 8; i++) {
      two[i] = 100 - i * i;
      two[8 + i] = VALUES[i];
    }
    try (Model model = model(new GroupNorm(4));
        Pass pass = Pass.training(backend)) {
      float[] both = outputs(pass, model, two);
      float[] alone = outputs(pass, model, VALUES);
      for (int i = 0; i < 8; i++) {
        assertEquals(alone[i], both[8 + i]);
      }
    }
  }

  @Test
  void anEvaluationAsksForGradientsOfImagesAlone() {
    try (Model model = model(new GroupNorm(2));
        Pass pass = Pass.explaining(backend)) {
      Shape batch = IMAGE.withBatch(1);
      Tensor x = pass.images(new Batch(batch, FloatBuffer.wrap(VALUES), null));
      x.requireGradient();
      Tensor target = pass.tensor(FloatBuffer.wrap(new float[8]), batch);
      pass.backward(new MSELoss().apply(model.forward(x), target));
      assertNotEquals(0, x.gradientArray()[0]);
      model.parameters().forEach(parameter -> assertFalse(parameter.hasGradient()));
    }
  }

  @Test
  void theShiftLearnsWhenTheScaleIsFrozen() {
    try (Model model = model(new GroupNorm(2));
        Pass pass = Pass.training(backend)) {
      model.parameters().named("weight").setFrozen(true);
      Tensor y = model.forward(pass.tensor(FloatBuffer.wrap(VALUES), IMAGE.withBatch(1)));
      Tensor target = pass.tensor(FloatBuffer.wrap(new float[8]), IMAGE.withBatch(1));
      float[] values = y.toArray();
      pass.backward(new MSELoss().apply(y, target));
      // d/db of the mean of y^2 over 8 elements: the sum of 2 y / 8 over the two of the channel
      float[] gradient = model.parameters().named("bias").readGradient();
      assertEquals((values[6] + values[7]) / 4, gradient[3], 1e-5);
    }
  }

  @Test
  void groupsThatDoNotFitAreNamedWithTheNumbers() {
    for (int groups : new int[] {3, 0, 8}) {
      String message =
          assertThrows(
                  GradusException.class,
                  () -> Model.build(backend, new GroupNorm(groups), IMAGE, 1).close())
              .getMessage();
      assertTrue(message.contains("4 channels into " + groups + " groups"), message);
    }
    Layer zero = new GroupNorm(2).epsilon(0);
    String message =
        assertThrows(GradusException.class, () -> Model.build(backend, zero, IMAGE, 1).close())
            .getMessage();
    assertTrue(message.contains("epsilon 0.0"), message);
  }
}
