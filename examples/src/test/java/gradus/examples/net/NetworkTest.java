package gradus.examples.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.examples.TestBackend;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkTest {
  private static final Shape CIFAR = Shape.of(3, 32, 32);

  // Parameters and multiply-adds worked out by hand from the descriptions of the networks.
  @ParameterizedTest
  @CsvSource({
    "LENET, 1, 28, 44426, 281640",
    "SIMPLECNN, 3, 32, 25578, 1642496",
    "DEEPERCNN, 3, 32, 33834, 2811904",
    "RESNET20, 3, 32, 272474, 40813184",
    "FASTCNN, 3, 32, 1972792, 118147360",
  })
  void hasTheSizeOfItsDescription(
      Networks network, int channels, int side, long parameters, long multiplyAdds) {
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, network.create(10), Shape.of(channels, side, side), 1)) {
      assertEquals(Shape.of(10), model.outputShape());
      assertEquals(parameters, model.parameters().count());
      assertEquals(multiplyAdds, model.summary().multiplyAdds());
    }
  }

  // As torchvision counts them for 1,000 classes, and as the papers and their code do for CIFAR-10.
  @ParameterizedTest
  @CsvSource({
    "RESNET18, 64, 1000, 11689512",
    "RESNET50, 64, 1000, 25557032",
    "MOBILENET_V2, 64, 1000, 3504872",
    "EFFICIENTNET_B0, 64, 1000, 5288548",
    // 1,649,402 in the paper, whose batch norms have no scales: here they have 1,712.
    "INCEPTION_SMALL, 28, 10, 1651114",
    "RESNET18_CIFAR, 32, 10, 11173962",
    "RESNET50_CIFAR, 32, 10, 23520842",
    "RESNET32, 32, 10, 466906",
    "RESNET56, 32, 10, 855770",
    "WRN16_4, 32, 10, 2748890",
    "CONVMIXER, 32, 10, 594186",
    "VGGSMALL, 32, 10, 551018",
  })
  void hasTheParametersOfItsPaper(Networks network, int side, int classes, long parameters) {
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, network.create(classes), Shape.of(3, side, side), 1)) {
      assertEquals(parameters, model.parameters().count());
    }
  }

  @Test
  void wideNetworksHaveTheParametersOfTheirPaper() {
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, WideResNet.create(28, 10, 0.3, 10), CIFAR, 1)) {
      assertEquals(36479194, model.parameters().count());
    }
  }

  @Test
  void namesAreThoseOfPyTorch() {
    try (Backend backend = TestBackend.open();
        Model lenet = Model.build(backend, Networks.LENET.create(10), Shape.of(1, 28, 28), 1);
        Model resnet = Model.build(backend, Networks.RESNET20.create(10), CIFAR, 1)) {
      assertEquals(
          List.of(
              "conv1.weight",
              "conv1.bias",
              "conv2.weight",
              "conv2.bias",
              "fc1.weight",
              "fc1.bias",
              "fc2.weight",
              "fc2.bias",
              "fc3.weight",
              "fc3.bias"),
          lenet.state().stream().map(Parameter::name).toList());
      List<String> names = resnet.state().stream().map(Parameter::name).toList();
      assertTrue(
          names.containsAll(
              List.of(
                  "conv1.weight",
                  "bn1.running_var",
                  "layer1.0.conv1.weight",
                  "layer1.2.bn2.bias",
                  "layer2.0.downsample.0.weight",
                  "layer3.0.downsample.1.running_mean",
                  "layer3.2.conv2.weight",
                  "fc.bias")),
          names.toString());
    }
  }

  // Without the deep ones for large images: 25 steps at this rate, with six images of one pixel in
  // the last layers, are no measure for them; the gradients of their parts are proved one by one.
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "RESNET50.*|MOBILENET.*")
  void learnsABatchByHeart(Networks network) {
    Shape shape = Shape.of(1, 16, 16);
    int n = 6;
    Random random = new Random(5);
    FloatBuffer pixels = FloatBuffer.allocate((int) shape.size() * n);
    for (int i = 0; i < pixels.capacity(); i++) {
      pixels.put(i, (float) random.nextGaussian());
    }
    Batch batch =
        new Batch(shape.withBatch(n), pixels, IntBuffer.wrap(new int[] {0, 1, 2, 0, 1, 2}));
    CrossEntropyLoss crossEntropy = new CrossEntropyLoss();
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, network.create(3), shape, 1);
        SGD optimizer = SGD.of(model.parameters()).learningRate(0.05).momentum(0.9).build()) {
      float first = Float.NaN;
      float last = Float.NaN;
      for (int step = 0; step < 25; step++) {
        try (Pass pass = Pass.training(backend)) {
          Tensor loss = crossEntropy.apply(model.forward(pass.images(batch)), pass.labels(batch));
          last = loss.item();
          first = step == 0 ? last : first;
          pass.backward(loss);
          optimizer.step();
        }
      }
      assertTrue(last < first / 4, network + ": loss went from " + first + " to " + last);
    }
  }
}
