package gradus.doctor.preflight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.DataLoader;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.SGD;
import gradus.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchOverfitTest {
  private static BatchOverfit of(Layer... layers) {
    return of(Precision.FP32, layers);
  }

  private static BatchOverfit of(Precision precision, Layer... layers) {
    try (Model model = Nets.build(layers);
        SGD optimizer = SGD.of(model.parameters()).build();
        DataLoader loader = Pictures.loader(Pictures.of(200, 1))) {
      List<float[]> before = model.state().stream().map(Parameter::read).toList();
      CrossEntropyLoss smoothed = new CrossEntropyLoss().labelSmoothing(0.2);
      BatchOverfit result =
          BatchOverfit.of(Pictures.subject(model, smoothed, optimizer, loader, null), precision);
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), model.state().get(i).read());
      }
      return result;
    }
  }

  @Test
  void aNetworkThatCanLearnDoes() {
    BatchOverfit result =
        of(
            new Conv2d(8, 3),
            new BatchNorm2d(),
            new ReLU(),
            new Linear(32),
            new ReLU(),
            new Linear(4));
    assertTrue(result.learned(), result.toString());
    assertEquals(32, result.images());
    assertEquals(32, result.right());
    assertTrue(result.steps() <= 100, result.toString());
  }

  private static Layer[] able() {
    return new Layer[] {new Conv2d(8, 3), new ReLU(), new Linear(32), new ReLU(), new Linear(4)};
  }

  @Test
  void inThePrecisionOfTheRun() {
    double exact = of(able()).first();
    for (Precision precision : List.of(Precision.BF16, Precision.FP16)) {
      BatchOverfit result = of(precision, able());
      assertTrue(result.learned(), precision + ": " + result);
      assertNotEquals(exact, result.first(), precision.toString());
    }
  }

  @Test
  void oneWithDeadUnitsCannot() {
    Layer dead = new Linear(32).bias(Initializer.constant(-100));
    BatchOverfit result = of(dead, new ReLU(), new Linear(4));
    assertFalse(result.learned(), result.toString());
    assertEquals(100, result.steps());
  }
}
