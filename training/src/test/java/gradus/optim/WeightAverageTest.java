package gradus.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.layer.BatchNorm2d;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WeightAverageTest {
  private Backend backend;
  private Model model;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model =
        Model.build(
            backend,
            new Sequential().add("a", new Linear(1)).add("n", new BatchNorm2d()),
            Shape.of(1),
            1);
  }

  @AfterEach
  void close() {
    model.close();
    assertEquals(0, backend.pool().lent());
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes(), "of model and average");
    backend.close();
  }

  private void set(float weight, float mean) {
    model.parameters().named("a.weight").write(new float[] {weight});
    model.parameters().named("n.running_mean").write(new float[] {mean});
  }

  private void assertModel(double weight, double mean) {
    assertEquals(weight, model.parameters().named("a.weight").read()[0], 1e-6);
    assertEquals(mean, model.parameters().named("n.running_mean").read()[0], 1e-6);
  }

  @Test
  void anExponentialAverageForgets() {
    try (WeightAverage average = WeightAverage.exponential(model, 0.75)) {
      float[] weights = {8, 4, -4};
      for (float weight : weights) {
        set(weight, 10 * weight);
        average.update();
      }
      average.apply();
      double expected = 0.75 * (0.75 * 8 + 0.25 * 4) + 0.25 * -4;
      assertModel(expected, 10 * expected);
    }
  }

  @Test
  void anEqualAverageIsTheMean() {
    try (WeightAverage average = WeightAverage.equal(model)) {
      for (int i = 1; i <= 5; i++) {
        set(i * i, -i);
        average.update();
      }
      assertEquals(5, average.count());
      average.apply();
      assertModel(11, -3);
    }
  }

  @Test
  void exchangedTwiceEverythingIsAsBefore() {
    try (WeightAverage average = WeightAverage.equal(model)) {
      set(3, 4);
      average.update();
      set(5, 6);
      average.exchange();
      assertModel(3, 4);
      average.exchange();
      assertModel(5, 6);
      average.apply();
      assertModel(3, 4);
    }
  }

  @Test
  void misuseIsRefused() {
    try (WeightAverage average = WeightAverage.equal(model)) {
      assertThrows(GradusException.class, average::apply, "before any update");
      assertThrows(GradusException.class, average::exchange);
    }
    assertThrows(GradusException.class, () -> WeightAverage.exponential(model, 1));
    assertThrows(GradusException.class, () -> WeightAverage.exponential(model, -0.1));
  }
}
