package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.checked.CheckedBackend;
import gradus.backend.reference.ReferenceBackend;
import gradus.data.DataLoader;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.optim.WeightAverage;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Float16TrainingTest {
  private static final float STEEP = 1024; // so that gradients at the first scale overflow
  private static final int BATCHES = 4; // of an epoch: 60 pictures, 16 at a time

  private Backend backend;

  @BeforeEach
  void open() {
    backend = new CheckedBackend(new ReferenceBackend());
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  /** Keeps gradients of activations in float16, without anything that depends on the batch. */
  private static Model model(Backend backend) {
    Sequential net = new Sequential(new Conv2d(4, 3).padding(1), new MaxPool2d(2), new Linear(3));
    return Model.build(backend, net, Shape.of(1, 8, 8), 3);
  }

  /** Multiplies a scalar's gradient, whose value stays. */
  private static final class Steepen extends Op {
    private final Tensor x;
    private final float factor;

    private Steepen(Tensor x, float factor) {
      this.x = x;
      this.factor = factor;
    }

    @Override
    protected void backward(Pass pass, Tensor y) {
      pass.backend().math().copy(y.gradient(), x.gradient());
      pass.backend().math().scale(factor, x.gradient());
      x.gradientBeta();
    }
  }

  /** Cross-entropy with gradients that are so many times as long. */
  private static Loss steep(float factor) {
    return (output, target) -> {
      Tensor loss = new CrossEntropyLoss().apply(output, target);
      Pass pass = loss.pass();
      if (!pass.isTraining()) {
        return loss;
      }
      Tensor same = pass.allocate(loss.shape(), loss.dtype(), loss.placement());
      pass.backend().math().copy(loss.buffer(), same.buffer());
      pass.record(new Steepen(loss, factor), same);
      return same;
    };
  }

  /** Writes down what happens. */
  private static final class Watch implements TrainingListener {
    private final Model model;
    private final List<List<Float>> gradients = new ArrayList<>();
    private final List<List<Float>> weights = new ArrayList<>();

    private Watch(Model model) {
      this.model = model;
    }

    @Override
    public void onGradients() {
      List<Float> all = new ArrayList<>();
      for (Parameter parameter : model.parameters()) {
        for (float value : parameter.readGradient()) {
          all.add(value);
        }
      }
      gradients.add(all);
    }

    @Override
    public void onStep(StepReport report) {
      weights.add(Stripes.weights(model));
    }
  }

  private record Run(TrainingReport report, Watch watch, List<Float> before, long updates) {
    List<Float> after() {
      return watch.weights.get(watch.weights.size() - 1);
    }

    int skipped() {
      return (int) report.lossScaling().skipped();
    }
  }

  /** Trains with steps that are as long whatever the factor. */
  private Run run(float factor, int batchSize, int epochs, Consumer<Trainer> settings) {
    try (Model model = model(backend)) {
      return run(model, factor, batchSize, epochs, settings);
    }
  }

  private static Run run(
      Model model, float factor, int batchSize, int epochs, Consumer<Trainer> settings) {
    Watch watch = new Watch(model);
    try (DataLoader train = Stripes.loader(batchSize).shuffle(5).build();
        DataLoader validation = Stripes.loader(32).build();
        Optimizer optimizer =
            SGD.of(model.parameters()).learningRate(0.05 / factor).momentum(0.9).build()) {
      List<Float> before = Stripes.weights(model);
      Trainer trainer =
          new Trainer(model, steep(factor), optimizer)
              .seed(9)
              .precision(Precision.FP16)
              .listener(watch);
      settings.accept(trainer);
      TrainingReport report = trainer.fit(train, validation, epochs);
      return new Run(report, watch, before, optimizer.steps());
    }
  }

  private static void assertNear(List<Float> expected, List<Float> actual, double share) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < expected.size(); i++) {
      difference += Math.pow(expected.get(i) - actual.get(i), 2);
      length += Math.pow(expected.get(i), 2);
    }
    double relative = Math.sqrt(difference / length);
    assertTrue(relative < share, relative + " of the length");
  }

  private static double length(List<Float> values) {
    return Math.sqrt(values.stream().mapToDouble(v -> (double) v * v).sum());
  }

  @Test
  void learnsAndLeavesOutWhatOverflowsBeforehand() {
    Run run = run(STEEP, 16, 12, trainer -> {});
    int skipped = run.skipped();
    assertTrue(skipped >= 2, skipped + " were left out");
    assertEquals(65536f / (1 << skipped), run.report.lossScaling().scale());
    for (int i = 0; i < skipped; i++) {
      assertEquals(run.before, run.watch.weights.get(i), "no weight moves in step " + (i + 1));
    }
    assertNotEquals(run.before, run.watch.weights.get(skipped));
    assertEquals(12 * BATCHES - skipped, run.report.steps());
    assertEquals(run.report.steps(), run.updates, "nor is the optimizer told");
    assertEquals(run.report.steps(), run.watch.gradients.size(), "nor who watches");
    assertEquals(StopReason.COMPLETED, run.report.reason());
    double accuracy = run.report.epochs().get(11).trainAccuracy();
    assertTrue(accuracy > 0.9, "it learns: " + accuracy);
  }

  @Test
  void otherPrecisionsHaveNoScale() {
    Run run = run(1, 16, 1, trainer -> trainer.precision(Precision.BF16));
    assertNull(run.report.lossScaling());
  }

  @Test
  void listenersSeeTheGradientsOfFloat32() {
    Run exact = run(1, 16, 1, trainer -> trainer.precision(Precision.FP32));
    Run half = run(1, 16, 1, trainer -> {});
    assertEquals(0, half.skipped());
    assertNear(exact.watch.gradients.get(0), half.watch.gradients.get(0), 2e-2);
    assertNotEquals(exact.watch.gradients.get(0), half.watch.gradients.get(0), "it rounds");
  }

  @Test
  void gradientsAreClippedAtTheirTrueLength() {
    double natural = length(run(1, 16, 1, trainer -> {}).watch.gradients.get(0));
    double limit = natural / 2;
    Run run = run(1, 16, 1, trainer -> trainer.clipGradientNorm(limit));
    assertEquals(limit, length(run.watch.gradients.get(0)), 1e-4 * limit);
    Run within = run(1, 16, 1, trainer -> trainer.clipGradientNorm(2 * natural));
    assertEquals(natural, length(within.watch.gradients.get(0)), 1e-6 * natural, "not shortened");
  }

  @Test
  void accumulatedBatchesEqualOneLargeOne() {
    Run large = run(1, 32, 3, trainer -> {});
    Run small = run(1, 8, 3, trainer -> trainer.accumulate(4));
    assertEquals(large.report.steps(), small.report.steps());
    assertNear(large.after(), small.after(), 1e-3);
  }

  @Test
  void aBatchThatOverflowsTakesItsWholeUpdateWithIt() {
    Run run = run(STEEP, 8, 3, trainer -> trainer.accumulate(4));
    int skipped = run.skipped();
    assertTrue(skipped >= 2, skipped + " were left out");
    assertEquals(6 - skipped, run.report.steps());
    for (List<Float> gradients : run.watch.gradients) {
      assertTrue(Double.isFinite(length(gradients)), "nothing infinite is left to add to");
    }
  }

  @Test
  void replicasLearnWhatOneDeviceDoes() {
    Run one = run(STEEP, 16, 3, trainer -> {});
    try (Backend other = new ReferenceBackend();
        Model copy = model(other)) {
      Run two = run(STEEP, 16, 3, trainer -> trainer.replicas(List.of(copy)));
      assertEquals(one.report.lossScaling(), two.report.lossScaling());
      assertEquals(one.report.steps(), two.report.steps());
      assertNear(one.after(), two.after(), 1e-3);
    }
  }

  /** A reference backend keeps doubles, of which a checkpoint loses half. */
  @Test
  void aResumedRunGoesOnAtItsScale(@TempDir Path folder) {
    Run whole = run(STEEP, 16, 4, trainer -> {});
    run(STEEP, 16, 2, trainer -> trainer.checkpoints(Checkpoints.in(folder)));
    Run resumed =
        run(STEEP, 16, 4, trainer -> trainer.checkpoints(Checkpoints.in(folder)).resume());
    assertTrue(whole.skipped() > 0 && whole.skipped() < 2 * BATCHES, whole.report.toString());
    assertEquals(
        new LossScaling(whole.report.lossScaling().scale(), 0), resumed.report.lossScaling());
    assertNear(whole.after(), resumed.after(), 1e-5);
  }

  /** The scale was found with weights that are gone. */
  @Test
  void aRunThatIsSetBackLooksForItsScaleAnew() {
    Run run = run(Float.POSITIVE_INFINITY, 16, 9, trainer -> trainer.doctor(new SecondChance()));
    assertEquals(StopReason.NON_FINITE_GRADIENT, run.report.reason());
    assertEquals(new LossScaling(1, 2 * 17), run.report.lossScaling());
  }

  /** Rescues a run once. */
  private static final class SecondChance implements TreatingListener {
    private Treatable run;
    private boolean given;

    @Override
    public void treats(Treatable value) {
      run = value;
    }

    @Override
    public boolean rescue(StopReason failure) {
      assertEquals(StopReason.NON_FINITE_GRADIENT, failure);
      boolean first = !given;
      given = true;
      if (first) {
        run.changeState(() -> {});
      }
      return first;
    }
  }

  @Test
  void everyRunOfATrainerLooksForItsScaleAnew() {
    List<TrainingReport> reports = new ArrayList<>();
    run(
        STEEP,
        16,
        2,
        trainer -> {
          try (DataLoader train = Stripes.loader(16).build();
              DataLoader validation = Stripes.loader(32).build()) {
            reports.add(trainer.fit(train, validation, 2));
            reports.add(trainer.fit(train, validation, 2));
          }
        });
    assertTrue(reports.get(0).lossScaling().skipped() > 0, reports.toString());
    assertEquals(reports.get(0).lossScaling(), reports.get(1).lossScaling());
  }

  @Test
  void aCheckpointFromBeforeThereWereScalesIsRead() throws JsonProcessingException {
    ObjectMapper json = new ObjectMapper();
    RunState state =
        new RunState(
            RunState.FORMAT,
            1,
            4,
            9,
            4,
            1,
            null,
            null,
            "stripes",
            "SGD",
            4,
            List.of(),
            null,
            null,
            null,
            null,
            Adjustments.NONE,
            List.of());
    ObjectNode old = json.valueToTree(state);
    old.remove("scaler");
    assertEquals(state, json.treeToValue(old, RunState.class));
  }

  @Test
  void gradientsBeyondAnyScaleEndTheRunBeforeTheWeights() {
    try (Model model = model(backend);
        WeightAverage average = WeightAverage.exponential(model, 0.9)) {
      Run run = run(model, Float.POSITIVE_INFINITY, 16, 9, trainer -> trainer.average(average));
      assertEquals(StopReason.NON_FINITE_GRADIENT, run.report.reason());
      assertEquals(4, run.report.epochs().size(), "16 halvings are four epochs, validated");
      assertEquals(new LossScaling(1, 17), run.report.lossScaling());
      assertEquals(1, run.watch.gradients.size(), "of the last one the doctor hears");
      assertTrue(!Double.isFinite(length(run.watch.gradients.get(0))));
      assertEquals(run.before, run.after());
      assertEquals(0, run.updates);
      assertEquals(0, average.count());
    }
  }

  @Test
  void aLossThatIsNoNumberEndsTheRunAsInFloat32() {
    try (Model model = model(backend)) {
      model.parameters().named("2.bias").write(new float[] {Float.NaN, 0, 0});
      Run run = run(model, 1, 16, 2, trainer -> {});
      assertEquals(StopReason.NON_FINITE_LOSS, run.report.reason());
      assertEquals(new LossScaling(65536, 0), run.report.lossScaling());
    }
  }
}
