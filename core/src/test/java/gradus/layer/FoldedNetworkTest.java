package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FoldedNetworkTest {
  private static final Shape IMAGE = Shape.of(3, 6, 8);

  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("reference");
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.close();
  }

  private static Layer convNorm(int channels) {
    return new Sequential(
        new Conv2d(channels, 3).padding(1).withoutBias(), new BatchNorm2d(), new ReLU());
  }

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of("norm behind a convolution without bias", 0, convNorm(5)),
        Arguments.of(
            "norm behind a convolution with bias",
            0,
            new Sequential(new Conv2d(4, 3), new BatchNorm2d())),
        Arguments.of(
            "norm behind a grouped convolution",
            0,
            new Sequential(convNorm(6), new Conv2d(6, 3).groups(3), new BatchNorm2d())),
        Arguments.of(
            "norm behind a linear layer",
            0,
            new Sequential(new Linear(7), new BatchNorm2d(), new ReLU(), new Linear(3))),
        Arguments.of(
            "pooled",
            0,
            new Sequential(convNorm(4), new MaxPool2d(2), new AvgPool2d(2), new Linear(3))),
        Arguments.of(
            "residual blocks",
            0,
            new Sequential(
                convNorm(4),
                new Residual(new Sequential(convNorm(4), new Conv2d(4, 1), new BatchNorm2d())),
                new ReLU(),
                new Residual(
                    new Sequential(new Conv2d(8, 3).stride(2), new BatchNorm2d()),
                    new Sequential(new Conv2d(8, 3).stride(2).withoutBias(), new BatchNorm2d())),
                new AdaptiveAvgPool2d(),
                new Flatten(),
                new Linear(3),
                new Scale(0.5))),
        Arguments.of(
            "branches and a gate",
            0,
            new Sequential(
                new Concat(convNorm(3), new MaxPool2d(3).stride(1).padding(1)),
                new SqueezeExcitation(2),
                new Tanh(),
                new Softmax())),
        Arguments.of(
            "norms of images, which have no statistics",
            0,
            new Sequential(convNorm(6), new GroupNorm(3), new Conv2d(4, 1), new GroupNorm(1))),
        Arguments.of("norm that stays: first", 1, new Sequential(new BatchNorm2d(), new ReLU())),
        Arguments.of(
            "norm that stays: behind a ReLU",
            1,
            new Sequential(new Conv2d(4, 3), new ReLU(), new BatchNorm2d(), new ReLU())),
        Arguments.of(
            "norm that stays: somebody else uses the convolution",
            1,
            new Sequential(
                new Conv2d(4, 1),
                new Residual(new Sequential(new BatchNorm2d(), new Dropout(0.5))),
                new StochasticDepth(0.5))),
        Arguments.of(
            "only the first of two norms",
            1,
            new Sequential(new Conv2d(4, 1), new BatchNorm2d(), new BatchNorm2d())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void itComputesTheSame(String name, int normsLeft, Layer network) {
    try (Model model = Model.build(backend, network, IMAGE, 3)) {
      likeTrained(model);
      List<float[]> before = model.state().stream().map(Parameter::read).toList();
      try (Model folded = model.foldBatchNorms()) {
        assertEquals(model.outputShape(), folded.outputShape());
        assertEquals(
            2L * normsLeft,
            folded.state().stream().filter(p -> p.kind() == Parameter.Kind.STATISTIC).count());
        for (int n : new int[] {1, 3}) {
          assertArrayEquals(outputs(model, n), outputs(folded, n), 1e-5f, name);
        }
        assertEquals(model.summary().multiplyAdds(), folded.summary().multiplyAdds());
      }
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), model.state().get(i).read());
      }
    }
  }

  @Test
  void valuesAreGivenBackAsSoonAsNobodyNeedsThem() {
    Sequential network = new Sequential();
    for (int i = 0; i < 20; i++) {
      network.add(new Residual(convNorm(3)));
    }
    try (Model model = Model.build(backend, network, IMAGE, 3);
        Model folded = model.foldBatchNorms();
        Pass pass = Pass.evaluating(backend)) {
      folded.forward(images(pass, 1));
      assertEquals(2, backend.pool().lent(), "the images and the output");
      long before = backend.memory().liveBytes();
      folded.forward(images(pass, 1));
      assertTrue(backend.memory().liveBytes() - before <= 2 * 3 * 6 * 8 * 8);
    }
  }

  @Test
  void itKeepsTheWeightsOfItsMoment() {
    try (Model model = Model.build(backend, convNorm(2), IMAGE, 3);
        Model folded = model.foldBatchNorms()) {
      float[] before = outputs(folded, 1);
      model.parameters().named("0.weight").write(new float[2 * 3 * 9]);
      assertArrayEquals(before, outputs(folded, 1));
    }
  }

  @Test
  void itDoesNotTrain() {
    try (Model model = Model.build(backend, convNorm(2), IMAGE, 3);
        Model folded = model.foldBatchNorms();
        Pass pass = Pass.training(backend)) {
      Tensor images = images(pass, 2);
      GradusException error = assertThrows(GradusException.class, () -> folded.forward(images));
      assertTrue(error.getMessage().contains("is for inference"), error.getMessage());
    }
  }

  @Test
  void aLayerThatDoesNotSayWhatItComputesIsNamed() {
    Layer own =
        new Layer() {
          @Override
          protected Shape build(Scope scope, Shape input) {
            return input;
          }

          @Override
          public Tensor forward(Tensor x) {
            return x;
          }
        };
    try (Model model =
        Model.build(backend, new Sequential(convNorm(2)).add("own", own), IMAGE, 3)) {
      ExportException error = assertThrows(ExportException.class, model::foldBatchNorms);
      assertTrue(error.getMessage().contains("\"own\""), error.getMessage());
    }
  }

  /** Weights and statistics as a training would leave them: none of them is 0 or 1. */
  private static void likeTrained(Model model) {
    Random random = new Random(11);
    for (Parameter parameter : model.state()) {
      float[] values = parameter.read();
      for (int i = 0; i < values.length; i++) {
        values[i] =
            parameter.name().endsWith("var")
                ? 0.5f + random.nextFloat()
                : values[i] + random.nextFloat() - 0.5f;
      }
      parameter.write(values);
    }
  }

  private static Tensor images(Pass pass, int n) {
    float[] values = new float[(int) IMAGE.size() * n];
    Random random = new Random(n);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return pass.images(new Batch(IMAGE.withBatch(n), FloatBuffer.wrap(values), null));
  }

  private static float[] outputs(Model model, int n) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      return model.forward(images(pass, n)).toArray();
    }
  }
}
