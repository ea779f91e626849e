package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.examples.TestBackend;
import gradus.examples.net.FormulaTensors;
import gradus.layer.Model;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import gradus.weights.SafeTensors;
import gradus.weights.Weight;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PyTorch's resnet18, by its state dict alone: what {@code import} makes of it has every array and
 * no other, and gives the logits that PyTorch 2.10 gave. Those were written by {@code
 * gradus.fixtures.ResNet18Fixture}; the weights are {@link FormulaTensors}, so that no file of 45
 * MB needs to be kept.
 */
class ImportedLogitsTest {
  /** Of the largest logit; float32 sums of up to 4,608 products, in another order, in 20 layers. */
  private static final float TOLERANCE = 1e-5f;

  @TempDir Path scratch;

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  private static JsonNode fixture() throws IOException {
    try (InputStream in = ImportedLogitsTest.class.getResourceAsStream("/pytorch/resnet18.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static Map<String, Weight> stateDict(JsonNode state) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : state.properties()) {
      int[] shape = ints(entry.getValue());
      float[] values = FormulaTensors.values(entry.getKey(), shape);
      weights.put(entry.getKey(), new Weight(Shape.of(shape), FloatBuffer.wrap(values)));
    }
    return weights;
  }

  @Test
  void torchvisionsResnet18GivesTheLogitsOfPyTorch() throws IOException {
    JsonNode fixture = fixture();
    Path file = scratch.resolve("resnet18.safetensors");
    Map<String, Weight> state = stateDict(fixture.get("state"));
    assertEquals(122, state.size(), "62 of parameters and 60 of batch norms, as torchvision has");
    SafeTensors.write(file, state, Map.of("format", "pt"));
    List<String> names = IntStream.range(0, 1000).mapToObj(i -> "class " + i).toList();
    Path classes = Files.write(scratch.resolve("classes.txt"), names);
    Path run = scratch.resolve("run");
    Outcome.of(
            "import",
            file.toString(),
            "--model",
            "resnet18",
            "--class-file",
            classes.toString(),
            "--out",
            run.toString())
        .succeeded();

    try (SafeTensors imported = SafeTensors.open(run.resolve(SavedModel.FILE))) {
      Set<String> used =
          state.keySet().stream()
              .filter(name -> !name.endsWith("num_batches_tracked"))
              .collect(Collectors.toSet());
      assertEquals(used, Set.copyOf(imported.names()), "nothing missing, nothing unexpected");
    }

    int[] input = ints(fixture.get("input"));
    float[] images = FormulaTensors.images(input[0], input[1], input[2], input[3]);
    float[] expected = new float[fixture.get("logits").size()];
    float largest = 0;
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) fixture.get("logits").get(i).asDouble();
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    try (Backend backend = TestBackend.open();
        Model model = SavedModel.read(run).load(backend, run);
        Pass pass = Pass.evaluating(backend)) {
      Batch batch = new Batch(Shape.of(input), FloatBuffer.wrap(images), null);
      float[] logits = model.forward(pass.images(batch)).toArray();
      float apart = 0;
      for (int i = 0; i < logits.length; i++) {
        apart = Math.max(apart, Math.abs(expected[i] - expected[(i + 1000) % 2000]));
      }
      assertArrayEquals(expected, logits, TOLERANCE * largest);
      assertTrue(apart > 1000 * TOLERANCE * largest, "the pictures make a difference");
    }
  }
}
