package gradus.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.ValidationMetric;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each device here is a backend of its own. */
class ReplicasTest {
  private static final float CLOSE = 2e-5f;

  private final List<Backend> backends = new ArrayList<>();

  private Backend device(int number) {
    while (backends.size() <= number) {
      backends.add(TestBackend.open());
    }
    return backends.get(number);
  }

  @AfterEach
  void close() {
    for (Backend backend : backends) {
      assertEquals(0, backend.pool().lent());
      backend.close();
    }
  }

  private record Run(TrainingReport report, List<Float> weights) {}

  /** Trains on so many devices; the copies begin with weights of their own, which do not count. */
  private Run run(
      int devices,
      int epochs,
      int batchSize,
      Function<Backend, Model> network,
      Consumer<Trainer> settings) {
    List<Model> copies = new ArrayList<>();
    try (DataLoader train = Stripes.loader(batchSize).shuffle(5).build();
        DataLoader validation = Stripes.loader(32).build();
        Model model = network.apply(device(0));
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).momentum(0.9).build()) {
      for (int i = 1; i < devices; i++) {
        Model copy = network.apply(device(i));
        copy.parameters().list().forEach(p -> p.write(new float[(int) p.shape().size()]));
        copies.add(copy);
      }
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer).seed(9).replicas(copies);
      settings.accept(trainer);
      TrainingReport report = trainer.fit(train, validation, epochs);
      return new Run(report, Stripes.weights(model));
    } finally {
      copies.forEach(Model::close);
    }
  }

  private static void assertClose(Run expected, Run actual) {
    for (int i = 0; i < expected.weights.size(); i++) {
      assertEquals(expected.weights.get(i), actual.weights.get(i), CLOSE, "weight " + i);
    }
    for (int i = 0; i < expected.report.epochs().size(); i++) {
      EpochReport one = expected.report.epochs().get(i);
      EpochReport several = actual.report.epochs().get(i);
      assertEquals(one.trainLoss(), several.trainLoss(), CLOSE);
      assertEquals(one.trainAccuracy(), several.trainAccuracy(), 1e-9);
      assertEquals(one.validationLoss(), several.validationLoss(), CLOSE);
    }
  }

  @Test
  void severalDevicesLearnWhatOneDoes() {
    Run one = run(1, 4, 16, Stripes::plainModel, trainer -> {});
    assertClose(one, run(2, 4, 16, Stripes::plainModel, trainer -> {}));
    assertClose(one, run(3, 4, 16, Stripes::plainModel, trainer -> {}));
  }

  @Test
  void severalDevicesMeasureWhatOneDoes() {
    Consumer<Trainer> settings = trainer -> trainer.metrics(ValidationMetric.MACRO_F1);
    Run one = run(1, 4, 16, Stripes::plainModel, settings);
    Run three = run(3, 4, 16, Stripes::plainModel, settings);
    assertEquals(
        one.report.epochs().stream().map(EpochReport::metrics).toList(),
        three.report.epochs().stream().map(EpochReport::metrics).toList());
    assertTrue(one.report.epochs().get(3).metrics().get("macro_f1") > 0);
  }

  @Test
  void aSmallBatchLeavesDevicesWithoutAnyImage() {
    Run one = run(1, 1, 2, Stripes::plainModel, trainer -> {});
    assertClose(one, run(3, 1, 2, Stripes::plainModel, trainer -> {}));
  }

  @Test
  void aDeviceWithoutAnImageAddsNothingOfTheBatchBefore() {
    Run one = run(1, 3, 59, Stripes::plainModel, trainer -> {}); // and a last batch of one
    assertClose(one, run(3, 3, 59, Stripes::plainModel, trainer -> {}));
  }

  @Test
  void gradientsOfSeveralBatchesAddUp() {
    Consumer<Trainer> settings = trainer -> trainer.accumulate(3).clipGradientNorm(0.5);
    Run one = run(1, 4, 8, Stripes::plainModel, settings);
    assertClose(one, run(2, 4, 8, Stripes::plainModel, settings));
  }

  @Test
  void frozenParametersStay() {
    List<Parameter> weights = new ArrayList<>();
    Function<Backend, Model> network =
        backend -> {
          Model model = Stripes.plainModel(backend);
          weights.add(model.parameters().named("0.weight"));
          weights.get(weights.size() - 1).setFrozen(backend == device(0)); // of the leader alone
          return model;
        };
    Run one = run(1, 3, 16, network, trainer -> {});
    assertClose(one, run(2, 3, 16, network, trainer -> {}));
    assertFalse(weights.get(2).isTrainable(), "the copy follows");
  }

  @Test
  void frozenBatchNormsUseTheStatisticsOfTheLeader() {
    Function<Backend, Model> network =
        backend -> {
          Sequential layers =
              new Sequential(
                  new Conv2d(4, 3), new BatchNorm2d(), new ReLU(), new MaxPool2d(2), new Linear(3));
          Model model = Model.build(backend, layers, Shape.of(1, 8, 8), 3);
          if (backend == device(0)) {
            model.parameters().named("1.weight").setFrozen(true);
            model.parameters().named("1.bias").setFrozen(true);
            model.parameters().named("1.running_mean").write(new float[] {0.1f, 0.2f, -0.1f, 0});
            model.parameters().named("1.running_var").write(new float[] {0.5f, 2, 0.2f, 0.7f});
          }
          return model;
        };
    Run one = run(1, 3, 16, network, trainer -> {});
    assertClose(one, run(2, 3, 16, network, trainer -> {}));
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    Function<Backend, Model> network = backend -> Stripes.model(backend, 4);
    Run first = run(3, 3, 16, network, trainer -> {});
    Run again = run(3, 3, 16, network, trainer -> {});
    assertEquals(first.weights, again.weights);
    assertEquals(
        first.report.epochs().get(2).trainLoss(), again.report.epochs().get(2).trainLoss());
  }

  @Test
  void aResumedRunComesToTheSame(@TempDir Path folder) {
    Function<Backend, Model> network = backend -> Stripes.model(backend, 4);
    Run whole = run(2, 4, 16, network, trainer -> {});
    run(2, 2, 16, network, trainer -> trainer.checkpoints(Checkpoints.in(folder)));
    Run resumed =
        run(2, 4, 16, network, trainer -> trainer.checkpoints(Checkpoints.in(folder)).resume());
    assertClose(whole, resumed); // a checkpoint of the reference holds fewer bits than it computes
  }

  @Test
  void devicesDropOtherUnits() {
    Set<Integer> seeds = new HashSet<>();
    int draws = 1000;
    for (int number = 0; number < 4; number++) {
      PassSettings settings = new PassSettings(77, Precision.FP32, true);
      try (var pass = settings.of(number).open(device(0))) {
        for (int i = 0; i < draws; i++) {
          seeds.add(pass.nextSeed());
        }
      }
    }
    assertTrue(seeds.size() > 4 * draws - 5, () -> seeds.size() + " of " + 4 * draws);
  }

  @Test
  void aLossThatIsNoNumberReachesNoWeight() {
    Function<Backend, Model> network =
        backend -> {
          Model model = Stripes.plainModel(backend);
          Parameter bias = model.parameters().named("3.bias");
          bias.write(new float[] {Float.NaN, 0, 0});
          return model;
        };
    Run run = run(2, 2, 16, network, trainer -> {});
    assertEquals(StopReason.NON_FINITE_LOSS, run.report.reason());
    assertFalse(run.weights.get(0).isNaN());
  }

  @Test
  void noWeightLearnsWhereOneShareAloneIsNoNumber() {
    try (DataLoader train =
            Stripes.loader(30)
                .batchTransform((batch, random) -> batch.images().put(29 * 64, Float.NaN))
                .build();
        Model model = Stripes.plainModel(device(0));
        Model copy = Stripes.plainModel(device(1));
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      List<Float> before = Stripes.weights(model);
      TrainingReport report =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .replicas(List.of(copy))
              .fit(train, null, 1);
      assertEquals(StopReason.NON_FINITE_LOSS, report.reason());
      assertEquals(before, Stripes.weights(model));
    }
  }

  /** A linear layer that one device alone makes use of. */
  private static final class OnOneDevice extends Layer {
    private final Linear inner = new Linear(64);
    private final Backend one;

    private OnOneDevice(Backend one) {
      this.one = one;
    }

    @Override
    protected Shape build(Scope scope, Shape input) {
      return scope.child("inner", inner, input);
    }

    @Override
    public Tensor forward(Tensor x) {
      return x.pass().backend() == one ? inner.forward(x) : x;
    }
  }

  @Test
  void whatOneShareAloneHasToSayIsLearned() {
    for (int i = 0; i < 2; i++) {
      Backend one = device(i);
      Function<Backend, Model> network =
          backend ->
              Model.build(
                  backend,
                  new Sequential(new Flatten(), new OnOneDevice(one), new Linear(3)),
                  Shape.of(1, 8, 8),
                  1);
      try (Model model = network.apply(device(0));
          Model copy = network.apply(device(1));
          DataLoader train = Stripes.loader(16).build();
          Replicas replicas = new Replicas(model, List.of(copy), new CrossEntropyLoss())) {
        Parameter weight = model.parameters().named("1.inner.weight");
        Batch batch = train.epoch(0).iterator().next();
        learn(replicas, batch);
        assertTrue(weight.hasGradient(), "an optimizer is told of it");
        float[] first = weight.readGradient();
        assertFalse(Arrays.equals(new float[first.length], first));
        model.parameters().forgetGradients();
        learn(replicas, batch);
        assertArrayEquals(first, weight.readGradient(), "nothing of the batch before is in it");
      }
    }
  }

  private static void learn(Replicas replicas, Batch batch) {
    PassSettings settings = new PassSettings(1, Precision.FP32, true);
    try (ForwardPass pass = replicas.forward(batch, settings)) {
      pass.backward(1);
    }
  }

  /** Gradients in parts of one weight each, while the layers before are still at work. */
  @Test
  void gradientsThatTravelEarlyComeToTheSame() {
    Function<Backend, Model> network =
        backend ->
            Model.build(
                backend,
                new Sequential(
                    new Conv2d(4, 3), new ReLU(), new Conv2d(4, 3), new ReLU(), new Linear(3)),
                Shape.of(1, 8, 8),
                3);
    List<Float> whole = gradients(network, 1 << 20);
    assertEquals(whole, gradients(network, 1));
    assertTrue(whole.stream().anyMatch(value -> value != 0));
  }

  private List<Float> gradients(Function<Backend, Model> network, long bytesOfAPart) {
    List<Float> all = new ArrayList<>();
    try (Model model = network.apply(device(0));
        Model second = network.apply(device(1));
        Model third = network.apply(device(2));
        DataLoader train = Stripes.loader(16).build();
        Replicas replicas =
            new Replicas(model, List.of(second, third), new CrossEntropyLoss(), bytesOfAPart)) {
      for (Batch batch : train.epoch(0)) {
        learn(replicas, batch);
      }
      for (Parameter parameter : model.parameters()) {
        for (float value : parameter.readGradient()) {
          all.add(value);
        }
      }
    }
    return all;
  }

  /** Fails on the way back. */
  private static final class FailingOp extends Op {
    private final RuntimeException failure;

    private FailingOp(RuntimeException failure) {
      this.failure = failure;
    }

    @Override
    protected void backward(Pass pass, Tensor output) {
      throw failure;
    }
  }

  /** A linear layer that fails on one device. */
  private static final class Failing extends Layer {
    private final Linear inner = new Linear(3);
    private final Backend failing;
    private final RuntimeException failure;
    private final boolean onTheWayBack;

    private Failing(Backend failing, RuntimeException failure, boolean onTheWayBack) {
      this.failing = failing;
      this.failure = failure;
      this.onTheWayBack = onTheWayBack;
    }

    @Override
    protected Shape build(Scope scope, Shape input) {
      return scope.child("inner", inner, input);
    }

    @Override
    public Tensor forward(Tensor x) {
      boolean fails = x.pass().backend() == failing;
      if (fails && !onTheWayBack) {
        throw failure;
      }
      Tensor y = inner.forward(x);
      if (fails) {
        x.pass().record(new FailingOp(failure), y);
      }
      return y;
    }
  }

  @Test
  void aFailureOnOneDeviceEndsTheRun() {
    RuntimeException failure = new GradusException("no room on this device");
    for (int i = 0; i < 6; i++) {
      Backend where = device(i % 3);
      boolean onTheWayBack = i >= 3; // where the others wait for its gradient
      Function<Backend, Model> network =
          backend ->
              Model.build(
                  backend,
                  new Sequential(new Failing(where, failure, onTheWayBack)),
                  Shape.of(1, 8, 8),
                  1);
      RuntimeException told =
          assertTimeoutPreemptively(
              Duration.ofSeconds(30),
              () ->
                  assertThrows(GradusException.class, () -> run(3, 1, 16, network, trainer -> {})));
      assertSame(failure, told);
    }
  }

  @Test
  void onlyCopiesAreTaken() {
    try (Model model = Stripes.plainModel(device(0));
        Model onSameDevice = Stripes.plainModel(device(0));
        Model another = Stripes.model(device(1), 1);
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer);
      assertRefused(trainer, onSameDevice, "a backend of its own");
      assertRefused(trainer, another, "build both from the same network");
    }
  }

  private static void assertRefused(Trainer trainer, Model copy, String why) {
    GradusException refusal =
        assertThrows(GradusException.class, () -> trainer.replicas(List.of(copy)));
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }
}
