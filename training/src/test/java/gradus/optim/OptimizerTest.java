package gradus.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Sequential;
import gradus.loss.MSELoss;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  private Backend backend;
  private Model model;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model =
        Model.build(
            backend,
            new Sequential().add("a", new Linear(3)).add("b", new Linear(2)),
            Shape.of(4),
            1);
  }

  @AfterEach
  void close() {
    model.close();
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  private void backward() {
    try (Pass pass = Pass.training(backend)) {
      var x =
          pass.tensor(FloatBuffer.wrap(new float[] {1, -2, 3, 0.5f, 2, 1, 0, -1}), Shape.of(2, 4));
      var target = pass.tensor(FloatBuffer.wrap(new float[] {1, 2, 3, 4}), Shape.of(2, 2));
      pass.backward(new MSELoss().apply(model.forward(x), target));
    }
  }

  private Parameter parameter(String name) {
    return model.parameters().named(name);
  }

  @Test
  void plainSgdFollowsTheGradient() {
    try (Optimizer sgd = SGD.of(model.parameters()).learningRate(0.1).momentum(0).build()) {
      backward();
      float[] before = parameter("b.weight").read();
      float[] gradient = parameter("b.weight").readGradient();
      sgd.step();
      float[] after = parameter("b.weight").read();
      for (int i = 0; i < before.length; i++) {
        assertEquals(before[i] - 0.1f * gradient[i], after[i], 1e-6f);
      }
    }
  }

  @Test
  void frozenParametersStay() {
    try (Optimizer sgd = SGD.of(model.parameters()).learningRate(0.1).build()) {
      parameter("a.weight").setFrozen(true);
      float[] frozen = parameter("a.weight").read();
      float[] trained = parameter("a.bias").read();
      backward();
      sgd.step();
      assertArrayEquals(frozen, parameter("a.weight").read());
      assertNotEquals(trained[0], parameter("a.bias").read()[0]);
      parameter("a.weight").setFrozen(false);
      backward();
      sgd.step();
      assertNotEquals(frozen[0], parameter("a.weight").read()[0]);
    }
  }

  @Test
  void withoutAGradientNothingMoves() {
    try (Optimizer sgd = SGD.of(model.parameters()).learningRate(0.1).weightDecay(0.5).build()) {
      float[] before = parameter("a.weight").read();
      sgd.step();
      assertArrayEquals(before, parameter("a.weight").read());
    }
  }

  @Test
  void usedGradientsAreNotUsedAgainWhenItsStateWasRestored() {
    try (Optimizer sgd = SGD.of(model.parameters()).learningRate(0.1).build()) {
      backward();
      sgd.step();
      float[] before = parameter("a.weight").read();
      sgd.restoreSteps(sgd.steps(), sgd.stepsOfParameters());
      sgd.step();
      sgd.setPenaltyFactor(0);
      sgd.step();
      assertArrayEquals(before, parameter("a.weight").read());
    }
  }

  @Test
  void biasesCanBeSparedTheDecay() {
    try (Optimizer sgd =
        SGD.of(model.parameters())
            .learningRate(1)
            .momentum(0)
            .weightDecay(0.5)
            .decayWeightsOnly()
            .build()) {
      backward();
      float[] weight = parameter("a.weight").read();
      float[] weightGradient = parameter("a.weight").readGradient();
      float[] bias = parameter("a.bias").read();
      float[] biasGradient = parameter("a.bias").readGradient();
      sgd.step();
      assertEquals(
          weight[0] - (weightGradient[0] + 0.5f * weight[0]),
          parameter("a.weight").read()[0],
          1e-6f);
      assertEquals(bias[0] - biasGradient[0], parameter("a.bias").read()[0], 1e-6f);
    }
  }

  @Test
  void theRateCanChangeBetweenSteps() {
    try (Optimizer sgd = SGD.of(model.parameters()).momentum(0).build()) {
      assertEquals(0.01, sgd.learningRate());
      sgd.setLearningRate(0);
      float[] before = parameter("a.weight").read();
      backward();
      sgd.step();
      assertArrayEquals(before, parameter("a.weight").read());
      assertEquals(1, sgd.steps());
    }
  }

  @Test
  void theMomentumCanChangeBetweenSteps() {
    try (Optimizer sgd = SGD.of(model.parameters()).learningRate(0.1).momentum(0).build()) {
      backward();
      sgd.step();
      assertEquals(0, sgd.state().size());
      sgd.setMomentum(0.5);
      float[] velocity = new float[parameter("b.weight").read().length];
      for (int step = 0; step < 2; step++) {
        backward();
        float[] before = parameter("b.weight").read();
        float[] gradient = parameter("b.weight").readGradient();
        sgd.step();
        float[] after = parameter("b.weight").read();
        for (int i = 0; i < before.length; i++) {
          velocity[i] = 0.5f * velocity[i] + gradient[i];
          assertEquals(before[i] - 0.1f * velocity[i], after[i], 1e-6f);
        }
      }
      sgd.setMomentum(0);
      assertEquals(0, sgd.state().size(), "its velocity is given back");
      assertEquals(0.0, sgd.settings().get("momentum"));
      assertThrows(GradusException.class, () -> sgd.setMomentum(1.5));
    }
    try (Optimizer adam = Adam.of(model.parameters()).build()) {
      GradusException refused = assertThrows(GradusException.class, () -> adam.setMomentum(0.9));
      assertTrue(refused.getMessage().contains("only that of SGD"), refused::getMessage);
    }
  }

  @Test
  void everyOptimizerMakesTheLossSmall() {
    for (Optimizer optimizer :
        new Optimizer[] {
          SGD.of(model.parameters()).learningRate(0.02).build(),
          Adam.of(model.parameters()).learningRate(0.05).build(),
          AdamW.of(model.parameters()).learningRate(0.05).build()
        }) {
      try (optimizer) {
        model.parameters().forEach(p -> p.write(new float[Math.toIntExact(p.shape().size())]));
        parameter("a.weight")
            .write(new float[] {.1f, .2f, -.1f, .3f, .2f, -.3f, .1f, .1f, -.2f, .1f, .2f, .3f});
        parameter("b.weight").write(new float[] {.3f, -.2f, .1f, .2f, .1f, -.3f});
        for (int i = 0; i < 300; i++) {
          backward();
          optimizer.step();
        }
        assertTrue(loss() < 1e-2, () -> optimizer + " ends at " + loss());
      }
    }
  }

  private float loss() {
    try (Pass pass = Pass.evaluating(backend)) {
      var x =
          pass.tensor(FloatBuffer.wrap(new float[] {1, -2, 3, 0.5f, 2, 1, 0, -1}), Shape.of(2, 4));
      var target = pass.tensor(FloatBuffer.wrap(new float[] {1, 2, 3, 4}), Shape.of(2, 2));
      return new MSELoss().apply(model.forward(x), target).item();
    }
  }

  @Test
  void settingsAreChecked() {
    assertThrows(GradusException.class, () -> SGD.of(model.parameters()).learningRate(-1));
    assertThrows(GradusException.class, () -> SGD.of(model.parameters()).learningRate(Double.NaN));
    assertThrows(GradusException.class, () -> SGD.of(model.parameters()).momentum(1.5));
    assertThrows(GradusException.class, () -> AdamW.of(model.parameters()).weightDecay(-0.1));
    assertThrows(GradusException.class, () -> Adam.of(model.parameters()).betas(0.9, 1.1));
    assertThrows(GradusException.class, () -> Adam.of(model.parameters()).betas(0.9, 1));
    assertThrows(GradusException.class, () -> Adam.of(model.parameters()).betas(1, 0.999));
  }

  @Test
  void aClosedOptimizerTakesNoStep() {
    Optimizer optimizer = AdamW.of(model.parameters()).build();
    backward();
    optimizer.close();
    optimizer.close();
    float[] before = parameter("a.weight").read();
    assertThrows(IllegalStateException.class, optimizer::step);
    assertArrayEquals(before, parameter("a.weight").read());
  }

  @Test
  void aClosedModelTakesNoStep() {
    try (Optimizer optimizer = SGD.of(model.parameters()).build()) {
      backward();
      model.close();
      Exception refused = assertThrows(IllegalStateException.class, optimizer::step);
      assertTrue(refused.getMessage().contains("model has been closed"), refused::getMessage);
      assertEquals(0, optimizer.steps());
    }
  }

  @Test
  void anL1PenaltyPullsWeightsButNotBiases() {
    float[] weight = parameter("b.weight").read();
    float[] bias = parameter("b.bias").read();
    try (Optimizer sgd =
        SGD.of(model.parameters())
            .learningRate(1)
            .momentum(0)
            .l1(0.25)
            .decayWeightsOnly()
            .build()) {
      backward();
      float[] ofWeight = parameter("b.weight").readGradient();
      float[] ofBias = parameter("b.bias").readGradient();
      sgd.step();
      float[] after = parameter("b.weight").read();
      for (int i = 0; i < weight.length; i++) {
        float expected = weight[i] - (ofWeight[i] + 0.25f * Math.signum(weight[i]));
        assertEquals(expected, after[i], 1e-6f);
      }
      assertEquals(bias[0] - ofBias[0], parameter("b.bias").read()[0], 1e-6f);
      assertTrue(sgd.toString().contains("l1=0.25"), sgd.toString());
    }
  }

  @Test
  void aGroupHasARateAndADecayOfItsOwn() {
    float[] weight = parameter("a.weight").read();
    float[] bias = parameter("a.bias").read();
    try (Optimizer sgd =
        SGD.of(model.parameters())
            .learningRate(0.1)
            .momentum(0)
            .weightDecay(0.5)
            .group(p -> p.kind() == Parameter.Kind.BIAS, 3, 0)
            .build()) {
      backward();
      float[] ofWeight = parameter("a.weight").readGradient();
      float[] ofBias = parameter("a.bias").readGradient();
      sgd.step();
      assertEquals(
          weight[1] - 0.1f * (ofWeight[1] + 0.5f * weight[1]),
          parameter("a.weight").read()[1],
          1e-6f);
      assertEquals(bias[1] - 0.3f * ofBias[1], parameter("a.bias").read()[1], 1e-6f);
      assertTrue(sgd.toString().contains("group(learning_rate x 3.0"), sgd.toString());
    }
  }

  @Test
  void aParameterThawedLaterBeginsWithItsOwnFirstStep() {
    // Adam's first step moves every weight by the rate, whatever its gradient; a correction for the
    // third step would move it by less than a third of it.
    Parameter late = parameter("a.weight");
    late.setFrozen(true);
    try (Optimizer adam = Adam.of(model.parameters()).learningRate(0.01).build()) {
      for (int i = 0; i < 2; i++) {
        backward();
        adam.step();
      }
      late.setFrozen(false);
      float[] before = late.read();
      backward();
      float[] gradient = late.readGradient();
      adam.step();
      float[] after = late.read();
      for (int i = 0; i < before.length; i++) {
        float expected = before[i] - 0.01f * Math.signum(gradient[i]);
        assertEquals(expected, after[i], 1e-5f, "gradient " + gradient[i]);
      }
      assertEquals(3, adam.steps());
      assertEquals(1, adam.stepsOfParameters().get(model.parameters().list().indexOf(late)));
    }
  }
}
