package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.data.npy.NpyArray;
import gradus.data.npy.Npz;
import gradus.data.transform.Normalize;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.examples.net.Networks;
import gradus.tensor.Shape;
import gradus.weights.SafeTensors;
import gradus.weights.Weight;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineTuneChoiceTest {
  @TempDir Path scratch;
  private Path pictures;
  private Path base;
  private Path tuned;

  @BeforeEach
  void train() throws IOException {
    pictures = TestPictures.folder(scratch, 20);
    base = scratch.resolve("base");
    tuned = scratch.resolve("tuned");
    String[] of = {"--data", "folder", "--data-dir", pictures.toString(), "--image-size", "16"};
    train(base, with(of, "--model", "simplecnn", "--normalize", "imagenet")).succeeded();
  }

  private static Outcome train(Path out, String... more) {
    String[] fixed = {"train", "--batch", "8", "--epochs", "1", "--backend", TestBackend.name()};
    return Outcome.of(with(with(fixed, "--out", out.toString()), more));
  }

  private static String[] with(String[] some, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(some));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  private JsonNode configuration() throws IOException {
    return new ObjectMapper().readTree(tuned.resolve("run.json").toFile()).get("configuration");
  }

  @Test
  void goesOnAsTheRunItStartsFrom() throws IOException {
    String text = train(tuned, "--from", base.toString()).succeeded().out();
    assertFalse(text.contains("missing") || text.contains("another shape"), text);
    SavedModel saved = SavedModel.read(tuned);
    assertEquals(Networks.SIMPLECNN, saved.network());
    assertEquals(Shape.of(3, 16, 16), saved.input());
    assertEquals(Normalize.IMAGENET.toString(), saved.normalize().toString());
    assertEquals(pictures.toAbsolutePath(), saved.dataFolder());
    assertEquals("simplecnn", configuration().get("model").asText());
    assertEquals(16, configuration().get("image_size").asInt());
    assertEquals("as --from", configuration().get("normalize").asText());
  }

  @Test
  void whatIsAskedForCounts() {
    String[] asked = {"--data", "folder", "--data-dir", pictures.toString(), "--image-size", "8"};
    train(tuned, with(asked, "--from", base.toString(), "--normalize", "none")).succeeded();
    SavedModel saved = SavedModel.read(tuned);
    assertEquals(Networks.SIMPLECNN, saved.network());
    assertEquals(Shape.of(3, 8, 8), saved.input());
    assertEquals(Normalize.none(3).toString(), saved.normalize().toString());
  }

  @Test
  void weightsThatSayNothingOfTheirModelLeaveEverythingAsItIs() {
    Path file = scratch.resolve("some.safetensors");
    Weight bias = new Weight(Shape.of(16), FloatBuffer.allocate(16));
    SafeTensors.write(file, Map.of("conv1.bias", bias), Map.of("format", "pt"));
    String[] asked = {"--data", "folder", "--data-dir", pictures.toString(), "--image-size", "16"};
    String text = train(tuned, with(asked, "--from", file.toString())).out();
    assertTrue(text.contains("Loaded 1 arrays of"), text);
    assertEquals(Networks.DEEPERCNN, SavedModel.read(tuned).network());
  }

  @Test
  void pixelsOfOtherChannelsAreNotScaledAlike() {
    Path grey = scratch.resolve("grey.npz");
    NpyArray images = NpyArray.of(new byte[40 * 16 * 16], 40, 16, 16);
    int[] labels = new int[40];
    Arrays.setAll(labels, i -> i % 2);
    Npz.write(grey, Map.of("images", images, "labels", NpyArray.of(labels, 40)));
    train(tuned, "--from", base.toString(), "--data", "npz", "--data-dir", grey.toString())
        .failed(2, "images of 3 channel(s)", "have 1", "--normalize auto");
  }

  @Test
  void aCheckLooksAtTheSameNetwork() {
    String[] check = {"check", "--from", base.toString(), "--backend", TestBackend.name()};
    String text = Outcome.of(with(check, "--no-overfit", "--batch", "8")).out();
    assertTrue(text.contains("Loaded "), text);
    assertFalse(text.contains("missing"), text);
  }
}
