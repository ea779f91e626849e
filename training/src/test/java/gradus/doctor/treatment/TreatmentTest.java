package gradus.doctor.treatment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.tensor.Shape;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TreatmentTest {
  private static final Initializer ONES = Initializer.constant(1);

  /** Weights that are frozen were learned elsewhere. */
  @Test
  void frozenParametersStayAsTheyAre() {
    List<Consumer<Model>> changes =
        List.of(Treatment::clearBiases, model -> Treatment.initialize(model, 1));
    for (Consumer<Model> change : changes) {
      try (Model model = model()) {
        List<Parameter> frozen =
            model.parameters().list().stream().filter(p -> !p.name().startsWith("3.")).toList();
        frozen.forEach(parameter -> parameter.setFrozen(true));
        List<float[]> before = frozen.stream().map(Parameter::read).toList();
        change.accept(model);
        for (int i = 0; i < frozen.size(); i++) {
          assertArrayEquals(before.get(i), frozen.get(i).read(), frozen.get(i).name());
        }
        assertEquals(0, of(model, "3.bias").read()[0], "of the last layer, which is trained");
      }
    }
  }

  /** Where the head is frozen it takes values of the usual size. */
  @Test
  void onlyALastLayerThatLearnsBeginsSmall() {
    try (Model model = model()) {
      Parameter first = of(model, "0.weight");
      Parameter head = of(model, "3.weight");
      Treatment.initialize(model, 1);
      double small = largest(head);
      assertTrue(small < 0.2, "the head's weights: " + small);
      double usual = largest(first);
      assertTrue(usual > 0.3, "the convolution's weights: " + usual);
      head.setFrozen(true);
      Treatment.initialize(model, 1);
      assertEquals(usual, largest(first));
      assertEquals(small, largest(head));
    }
  }

  private static Parameter of(Model model, String name) {
    return model.parameters().list().stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static double largest(Parameter parameter) {
    double largest = 0;
    for (float value : parameter.read()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static Model model() {
    Sequential net =
        new Sequential(
            new Conv2d(4, 3).weights(ONES).bias(ONES),
            new BatchNorm2d(),
            new ReLU(),
            new Linear(2).weights(ONES).bias(ONES));
    return Model.build(TestBackend.open(), net, Shape.of(1, 6, 6), 1);
  }
}
