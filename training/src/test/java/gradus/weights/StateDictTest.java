package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Sequential;
import gradus.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDictTest {
  private static final Shape INPUT = Shape.of(2, 4, 4);

  @TempDir Path folder;
  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named(System.getProperty("gradus.test.backend", "reference"));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private static Layer network(int classes) {
    return new Sequential()
        .add("conv1", new Conv2d(3, 3))
        .add("bn1", new BatchNorm2d())
        .add("fc", new Linear(classes));
  }

  private Model model(int classes, long seed) {
    return Model.build(backend, network(classes), INPUT, seed);
  }

  private static Map<String, Weight> weights(Model model) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (Parameter p : model.state()) {
      weights.put(p.name(), Weight.of(p.shape(), p.read()));
    }
    return weights;
  }

  @Test
  void whatIsSavedIsLoadedBitForBit() {
    Path file = folder.resolve("m.safetensors");
    try (Model saved = model(4, 1);
        Model loaded = model(4, 2)) {
      saved.parameters().named("bn1.running_mean").write(new float[] {1, -2, 0.3f});
      StateDict.save(saved, file, Map.of("note", "grüße"));
      StateDict.load(loaded, file);
      for (Parameter p : saved.state()) {
        assertArrayEquals(p.read(), loaded.parameters().named(p.name()).read(), p.name());
      }
    }
    try (SafeTensors stored = SafeTensors.open(file)) {
      assertEquals("grüße", stored.metadata().get("note"));
      assertEquals(Shape.of(3, 2, 3, 3), stored.shape("conv1.weight"));
    }
  }

  @Test
  void pyTorchsBatchCountersAreIgnored() {
    Path file = folder.resolve("m.safetensors");
    try (Model model = model(4, 1)) {
      Map<String, Weight> weights = weights(model);
      weights.put("bn1.num_batches_tracked", Weight.of(Shape.of(1), 17f));
      SafeTensors.write(file, weights, Map.of());
      StateDict.load(model, file);
    }
  }

  /** Files of a small network, of which make.py beside them tells. */
  @ParameterizedTest
  @ValueSource(strings = {"checkpoint.pth", "legacy.pth"})
  void whatPyTorchSavedIsLoaded(String name) {
    Layer network =
        new Sequential().add("conv", new Conv2d(2, 2)).add("fc", new Linear(4).withoutBias());
    try (Model model = Model.build(backend, network, Shape.of(1, 2, 3), 1)) {
      StateDict.load(model, TorchFileTest.resource(name));
      assertArrayEquals(new float[] {-1.5f, 2.5f}, model.parameters().named("conv.bias").read());
      float[] columns = {8, 12, 16, 20, 9, 13, 17, 21, 10, 14, 18, 22, 11, 15, 19, 23};
      for (int i = 0; i < columns.length; i++) {
        columns[i] /= 8;
      }
      assertArrayEquals(columns, model.parameters().named("fc.weight").read());
    }
  }

  @Test
  void ofWhatPyTorchSavedThatWhichFitsIsLoaded() {
    try (Model model = model(4, 1)) {
      Path file = TorchFileTest.resource("checkpoint.pth");
      String message =
          assertThrows(GradusException.class, () -> StateDict.loadMatching(model, file))
              .getMessage();
      assertTrue(message.contains("nothing in common"), message);
    }
    Layer network = new Sequential().add("conv", new Conv2d(2, 2)).add("fc", new Linear(3));
    try (Model model = Model.build(backend, network, Shape.of(1, 2, 3), 1)) {
      StateDict.Loaded loaded =
          StateDict.loadMatching(model, TorchFileTest.resource("checkpoint.pth"));
      assertEquals(2, loaded.loaded());
      assertEquals(1, loaded.misshaped().size());
    }
  }

  @Test
  void whatDoesNotFitIsListedAndChangesNothing() {
    Path file = folder.resolve("m.safetensors");
    try (Model model = model(4, 1)) {
      Map<String, Weight> weights = weights(model);
      weights.remove("bn1.weight");
      weights.put("conv9.weight", Weight.of(Shape.of(1), 1f));
      weights.put("fc.bias", Weight.of(Shape.of(5), new float[5]));
      weights.put("conv1.bias", Weight.of(Shape.of(3), 7, 7, 7));
      SafeTensors.write(file, weights, Map.of());
      float[] before = model.parameters().named("conv1.bias").read();
      String message =
          assertThrows(GradusException.class, () -> StateDict.load(model, file)).getMessage();
      assertTrue(message.contains(file.toString()), message);
      assertTrue(message.contains("missing: bn1.weight"), message);
      assertTrue(message.contains("fc.bias[5] where the model has [4]"), message);
      assertTrue(message.contains("unexpected: conv9.weight"), message);
      assertArrayEquals(before, model.parameters().named("conv1.bias").read());
    }
  }

  @Test
  void aValueThatIsNoNumberChangesNothing() {
    Path file = folder.resolve("m.safetensors");
    try (Model model = model(4, 1)) {
      Map<String, Weight> weights = weights(model);
      weights.put("fc.bias", Weight.of(Shape.of(4), 1, 2, Float.NaN, 4));
      SafeTensors.write(file, weights, Map.of());
      float[] before = model.parameters().named("conv1.weight").read();
      weights.put("conv1.weight", Weight.of(Shape.of(3, 2, 3, 3), new float[54]));
      GradusException refused =
          assertThrows(GradusException.class, () -> StateDict.load(model, file));
      assertTrue(refused.getMessage().contains("fc.bias"), refused.getMessage());
      assertArrayEquals(before, model.parameters().named("conv1.weight").read());
    }
  }
}
