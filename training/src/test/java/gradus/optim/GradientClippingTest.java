package gradus.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

class GradientClippingTest {
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
    assertEquals(0, backend.pool().lent());
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  private void backward(float input) {
    try (Pass pass = Pass.training(backend)) {
      var x = pass.tensor(FloatBuffer.wrap(new float[] {input, -2, 3, 0.5f}), Shape.of(1, 4));
      var target = pass.tensor(FloatBuffer.wrap(new float[] {1, 2}), Shape.of(1, 2));
      pass.backward(new MSELoss().apply(model.forward(x), target));
    }
  }

  @Test
  void aClosedModelHasNoGradients() {
    GradientClipping clipping = new GradientClipping(model.parameters(), 1);
    backward(1);
    model.close();
    assertThrows(IllegalStateException.class, clipping::clip);
    assertThrows(IllegalStateException.class, () -> clipping.clip(2));
  }

  private double norm() {
    double sum = 0;
    for (Parameter parameter : model.parameters()) {
      for (float g : parameter.isTrainable() ? parameter.readGradient() : new float[0]) {
        sum += (double) g * g;
      }
    }
    return Math.sqrt(sum);
  }

  @Test
  void shortensTheWholeGradientAndReturnsItsLength() {
    backward(1);
    double before = norm();
    float[] gradient = model.parameters().named("a.weight").readGradient();
    double limit = before / 4;
    assertEquals(before, new GradientClipping(model.parameters(), limit).clip(), 1e-5 * before);
    assertEquals(limit, norm(), 1e-5 * limit);
    float[] clipped = model.parameters().named("a.weight").readGradient();
    for (int i = 0; i < gradient.length; i++) {
      assertEquals(gradient[i] / 4, clipped[i], 1e-5 * limit, "the direction stays");
    }
  }

  @Test
  void aShortGradientKeepsItsBits() {
    backward(1);
    float[] gradient = model.parameters().named("b.weight").readGradient();
    double norm = new GradientClipping(model.parameters(), norm() * 1.01).clip();
    assertEquals(norm(), norm, 1e-5 * norm);
    assertArrayEquals(gradient, model.parameters().named("b.weight").readGradient());
  }

  @Test
  void frozenParametersTakeNoPart() {
    GradientClipping clipping = new GradientClipping(model.parameters(), 1e9);
    backward(1);
    double all = clipping.clip();
    model.parameters().named("a.weight").setFrozen(true);
    double some = clipping.clip();
    assertEquals(norm(), some, 1e-5 * some);
    assertFalse(some >= all * 0.999);
  }

  @Test
  void aGradientThatIsNoNumberIsReported() {
    backward(Float.NaN);
    assertFalse(Double.isFinite(new GradientClipping(model.parameters(), 1).clip()));
  }

  @Test
  void withoutAGradientThereIsNothingToClip() {
    assertEquals(0, new GradientClipping(model.parameters(), 1).clip());
  }

  @Test
  void theNormIsPositive() {
    for (double bad : new double[] {0, -1, Double.NaN}) {
      assertThrows(GradusException.class, () -> new GradientClipping(model.parameters(), bad));
    }
  }

  @Test
  void clippingByValueCutsEachElementAndReturnsTheNormBefore() {
    backward(1);
    double before = norm();
    float[] gradient = model.parameters().named("a.weight").readGradient();
    float limit = Math.abs(gradient[1]) * 0.999f;
    assertEquals(before, GradientClipping.byValue(model.parameters(), limit).clip(), 1e-5 * before);
    float[] clipped = model.parameters().named("a.weight").readGradient();
    int cut = 0;
    for (int i = 0; i < gradient.length; i++) {
      assertEquals(Math.max(-limit, Math.min(limit, gradient[i])), clipped[i]);
      cut += gradient[i] == clipped[i] ? 0 : 1;
    }
    assertTrue(cut > 0 && cut < gradient.length, cut + " were cut");
  }

  @Test
  void limitsArePositive() {
    for (double limit : new double[] {0, -1, Double.NaN}) {
      assertThrows(
          GradusException.class, () -> GradientClipping.byValue(model.parameters(), limit));
    }
  }
}
