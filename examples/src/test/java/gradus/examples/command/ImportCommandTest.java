package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import gradus.tensor.Shape;
import gradus.weights.SafeTensors;
import gradus.weights.Weight;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
  @TempDir Path scratch;
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Random random = new Random(3);
  private Path file;

  /** The state dict of torchvision's resnet18 for three classes, from its names alone. */
  @BeforeEach
  void resnet18() {
    file = scratch.resolve("resnet18.safetensors");
    put("conv1.weight", 64, 3, 7, 7);
    norm("bn1", 64);
    for (int layer = 1; layer <= 4; layer++) {
      int channels = 32 << layer;
      for (int block = 0; block < 2; block++) {
        String name = "layer" + layer + "." + block + ".";
        int inputs = block == 0 && layer > 1 ? channels / 2 : channels;
        put(name + "conv1.weight", channels, inputs, 3, 3);
        norm(name + "bn1", channels);
        put(name + "conv2.weight", channels, channels, 3, 3);
        norm(name + "bn2", channels);
        if (inputs != channels) {
          put(name + "downsample.0.weight", channels, inputs, 1, 1);
          norm(name + "downsample.1", channels);
        }
      }
    }
    put("fc.weight", 3, 512);
    put("fc.bias", 3);
    SafeTensors.write(file, weights, Map.of("format", "pt"));
  }

  private void norm(String name, int channels) {
    put(name + ".weight", channels);
    put(name + ".bias", channels);
    put(name + ".running_mean", channels);
    put(name + ".running_var", channels);
  }

  private void put(String name, int... shape) {
    FloatBuffer values = FloatBuffer.allocate((int) Shape.of(shape).size());
    float scale = (float) Math.sqrt(2.0 * shape[0] / values.capacity());
    while (values.hasRemaining()) {
      values.put(
          shape.length == 1 ? 0.5f + random.nextFloat() : scale * (float) random.nextGaussian());
    }
    weights.put(name, new Weight(Shape.of(shape), values.flip()));
  }

  private Outcome importTo(Path out, String... more) {
    String[] arguments = new String[more.length + 6];
    String[] fixed = {"import", file.toString(), "--model", "resnet18", "--out", out.toString()};
    System.arraycopy(fixed, 0, arguments, 0, fixed.length);
    System.arraycopy(more, 0, arguments, fixed.length, more.length);
    return Outcome.of(arguments);
  }

  @Test
  void torchvisionsNamesBecomeAModelThatPredicts() throws IOException {
    Path out = scratch.resolve("run");
    String text =
        importTo(out, "--class-names", "cat,dog,owl", "--input", "3,64,64").succeeded().out();
    assertTrue(text.contains("11,178,051 parameters of resnet18"), text);
    try (SafeTensors stored = SafeTensors.open(out.resolve("model.safetensors"))) {
      assertEquals(weights.keySet(), Set.copyOf(stored.names()));
      for (String name : weights.keySet()) {
        assertArrayEquals(
            weights.get(name).values().array(), stored.read(name).values().array(), name);
      }
    }
    Path picture = scratch.resolve("a.png");
    ImageIO.write(new BufferedImage(80, 70, BufferedImage.TYPE_3BYTE_BGR), "png", picture.toFile());
    String prediction =
        Outcome.of("predict", out.toString(), picture.toString(), "--backend", TestBackend.name())
            .succeeded()
            .out();
    assertTrue(prediction.contains("owl"), prediction);
  }

  @Test
  void classesMayComeFromAFile() throws IOException {
    Path names = scratch.resolve("names.txt");
    Files.writeString(names, "red fox\n\nowl\ncat\n");
    importTo(scratch.resolve("run"), "--class-file", names.toString()).succeeded();
  }

  @Test
  void recognisesAFileOfTorchSaveByItsContent() throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("resnet18/constants.pkl"));
      zip.putNextEntry(new ZipEntry("resnet18/data.pkl"));
    }
    importTo(scratch.resolve("run"), "--class-names", "a,b,c")
        .failed(1, file.toString(), "TorchScript", "state_dict()");
  }

  @Test
  void refusesWhatDoesNotFit() {
    Path out = scratch.resolve("run");
    importTo(out).failed(2, "--class-names", "--class-file");
    importTo(out, "--class-names", "a,a,b").failed(2, "all different");
    importTo(out, "--class-names", "a,b").failed(1, "fc.weight");
    importTo(out, "--class-names", "a,b,c", "--model", "resnet20").failed(1, "conv1.weight");
    importTo(out, "--class-names", "a,b,c", "--normalize", "auto").failed(2, "auto");
    importTo(out, "--class-names", "a,b,c", "--normalize", "mnist").failed(1, "1 channel");
    importTo(out, "--class-names", "a,b,c").succeeded();
    importTo(out, "--class-names", "a,b,c").failed(2, "already holds");
  }
}
