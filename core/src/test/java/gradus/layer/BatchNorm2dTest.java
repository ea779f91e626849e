package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.loss.MSELoss;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class BatchNorm2dTest {
  @Test
  void theShiftLearnsWhenTheScaleIsFrozen() {
    try (Backend backend = Backends.named("reference");
        Model model = Model.build(backend, new BatchNorm2d(), Shape.of(2), 1)) {
      Parameter scale = model.parameters().list().get(0);
      Parameter shift = model.parameters().list().get(1);
      scale.setFrozen(true);
      try (Pass pass = Pass.training(backend)) {
        Shape shape = Shape.of(2, 2);
        Tensor x = pass.tensor(FloatBuffer.wrap(new float[] {1, 2, 3, 4}), shape);
        Tensor target = pass.tensor(FloatBuffer.wrap(new float[] {1, 2, 1, 2}), shape);
        pass.backward(new MSELoss().apply(model.forward(x), target));
      }
      // The normalised values are -1 and 1 (nearly) in both channels: d/db mean((y - t)^2) over
      // four elements is the sum over two rows of 2 (y - t) / 4.
      assertEquals(-1, shift.readGradient()[0], 1e-4);
      assertEquals(-2, shift.readGradient()[1], 1e-4);
      assertFalse(scale.isTrainable());
    }
  }

  private static final Shape PAIR = Shape.of(2, 2);
  private static final float[] VALUES = {1, 2, 3, 4};

  /** Of two features, with statistics and a shift of its own. */
  private static Model learned(Backend backend, Layer network) {
    Model model = Model.build(backend, network, Shape.of(2), 1);
    Parameter[] state = model.state().toArray(Parameter[]::new);
    state[0].write(new float[] {2, -3});
    state[1].write(new float[] {0.5f, 1});
    state[2].write(new float[] {1, -1});
    state[3].write(new float[] {4, 0.25f});
    return model;
  }

  private static void freeze(Model model, boolean frozen) {
    model.parameters().forEach(parameter -> parameter.setFrozen(frozen));
  }

  private static float[] output(Pass pass, Model model) {
    return model.forward(pass.tensor(FloatBuffer.wrap(VALUES), PAIR)).toArray();
  }

  private static float[] trainingOutput(Model model) {
    try (Pass pass = Pass.training(model.backend())) {
      return output(pass, model);
    }
  }

  private static float[] evaluate(Model model) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      return output(pass, model);
    }
  }

  @Test
  void frozenItDoesInTrainingAsInEvaluation() {
    try (Backend backend = Backends.named("reference");
        Model model = learned(backend, new BatchNorm2d())) {
      freeze(model, true);
      assertArrayEquals(evaluate(model), trainingOutput(model));
      assertArrayEquals(new float[] {1, -1}, model.parameters().named("running_mean").read());
      assertArrayEquals(new float[] {4, 0.25f}, model.parameters().named("running_var").read());

      freeze(model, false); // and from then on as if nothing had been
      assertNotEquals(evaluate(model)[0], trainingOutput(model)[0]);
      assertEquals(1.1f, model.parameters().named("running_mean").read()[0], 1e-6f);
    }
  }

  @Test
  void withOneOfTheTwoFrozenItUsesTheBatch() {
    try (Backend backend = Backends.named("reference");
        Model model = learned(backend, new BatchNorm2d())) {
      for (Parameter parameter : model.parameters()) {
        freeze(model, false);
        parameter.setFrozen(true);
        float mean = model.parameters().named("running_mean").read()[0];
        assertNotEquals(evaluate(model)[0], trainingOutput(model)[0]);
        assertNotEquals(mean, model.parameters().named("running_mean").read()[0]);
      }
    }
  }

  @Test
  void frozenItHandsGradientsOn() {
    try (Backend backend = Backends.named("reference");
        Model model = learned(backend, new BatchNorm2d())) {
      freeze(model, true);
      try (Pass pass = Pass.training(backend)) {
        Tensor x = pass.tensor(FloatBuffer.wrap(VALUES), PAIR).requireGradient();
        pass.backward(model.forward(x), new float[] {1, 1, 10, 10});
        // gamma / sqrt(var): 2 / 2 and -3 / 0.5
        assertArrayEquals(new float[] {1, -6, 10, -60}, x.gradientArray(), 2e-3f);
      }
      model.parameters().forEach(parameter -> assertFalse(parameter.hasGradient()));
    }
  }

  @Test
  void frozenBehindNothingThatLearnsItIsNotOnTheTape() {
    try (Backend backend = Backends.named("reference");
        Model model = learned(backend, new Sequential(new BatchNorm2d(), new ReLU()))) {
      freeze(model, true);
      try (Pass pass = Pass.training(backend)) {
        Tensor y = model.forward(pass.tensor(FloatBuffer.wrap(VALUES), PAIR));
        assertFalse(y.wantsGradient());
      }
    }
  }
}
