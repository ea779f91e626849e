package gradus.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import gradus.weights.SafeTensors;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A small CNN against what PyTorch 2.10 makes of it: logits, loss, every gradient, running
 * statistics, and the weights after three steps of each optimizer. The numbers were written by
 * {@code gradus.fixtures.PyTorchFixture}.
 */
class PyTorchParityTest {
  private static final float TOLERANCE = 2e-5f;

  private Backend backend;
  private Model model;
  private SafeTensors expected;
  private Batch batch;

  @BeforeEach
  void load() {
    backend = TestBackend.open();
    model = Model.build(backend, net(), Shape.of(3, 9, 8), 1);
    try (SafeTensors state = SafeTensors.open(resource("small_cnn"))) {
      for (Parameter parameter : model.state()) {
        parameter.write(values(state, parameter.name()));
      }
    }
    expected = SafeTensors.open(resource("small_cnn_expected"));
    batch =
        new Batch(
            expected.shape("input"),
            expected.read("input").values(),
            IntBuffer.wrap(new int[] {0, 4, 2, 1, 3, 2}));
  }

  @AfterEach
  void close() {
    expected.close();
    model.close();
    backend.close();
  }

  private static Sequential net() {
    return new Sequential()
        .add("conv1", new Conv2d(4, 3).padding(1).withoutBias())
        .add("bn1", new BatchNorm2d())
        .add("relu1", new ReLU())
        .add("pool1", new MaxPool2d(2))
        .add("conv2", new Conv2d(6, 3).stride(2).padding(1).groups(2))
        .add("relu2", new ReLU())
        .add("flatten", new Flatten())
        .add("fc", new Linear(5));
  }

  @Test
  void theLogitsAreTheSame() {
    try (Pass pass = Pass.evaluating(backend)) {
      assertArrayEquals(
          values(expected, "logits"), model.forward(pass.images(batch)).toArray(), TOLERANCE);
    }
  }

  @Test
  void lossGradientsAndStatisticsAreTheSame() {
    assertEquals(values(expected, "loss")[0], backward(), TOLERANCE);
    for (Parameter parameter : model.state()) {
      if (parameter.kind() == Parameter.Kind.STATISTIC) {
        assertSame("after." + parameter.name(), parameter.read());
      } else {
        assertSame("gradient." + parameter.name(), parameter.readGradient());
      }
    }
  }

  static Stream<Arguments> optimizers() {
    return Stream.of(
        optimizer("sgd", p -> SGD.of(p).learningRate(0.1).momentum(0.9).weightDecay(0.01).build()),
        optimizer("nesterov", p -> SGD.of(p).learningRate(0.05).momentum(0.8).nesterov().build()),
        optimizer("adam", p -> Adam.of(p).learningRate(0.01).weightDecay(0.02).build()),
        optimizer("adamw", p -> AdamW.of(p).learningRate(0.01).weightDecay(0.1).build()));
  }

  private static Arguments optimizer(String name, Function<ParameterStore, Optimizer> maker) {
    return Arguments.of(name, maker);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimizers")
  void threeStepsLeadToTheSameWeights(String name, Function<ParameterStore, Optimizer> maker) {
    try (Optimizer optimizer = maker.apply(model.parameters())) {
      for (int i = 0; i < 3; i++) {
        backward();
        optimizer.step();
      }
    }
    for (Parameter parameter : model.state()) {
      assertSame(name + "." + parameter.name(), parameter.read());
    }
  }

  private float backward() {
    try (Pass pass = Pass.training(backend)) {
      Tensor loss =
          new CrossEntropyLoss().apply(model.forward(pass.images(batch)), pass.labels(batch));
      pass.backward(loss);
      return loss.item();
    }
  }

  private void assertSame(String name, float[] actual) {
    assertArrayEquals(values(expected, name), actual, TOLERANCE, name);
  }

  private static float[] values(SafeTensors file, String name) {
    float[] values = new float[Math.toIntExact(file.shape(name).size())];
    file.read(name).values().get(0, values);
    return values;
  }

  private static Path resource(String name) {
    URL url = PyTorchParityTest.class.getResource("/pytorch/" + name + ".safetensors");
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(url + " is no file", e);
    }
  }
}
