package gradus.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.AvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Concat;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.ELU;
import gradus.layer.Exp;
import gradus.layer.Flatten;
import gradus.layer.GELU;
import gradus.layer.GlobalMaxPool2d;
import gradus.layer.GroupNorm;
import gradus.layer.Hardsigmoid;
import gradus.layer.Hardswish;
import gradus.layer.Layer;
import gradus.layer.LeakyReLU;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Mish;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.SELU;
import gradus.layer.Scale;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.layer.SiLU;
import gradus.layer.Sigmoid;
import gradus.layer.Softmax;
import gradus.layer.Softplus;
import gradus.layer.Tanh;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxExportTest {
  private static final Shape IMAGE = Shape.of(3, 9, 7);

  @TempDir Path folder;
  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /** Weights and statistics as a training would leave them: none of them is 0 or 1. */
  private Model model(Layer network, Shape input) {
    Model model = Model.build(backend, network, input, 3);
    Random random = new Random(11);
    for (Parameter parameter : model.state()) {
      if (parameter.kind() == Parameter.Kind.NORM || parameter.kind() == Parameter.Kind.STATISTIC) {
        float[] values = parameter.read();
        for (int i = 0; i < values.length; i++) {
          values[i] += parameter.name().endsWith("mean") ? random.nextFloat() - 0.5f : 0;
          values[i] += parameter.name().endsWith("bias") ? random.nextFloat() - 0.5f : 0;
          values[i] *= 0.5f + random.nextFloat();
        }
        parameter.write(values);
      }
    }
    return model;
  }

  private static float[] images(Shape batch) {
    float[] values = new float[(int) batch.size()];
    Random random = new Random(values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] logits(Model model, float[] images, Shape batch) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      Tensor input = pass.images(new Batch(batch, FloatBuffer.wrap(images), null));
      return model.forward(input).toArray();
    }
  }

  private Path export(Model model, UnaryOperator<OnnxExport> options) {
    Path file = folder.resolve("model.onnx");
    options.apply(OnnxExport.of(model)).write(file);
    return file;
  }

  private void assertSame(Model model, Path file) throws OrtException {
    try (OnnxRuntime runtime = new OnnxRuntime(file)) {
      for (int n : new int[] {1, 32}) {
        Shape batch = model.inputShape().withBatch(n);
        float[] images = images(batch);
        assertClose(logits(model, images, batch), runtime.run(images, batch.toArray()));
      }
    }
  }

  /** To a ten-thousandth of the largest. */
  private static void assertClose(float[] expected, float[] actual) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 1e-6, "all logits are " + largest);
    assertArrayEquals(expected, actual, 1e-4f * largest);
  }

  static Stream<Arguments> layers() {
    return Stream.of(
            Conv2d.rectangular(6, 3, 2).stride(2, 1).padding(1, 0, 2, 3).dilation(2),
            new Conv2d(6, 3).groups(3).withoutBias(),
            new BatchNorm2d().epsilon(1e-3),
            new Sequential(new Linear(5), new BatchNorm2d(), new Linear(4).withoutBias()),
            new GroupNorm(1).epsilon(1e-3),
            new Sequential(new Conv2d(6, 3).stride(2), new GroupNorm(3), new ReLU()),
            new Sequential(new Linear(6), new GroupNorm(2), new Linear(4)),
            new MaxPool2d(3).stride(2).padding(1),
            new AvgPool2d(3).stride(2).padding(1),
            new AvgPool2d(3).stride(2).padding(1).ignorePadding(),
            new GlobalMaxPool2d(),
            new AdaptiveAvgPool2d(),
            new AdaptiveAvgPool2d(4),
            new Sequential(new MaxPool2d(3).stride(1), new Conv2d(2, 2), new AdaptiveAvgPool2d(2)),
            new Flatten(),
            new Sequential(new Conv2d(4, 3), new Softmax()),
            new Sequential(new Flatten(), new Softmax()),
            new Scale(-0.25),
            new Dropout(0.9),
            new ReLU(),
            new LeakyReLU(0.2),
            new ELU(0.7),
            new SiLU(),
            new GELU(),
            new Sigmoid(),
            new Tanh(),
            new Exp(),
            new SELU(),
            new Softplus(),
            new Mish(),
            new Sequential(new Scale(4), new Hardsigmoid()),
            new Sequential(new Scale(4), new Hardswish()),
            new Residual(new Conv2d(3, 3).padding(1)),
            new Sequential(
                new Residual(
                    new Sequential(new Conv2d(4, 1), new BatchNorm2d()),
                    new Sequential(new Conv2d(4, 1), new BatchNorm2d())),
                new ReLU()),
            new Concat(new Conv2d(2, 1), new Sequential(), new MaxPool2d(3).stride(1).padding(1)))
        .map(layer -> Arguments.of(name(layer), layer));
  }

  private static String name(Layer layer) {
    return layer instanceof Sequential sequential
        ? sequential.layers().stream().map(OnnxExportTest::name).toList().toString()
        : layer.kind();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void onnxruntimeComputesTheSame(String name, Layer layer) throws OrtException {
    try (Model model = model(layer, IMAGE)) {
      assertSame(model, export(model, options -> options));
    }
  }

  private static Layer normalised() {
    return new Sequential()
        .add("conv1", new Conv2d(6, 3).padding(1).withoutBias())
        .add("bn1", new BatchNorm2d().epsilon(0.01))
        .add("relu", new ReLU())
        .add("conv2", new Conv2d(6, 3).groups(2))
        .add("bn2", new BatchNorm2d())
        .add("pool", new MaxPool2d(2))
        .add("bn3", new BatchNorm2d())
        .add("fc", new Linear(4));
  }

  @Test
  void foldingTakesBatchNormsAwayAndNothingElse() throws OrtException, IOException {
    try (Model model = model(normalised(), IMAGE)) {
      Path plain = export(model, options -> options);
      assertEquals(3, count(plain, "BatchNormalization"));
      assertSame(model, plain);
      Path folded = export(model, OnnxExport::foldBatchNorm);
      assertEquals(1, count(folded, "BatchNormalization")); // the one behind the pool
      assertEquals(0, count(folded, "bn1.running_mean"));
      assertSame(model, folded);
    }
  }

  @Test
  void foldingLeavesAConvolutionThatOthersNeed() throws OrtException, IOException {
    Layer network =
        new Sequential(new Conv2d(3, 1), new Residual(new Sequential(new BatchNorm2d())));
    try (Model model = model(network, IMAGE)) {
      Path folded = export(model, OnnxExport::foldBatchNorm);
      assertEquals(1, count(folded, "BatchNormalization"));
      assertSame(model, folded);
    }
  }

  private static int count(Path file, String text) throws IOException {
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    return bytes.split(text, -1).length - 1;
  }

  @Test
  void theGraphCanNormaliseAndTheFileSaysWhatItHolds() throws OrtException {
    Normalize normalize =
        Normalize.of(new float[] {0.4f, 0.5f, 0.3f}, new float[] {0.2f, 0.25f, 0.3f});
    float[] pixels = new float[(int) IMAGE.size()];
    Random random = new Random(2);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    Image image = Image.ofFloats(3, 9, 7, pixels);
    float[] normalised = new float[pixels.length];
    normalize
        .apply(image, new SplittableRandom(0))
        .writeTo(normalised, 0, Normalize.none(3).scale());
    try (Model model = model(normalised(), IMAGE);
        OnnxRuntime runtime =
            new OnnxRuntime(
                export(
                    model,
                    options -> options.normalize(normalize).metadata("classes", "[\"ä\"]")))) {
      Shape one = IMAGE.withBatch(1);
      assertClose(logits(model, normalised, one), runtime.run(pixels, one.toArray()));
      assertEquals("[\"ä\"]", runtime.metadata().get("classes"));
      assertArrayEquals(new long[] {-1, 3, 9, 7}, runtime.shape("images"));
      assertArrayEquals(new long[] {-1, 4}, runtime.shape("logits"));
    }
  }

  @Test
  void theSameModelGivesTheSameBytes() throws IOException {
    try (Model model = model(normalised(), IMAGE)) {
      byte[] first = Files.readAllBytes(export(model, OnnxExport::foldBatchNorm));
      assertArrayEquals(first, Files.readAllBytes(export(model, OnnxExport::foldBatchNorm)));
    }
  }

  private static final class Squares extends Layer {
    @Override
    protected Shape build(Scope scope, Shape input) {
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  @Test
  void aLayerThatDoesNotSayWhatItComputesIsNamed() {
    Layer network = new Sequential().add("conv", new Conv2d(2, 1)).add("odd", new Squares());
    try (Model model = model(network, IMAGE)) {
      String message =
          assertThrows(GradusException.class, () -> export(model, options -> options)).getMessage();
      assertTrue(message.contains("Squares \"odd\""), message);
      assertTrue(message.contains("Override Layer.export"), message);
      assertFalse(Files.exists(folder.resolve("model.onnx")));
    }
  }

  @Test
  void normalisationOfOtherImagesAndAFolderThatIsNotThereAreRefused() {
    try (Model model = model(normalised(), IMAGE)) {
      OnnxExport export = OnnxExport.of(model);
      assertThrows(GradusException.class, () -> export.normalize(Normalize.MNIST));
      Path gone = folder.resolve("gone/model.onnx");
      String message = assertThrows(GradusException.class, () -> export.write(gone)).getMessage();
      assertTrue(message.contains(gone.toString()), message);
    }
  }
}
