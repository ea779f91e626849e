package gradus.examples.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.backend.Backend;
import gradus.data.Dataset;
import gradus.data.PatchWhitening;
import gradus.data.Shapes;
import gradus.data.transform.Normalize;
import gradus.examples.TestBackend;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class FastCNNTest {
  @Test
  void preparationSetsAndFreezesTheFiltersAndFreezesTheScales() {
    Dataset train = Shapes.splits().train().take(50);
    Normalize normalize = Normalize.from(train.images());
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, FastCNN.create(10), Shape.of(3, 32, 32), 1)) {
      FastCNN.prepare(model, train, normalize);
      List<Parameter> frozen =
          model.parameters().list().stream().filter(p -> !p.isTrainable()).toList();
      assertEquals(
          List.of(
              "whiten.weight",
              "block1.norm1.weight",
              "block1.norm2.weight",
              "block2.norm1.weight",
              "block2.norm2.weight",
              "block3.norm1.weight",
              "block3.norm2.weight"),
          frozen.stream().map(Parameter::name).toList());
      assertArrayEquals(
          PatchWhitening.of(train.images(), normalize, 2, 5e-4).filters(), frozen.get(0).read());
    }
  }
}
