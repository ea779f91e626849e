package gradus.doctor.signal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.layer.Sigmoid;
import gradus.layer.Tanh;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SignalProbeTest {
  private static final Shape IMAGE = Shape.of(2, 6, 6);

  private final Backend backend = TestBackend.open();

  private static Batch batch(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[Math.toIntExact(IMAGE.size()) * n];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return new Batch(IMAGE.withBatch(n), FloatBuffer.wrap(values), IntBuffer.allocate(n));
  }

  private Model build(Layer... layers) {
    return Model.build(backend, new Sequential(layers), IMAGE, 1);
  }

  private static LayerSignal of(List<LayerSignal> signals, String path) {
    return signals.stream().filter(s -> s.path().equals(path)).findFirst().orElseThrow();
  }

  @Test
  void layersAreNamedByTheirPathsEvenInBranches() {
    Sequential body =
        new Sequential()
            .add("conv", new Conv2d(4, 3).padding(1).withoutBias())
            .add("bn", new BatchNorm2d());
    Sequential shortcut = new Sequential(new Conv2d(4, 1), new BatchNorm2d());
    Sequential net =
        new Sequential()
            .add("block", new Residual(body, shortcut))
            .add("relu", new ReLU())
            .add("drop", new Dropout())
            .add("pool", new AdaptiveAvgPool2d())
            .add("act", new Tanh())
            .add("fc", new Linear(3));
    try (Model model = Model.build(backend, net, IMAGE, 1)) {
      List<LayerSignal> signals = SignalProbe.observe(model, batch(4, 1));
      assertEquals(
          List.of(
              "block.downsample.0 Conv2d",
              "block.downsample.1 BatchNorm2d",
              "block.conv Conv2d",
              "block.bn BatchNorm2d",
              "block.downsample.1 add",
              "relu ReLU",
              "pool AdaptiveAvgPool2d",
              "act Tanh",
              "fc Linear"),
          signals.stream().map(s -> s.path() + " " + s.kind()).toList());
      assertEquals(4, of(signals, "relu").units());
      assertEquals(3, of(signals, "fc").units());
    }
  }

  @Test
  void momentsAreThoseOfTheValuesOverAllBatches() {
    Batch first = batch(4, 1);
    Batch second = batch(2, 2);
    try (Model model = build(new Conv2d(3, 3), new ReLU(), new MaxPool2d(2), new Linear(5))) {
      double[] sums = new double[3];
      for (Batch batch : List.of(first, second)) {
        try (Pass pass = Pass.evaluating(backend)) {
          for (float v : model.forward(pass.images(batch)).toArray()) {
            sums[0]++;
            sums[1] += v;
            sums[2] += v * v;
          }
        }
      }
      double mean = sums[1] / sums[0];
      double std = Math.sqrt(sums[2] / sums[0] - mean * mean);
      LayerSignal last = of(SignalProbe.observe(model, first, second), "3");
      assertEquals(mean, last.mean(), 1e-5);
      assertEquals(std, last.std(), 1e-5);
    }
  }

  @Test
  void batchNormIsThatOfTrainingAndLeavesTheModelAlone() {
    Batch batch = batch(8, 1);
    try (Model model = build(new Conv2d(3, 3), new BatchNorm2d(), new ReLU(), new Linear(4))) {
      model.parameters().named("0.bias").write(new float[] {50, -50, 10});
      List<float[]> before = model.state().stream().map(Parameter::read).toList();
      SignalProbe probe = new SignalProbe(model);
      double loss = probe.add(batch, new CrossEntropyLoss());
      List<Parameter> state = model.state();
      for (int i = 0; i < state.size(); i++) {
        assertArrayEquals(before.get(i), state.get(i).read(), state.get(i).name());
      }
      LayerSignal norm = of(probe.signals(), "1");
      assertEquals(0, norm.mean(), 1e-3);
      assertEquals(1, norm.std(), 1e-2);
      try (Pass pass = Pass.training(backend)) { // last: it moves the running statistics
        Tensor logits = model.forward(pass.images(batch));
        float expected = new CrossEntropyLoss().apply(logits, pass.labels(batch)).item();
        assertEquals(expected, loss, 1e-4);
      }
    }
  }

  @Test
  void aFrozenBatchNormIsThatOfTrainingToo() {
    Batch batch = batch(8, 1);
    try (Model model = build(new Conv2d(3, 3), new BatchNorm2d(), new ReLU(), new Linear(4))) {
      model.parameters().named("1.running_mean").write(new float[] {0, 1, -1});
      model.parameters().named("1.running_var").write(new float[] {1, 4, 9});
      model.parameters().named("1.weight").setFrozen(true);
      model.parameters().named("1.bias").setFrozen(true);
      float expected;
      try (Pass pass = Pass.training(backend)) {
        Tensor logits = model.forward(pass.images(batch));
        expected = new CrossEntropyLoss().apply(logits, pass.labels(batch)).item();
      }
      assertEquals(expected, new SignalProbe(model).add(batch, new CrossEntropyLoss()), 1e-5);
      SignalProbe byBatch = new SignalProbe(model).withStatisticsOfTheBatch();
      byBatch.add(batch);
      assertEquals(1, of(byBatch.signals(), "1").std(), 1e-2);
    }
  }

  @Test
  void aUnitIsDeadOnlyIfNoImageInAnyBatchReachesIt() {
    try (Model model = build(new Conv2d(4, 3).bias(Initializer.zeros()), new ReLU())) {
      model.parameters().named("0.bias").write(new float[] {-100, 0, -100, 0});
      LayerSignal relu = of(SignalProbe.observe(model, batch(4, 1)), "1");
      assertEquals(0.5, relu.deadShare());
      float[] bright = new float[72];
      java.util.Arrays.fill(bright, 1e4f);
      float[] dark = new float[72];
      java.util.Arrays.fill(dark, -1e4f);
      Batch one = new Batch(IMAGE.withBatch(1), FloatBuffer.wrap(bright), null);
      Batch other = new Batch(IMAGE.withBatch(1), FloatBuffer.wrap(dark), null);
      assertEquals(0, of(SignalProbe.observe(model, one, other), "1").deadShare());
      LayerSignal convolution = of(SignalProbe.observe(model, batch(4, 1)), "0");
      assertEquals(0, convolution.deadShare()); // only what cuts off can be dead
    }
  }

  @Test
  void unitsFarOutOnASigmoidAreSaturated() {
    try (Model model =
        build(new Conv2d(4, 3), new Sigmoid(), new Conv2d(2, 3), new Tanh(), new Linear(2))) {
      model.parameters().named("0.bias").write(new float[] {20, -20, 0, 0});
      model.parameters().named("2.bias").write(new float[] {9, 0.1f});
      List<LayerSignal> signals = SignalProbe.observe(model, batch(4, 1));
      assertEquals(0.5, of(signals, "1").saturatedShare());
      assertEquals(0.5, of(signals, "3").saturatedShare());
      assertEquals(0, of(signals, "4").saturatedShare());
    }
  }

  /** e^x, which says nothing of what it computes. */
  private static final class Exponential extends Layer {
    @Override
    protected Shape build(Scope scope, Shape input) {
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      float[] values = x.toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.exp(values[i]);
      }
      return x.pass().tensor(FloatBuffer.wrap(values), x.shape());
    }
  }

  @Test
  void aLayerThatDoesNotSayWhatItComputesIsMeasuredAsAWhole() {
    try (Model model = build(new Conv2d(3, 3), new Exponential(), new ReLU(), new Linear(2))) {
      List<LayerSignal> signals = SignalProbe.observe(model, batch(2, 1));
      assertEquals("Exponential", of(signals, "1").kind());
      assertTrue(of(signals, "1").mean() > 0.2);
      assertEquals("ReLU", of(signals, "2").kind());
      model.parameters().named("0.bias").write(new float[] {1000, 0, 0});
      LayerSignal infinite = of(SignalProbe.observe(model, batch(2, 1)), "1");
      assertTrue(Double.isNaN(infinite.std()));
    }
  }
}
