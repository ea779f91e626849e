package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import gradus.data.image.ColorMode;
import gradus.data.image.Image;
import gradus.data.image.ImageDecoder;
import gradus.data.npy.NpyArray;
import gradus.data.npy.Npz;
import gradus.data.transform.Normalize;
import gradus.examples.OnnxRuntime;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
  @TempDir static Path scratch;
  private static Path run;
  private static Path picture;

  @BeforeAll
  static void train() throws IOException {
    Path pictures = TestPictures.folder(scratch, 20);
    run = scratch.resolve("run");
    picture = scratch.resolve("a.png");
    TestPictures.write(picture, true, 1001);
    Outcome.of(
            "train",
            "--data",
            "folder",
            "--data-dir",
            pictures.toString(),
            "--image-size",
            "8",
            "--model",
            "resnet20",
            "--batch",
            "8",
            "--epochs",
            "2",
            "--out",
            run.toString(),
            "--backend",
            TestBackend.name())
        .succeeded();
  }

  private static Path export(String name, String... more) {
    Path out = scratch.resolve(name);
    String[] arguments = new String[more.length + 4];
    System.arraycopy(
        new String[] {"export", run.toString(), "--out", out.toString()}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    Outcome.of(arguments).succeeded();
    assertTrue(Files.exists(out));
    return out;
  }

  private static double[] softmax(float[] logits) {
    double sum = 0;
    double[] shares = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      shares[i] = Math.exp(logits[i]);
      sum += shares[i];
    }
    for (int i = 0; i < logits.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  @Test
  void onnxruntimePredictsWhatPredictDoes() throws OrtException {
    String answer =
        Outcome.of("predict", "--from", run.toString(), picture.toString()).succeeded().out();
    Image image = new ImageDecoder(ColorMode.RGB).decode(picture);
    float[] pixels = new float[image.size()];
    image.writeTo(pixels, 0, Normalize.none(3).scale());
    int[] shape = {1, 3, 8, 8};
    Path whole = export("whole.onnx", "--with-normalization", "--fold-batch-norm");
    try (OnnxRuntime runtime = new OnnxRuntime(whole)) {
      double[] shares = softmax(runtime.run(pixels, shape));
      assertEquals("[\"high\",\"low\"]", runtime.metadata().get("classes"));
      for (String share :
          List.of(
              String.format(Locale.ROOT, "high %.1f %%", 100 * shares[0]),
              String.format(Locale.ROOT, "low %.1f %%", 100 * shares[1]))) {
        assertTrue(answer.contains(share), share + " is not in " + answer);
      }
      assertEquals("pixel values from 0 to 1", runtime.metadata().get("input"));
    }
    Normalize normalize = SavedModel.read(run).normalize();
    float[] normalised = new float[pixels.length];
    normalize.write(image, normalised, 0);
    try (OnnxRuntime bare = new OnnxRuntime(export("bare.onnx"));
        OnnxRuntime full = new OnnxRuntime(whole)) {
      assertArrayEquals(full.run(pixels, shape), bare.run(normalised, shape), 1e-3f);
      assertTrue(bare.metadata().get("input").contains("mean"), bare.metadata().toString());
      assertEquals("resnet20", bare.metadata().get("model"));
    }
  }

  @Test
  void weightsAloneKeepNamesShapesAndValues() {
    Path npz = export("weights.npz");
    Path copy = export("copy", "--format", "safetensors");
    try (SafeTensors original = SafeTensors.open(run.resolve(SavedModel.FILE));
        SafeTensors copied = SafeTensors.open(copy);
        Npz arrays = Npz.open(npz)) {
      assertEquals(original.names(), copied.names());
      assertEquals(original.metadata(), copied.metadata());
      assertEquals(List.copyOf(original.names()), arrays.names());
      for (String name : original.names()) {
        float[] values = original.read(name).values().array();
        assertArrayEquals(values, copied.read(name).values().array());
        NpyArray array = arrays.read(name);
        assertArrayEquals(original.shape(name).toArray(), array.shape());
        for (int i = 0; i < values.length; i++) {
          assertEquals(values[i], array.doubleAt(i));
        }
      }
    }
  }

  @Test
  void whatCannotBeIsRefused() throws IOException {
    String from = run.toString();
    Outcome.of("export", from).failed(2, "--out");
    Outcome.of("export", "--out", "x.onnx").failed(2, "RUN_OR_WEIGHTS");
    Path odd = scratch.resolve("weights.bin");
    Outcome.of("export", from, "--out", odd.toString()).failed(2, "weights.bin", "--format");
    assertFalse(Files.exists(odd));
    Outcome.of("export", from, "--out", "x.npz", "--fold-batch-norm").failed(2, "onnx alone");
    Outcome.of("export", from, "--out", "x.h5", "--format", "keras").failed(2, "keras");
    Path source = run.resolve(SavedModel.FILE);
    byte[] before = Files.readAllBytes(source);
    Outcome.of("export", from, "--out", source.toString()).failed(2, "is the file to export");
    assertArrayEquals(before, Files.readAllBytes(source));
    Outcome.of("export", scratch.resolve("none").toString(), "--out", "x.onnx")
        .failed(1, "no weight file");
  }
}
