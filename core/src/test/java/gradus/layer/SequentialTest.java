package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SequentialTest {
  /** Keeps its neighbours from being fused, and changes nothing. */
  private static final class Wall extends Layer {
    @Override
    protected Shape build(Scope scope, Shape input) {
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  private static Layer[] block() {
    return new Layer[] {
      new Conv2d(4, 3).padding(1),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(6, 3).withoutBias(),
      new BatchNorm2d(),
      new ReLU(),
      new Conv2d(5, 1),
      new ReLU(),
      new Flatten(),
      new Linear(7),
      new ReLU(),
      new Linear(3)
    };
  }

  private static Sequential named(Layer[] layers, boolean walls) {
    Sequential sequence = new Sequential();
    for (int i = 0; i < layers.length; i++) {
      sequence.add("layer" + i, layers[i]);
      if (walls) {
        sequence.add("wall" + i, new Wall());
      }
    }
    return sequence;
  }

  /** Logits and all gradients of one training step, then the logits of an evaluation. */
  private static List<float[]> run(Supplier<Layer> net, Shape input) {
    List<float[]> results = new ArrayList<>();
    try (Backend backend = Backends.named("reference");
        Model model = Model.build(backend, net.get(), input, 3)) {
      int n = 5;
      FloatBuffer pixels = FloatBuffer.allocate(Math.toIntExact(n * input.size()));
      for (int i = 0; i < pixels.capacity(); i++) {
        pixels.put(i, (float) Math.sin(i * 1.3 + i % 7));
      }
      IntBuffer labels = IntBuffer.wrap(new int[] {0, 1, 2, 1, 0});
      gradus.tensor.Batch batch = new gradus.tensor.Batch(input.withBatch(n), pixels, labels);
      try (Pass pass = Pass.training(backend)) {
        Tensor logits = model.forward(pass.images(batch)).keep();
        pass.backward(new CrossEntropyLoss().apply(logits, pass.labels(batch)));
        results.add(logits.toArray());
      }
      model.parameters().forEach(p -> results.add(p.readGradient()));
      model.state().forEach(p -> results.add(p.read()));
      try (Pass pass = Pass.evaluating(backend)) {
        results.add(model.forward(pass.images(batch)).toArray());
      }
      assertEquals(0, backend.pool().lent());
    }
    return results;
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), 1e-6f, "array " + i);
    }
  }

  @Test
  void fusedNeighboursComputeTheSame() {
    Shape input = Shape.of(2, 9, 8);
    assertSame(run(() -> named(block(), true), input), run(() -> named(block(), false), input));
  }

  @Test
  void fusedResidualBlocksComputeTheSame() {
    Shape input = Shape.of(3, 6, 6);
    assertSame(run(() -> residualNet(true), input), run(() -> residualNet(false), input));
  }

  private static Layer residualNet(boolean walls) {
    Sequential withNorm =
        new Sequential().add("conv", new Conv2d(3, 3).padding(1)).add("bn", new BatchNorm2d());
    Sequential withProjection =
        new Sequential()
            .add("conv", new Conv2d(4, 3).padding(1).stride(2))
            .add("bn", new BatchNorm2d());
    Sequential plain = new Sequential().add("conv", new Conv2d(4, 3).padding(1));
    Sequential net = new Sequential();
    Layer[] layers = {
      new Residual(withNorm),
      new ReLU(),
      new Residual(withProjection, new Sequential(new Conv2d(4, 1).stride(2), new BatchNorm2d())),
      new ReLU(),
      new Residual(plain),
      new ReLU(),
      new AdaptiveAvgPool2d(),
      new Linear(3)
    };
    for (int i = 0; i < layers.length; i++) {
      net.add("layer" + i, layers[i]);
      if (walls) {
        net.add("wall" + i, new Wall());
      }
    }
    return net;
  }

  @Test
  void concatenatedBranchesTrain() {
    Shape input = Shape.of(2, 6, 6);
    List<float[]> results =
        run(
            () ->
                new Sequential(
                    new Concat(new Conv2d(3, 1), new Conv2d(2, 3).padding(1), new Sequential()),
                    new ReLU(),
                    new Linear(3)),
            input);
    assertEquals(15, results.get(0).length);
  }

  @Test
  void childrenAreNamedByPlaceOrByWord() {
    try (Backend backend = Backends.named("reference");
        Model model =
            Model.build(
                backend,
                new Sequential()
                    .add("conv1", new Conv2d(2, 3))
                    .add(
                        "layer1",
                        new Sequential(
                            new Residual(new Sequential().add("conv1", new Conv2d(2, 1)))))
                    .add("fc", new Linear(3)),
                Shape.of(1, 5, 5),
                0)) {
      List<String> names = model.state().stream().map(Parameter::name).toList();
      assertEquals(
          List.of(
              "conv1.weight",
              "conv1.bias",
              "layer1.0.conv1.weight",
              "layer1.0.conv1.bias",
              "fc.weight",
              "fc.bias"),
          names);
    }
  }

  @Test
  void aNameCanBeUsedOnce() {
    Sequential sequence = new Sequential().add("fc", new Linear(2));
    assertThrows(IllegalArgumentException.class, () -> sequence.add("fc", new Linear(2)));
  }

  @Test
  void aLayerInsertedLeavesTheNamesOfTheOthers() {
    Linear last = new Linear(2);
    Sequential network = new Sequential(new Linear(3), new ReLU()).add("fc", last);
    Dropout dropout = new Dropout(0.5);
    network.insertBefore(last, "dropout", dropout);
    assertEquals(4, network.layers().size());
    assertEquals(dropout, network.layers().get(2));
    assertEquals(last, network.last());
    assertThrows(
        IllegalArgumentException.class,
        () -> network.insertBefore(new ReLU(), "other", new ReLU()));
    assertThrows(
        IllegalArgumentException.class, () -> network.insertBefore(last, "fc", new ReLU()));
    try (Backend backend = Backends.named("reference");
        Model model = Model.build(backend, network, Shape.of(4), 1)) {
      assertEquals("0.weight", model.state().get(0).name());
      assertEquals("fc.weight", model.state().get(2).name());
    }
  }
}
