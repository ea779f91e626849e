package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.ConfusionMatrix;
import gradus.metric.Monitor;
import gradus.metric.TopKAccuracy;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.optim.WeightAverage;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrainerRemediesTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes(), "everything was given back");
    backend.close();
  }

  /** What a run left behind. */
  private record Run(TrainingReport report, List<Float> weights, Evaluation after, Watch watch) {}

  private static final class Watch implements TrainingListener {
    private final List<String> notices = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();

    @Override
    public void onStep(StepReport report) {
      rates.add(report.learningRate());
    }

    @Override
    public void onNotice(int epoch, String sentence) {
      notices.add(epoch + ": " + sentence);
    }
  }

  private Run run(Model model, double rate, int batchSize, int epochs, Consumer<Trainer> remedies) {
    Watch watch = new Watch();
    try (model;
        DataLoader train = Stripes.loader(batchSize).shuffle(5).build();
        DataLoader validation = Stripes.loader(32).build();
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build()) {
      CrossEntropyLoss loss = new CrossEntropyLoss();
      Trainer trainer = new Trainer(model, loss, optimizer).seed(9).listener(watch);
      remedies.accept(trainer);
      TrainingReport report = trainer.fit(train, validation, epochs);
      Evaluation after = new Evaluator(model, loss).evaluate(validation);
      return new Run(report, Stripes.weights(model), after, watch);
    }
  }

  @Test
  void accumulatedBatchesEqualOneLargeOne() {
    Run large = run(Stripes.plainModel(backend), 0.1, 32, 3, t -> {});
    Run small = run(Stripes.plainModel(backend), 0.1, 8, 3, t -> t.accumulate(4));
    assertEquals(6, large.report.steps());
    assertEquals(6, small.report.steps(), "60 images make 8 batches, the last of 4: two updates");
    assertEquals(24, small.watch.rates.size());
    for (int i = 0; i < large.weights.size(); i++) {
      assertEquals(large.weights.get(i), small.weights.get(i), 1e-5, "weight " + i);
    }
  }

  @Test
  void aLastPartialGroupIsAMeanToo() {
    // 60 images in batches of 16 and groups of 3: 48, then 12. One batch of 48, then one of 12.
    Run large = run(Stripes.plainModel(backend), 0.1, 48, 2, t -> {});
    Run small = run(Stripes.plainModel(backend), 0.1, 16, 2, t -> t.accumulate(3));
    assertEquals(large.report.steps(), small.report.steps());
    for (int i = 0; i < large.weights.size(); i++) {
      assertEquals(large.weights.get(i), small.weights.get(i), 1e-5, "weight " + i);
    }
  }

  @Test
  void earlyStoppingGivesTheBestWeightsBack() {
    // A rate far too large: the validation loss jumps about and does not end at its best.
    Run run =
        run(
            Stripes.model(backend, 3),
            2,
            16,
            60,
            t -> t.earlyStopping(new EarlyStopping(Monitor.VALIDATION_LOSS).patience(3)));
    List<EpochReport> epochs = run.report.epochs();
    int best = 1;
    for (EpochReport epoch : epochs) {
      best = epoch.validationLoss() < epochs.get(best - 1).validationLoss() ? epoch.epoch() : best;
    }
    assertEquals(StopReason.EARLY_STOPPING, run.report.reason());
    assertEquals(best, run.report.bestEpoch());
    assertEquals(best + 3, epochs.size(), "three epochs after the best it ends");
    assertEquals(epochs.get(best - 1).validationLoss(), run.after.loss(), "statistics as well");
    assertTrue(run.watch.notices.get(0).contains("stopping early: the validation loss"));
  }

  @Test
  void theBestWeightsComeBackWhenTheRunIsStoppedToo() {
    Run run =
        run(
            Stripes.model(backend, 3),
            2,
            16,
            60,
            t ->
                t.earlyStopping(new EarlyStopping(Monitor.VALIDATION_LOSS).patience(50))
                    .listener(
                        new TrainingListener() {
                          @Override
                          public void onStep(StepReport report) {
                            if (report.epoch() == 8 && report.step() == 2) {
                              t.stop();
                            }
                          }
                        }));
    assertEquals(StopReason.REQUESTED, run.report.reason());
    int best = run.report.bestEpoch();
    assertEquals(run.report.epochs().get(best - 1).validationLoss(), run.after.loss());
  }

  @Test
  void thePlateauReducesTheRateOnceAnEpochAndSaysSo() {
    // A minimum delta nobody can reach: from the second epoch on every one is a bad one.
    ReduceLROnPlateau plateau =
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS)
            .patience(1)
            .factor(0.5)
            .absoluteThreshold(100);
    Run run = run(Stripes.model(backend, 3), 0.1, 16, 5, t -> t.reduceOnPlateau(plateau));
    List<Double> perEpoch = new ArrayList<>();
    for (int i = 0; i < run.watch.rates.size(); i += 4) {
      perEpoch.add(run.watch.rates.get(i));
      assertEquals(run.watch.rates.get(i), run.watch.rates.get(i + 3), "within an epoch it stays");
    }
    assertEquals(List.of(0.1, 0.1, 0.1, 0.05, 0.05), perEpoch);
    assertEquals(2, run.watch.notices.size());
    assertTrue(run.watch.notices.get(0).startsWith("3: the validation loss has stopped"));
    assertTrue(run.watch.notices.get(0).contains("times 0.5"), run.watch.notices.get(0));
  }

  @Test
  void plateauAndScheduleMultiply() {
    ReduceLROnPlateau plateau =
        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS)
            .patience(0)
            .factor(0.5)
            .absoluteThreshold(100);
    Run run =
        run(
            Stripes.model(backend, 3),
            0.1,
            16,
            3,
            t -> t.reduceOnPlateau(plateau).schedule(Schedule.step(1, 0.1)));
    assertEquals(0.1, run.watch.rates.get(0), 1e-12);
    assertEquals(0.01, run.watch.rates.get(4), 1e-12, "the first epoch set the best");
    assertEquals(0.0005, run.watch.rates.get(8), 1e-12);
  }

  @Test
  void clippingLimitsWhatAStepChanges() {
    List<Float> start;
    try (Model model = Stripes.plainModel(backend)) {
      start = Stripes.weights(model);
    }
    Run run = run(Stripes.plainModel(backend), 1, 60, 1, t -> t.clipGradientNorm(0.01));
    double squares = 0;
    for (int i = 0; i < start.size(); i++) {
      squares += Math.pow(run.weights.get(i) - start.get(i), 2);
    }
    assertEquals(0.01, Math.sqrt(squares), 1e-5, "one step of rate 1");
  }

  /** Hands a gradient on that is no number. */
  private static final class Poison extends Op {
    private final Tensor x;

    private Poison(Tensor x) {
      this.x = x;
    }

    @Override
    protected void backward(Pass pass, Tensor y) {
      pass.backend().math().fill(x.gradient(), Float.NaN);
      x.gradientBeta();
    }
  }

  private static Tensor poisonedLoss(Tensor logits, Tensor labels) {
    Tensor loss = new CrossEntropyLoss().apply(logits, labels);
    Pass pass = loss.pass();
    if (!pass.isTraining()) {
      return loss;
    }
    Tensor same = pass.allocate(loss.shape(), loss.dtype(), loss.placement());
    pass.backend().math().copy(loss.buffer(), same.buffer());
    pass.record(new Poison(loss), same);
    return same;
  }

  @Test
  void aGradientThatIsNoNumberEndsTheRunBeforeTheWeights() {
    try (Model model = Stripes.plainModel(backend);
        DataLoader data = Stripes.loader(16).build();
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      List<Float> before = Stripes.weights(model);
      TrainingReport report =
          new Trainer(model, TrainerRemediesTest::poisonedLoss, optimizer)
              .clipGradientNorm(1)
              .fit(data, null, 2);
      assertEquals(StopReason.NON_FINITE_GRADIENT, report.reason());
      assertEquals(0, report.steps());
      assertEquals(before, Stripes.weights(model));
    }
  }

  @Test
  void anAverageIsValidatedAndStays() {
    try (Model model = Stripes.model(backend, 3);
        WeightAverage average = WeightAverage.exponential(model, 0.9)) {
      Run run = run(model, 0.5, 16, 6, t -> t.average(average));
      assertEquals(24, average.count());
      assertEquals(run.report.epochs().get(5).validationLoss(), run.after.loss());
      Run without = run(Stripes.model(backend, 3), 0.5, 16, 6, t -> {});
      assertNotEquals(without.after.loss(), run.after.loss());
      for (int epoch = 0; epoch < 6; epoch++) {
        assertEquals(
            without.report.epochs().get(epoch).trainLoss(),
            run.report.epochs().get(epoch).trainLoss(),
            "the average does not touch the training");
      }
    }
  }

  @Test
  void aStochasticAverageEndsWithTheMeanAndFreshStatistics() {
    List<List<Float>> ends = new ArrayList<>();
    try (Model model = Stripes.model(backend, 3);
        WeightAverage average = WeightAverage.equal(model)) {
      Run run =
          run(
              model,
              0.2,
              16,
              5,
              t ->
                  t.stochasticAverage(average, 4)
                      .listener(
                          new TrainingListener() {
                            @Override
                            public void onEpoch(EpochReport report) {
                              ends.add(Stripes.weights(model));
                            }
                          }));
      assertEquals(2, average.count());
      int firstStatistic = 4 * 9 + 4 + 4 + 4; // convolution with bias, scale and shift
      for (int i = 0; i < run.weights.size(); i++) {
        double mean = (ends.get(3).get(i) + ends.get(4).get(i)) / 2;
        boolean statistic = i >= firstStatistic && i < firstStatistic + 8;
        if (statistic) {
          assertNotEquals(mean, run.weights.get(i), 1e-7, "recalibrated: " + i);
        } else {
          assertEquals(mean, run.weights.get(i), 1e-6, "weight " + i);
        }
      }
    }
  }

  @Test
  void metricsSeeEveryExample() {
    try (Model model = Stripes.model(backend, 3);
        DataLoader data = Stripes.loader(16).build()) {
      ConfusionMatrix matrix = new ConfusionMatrix(3);
      TopKAccuracy top = new TopKAccuracy(1);
      Evaluation plain = new Evaluator(model, new CrossEntropyLoss()).evaluate(data, matrix, top);
      assertEquals(60, matrix.examples());
      assertEquals(plain.accuracy(), matrix.accuracy());
      assertEquals(plain.accuracy(), top.value());
      assertEquals(20, matrix.scores(1).support());
    }
  }

  @Test
  void misuseIsRefused() {
    try (Model model = Stripes.model(backend, 3);
        DataLoader data = Stripes.loader(16).build();
        WeightAverage average = WeightAverage.equal(model);
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      CrossEntropyLoss loss = new CrossEntropyLoss();
      EarlyStopping early = new EarlyStopping(Monitor.VALIDATION_LOSS);
      Trainer noValidation = new Trainer(model, loss, optimizer).earlyStopping(early);
      assertThrows(GradusException.class, () -> noValidation.fit(data, null, 1));
      Trainer both = noValidation.stochasticAverage(average, 1);
      assertThrows(GradusException.class, () -> both.fit(data, data, 1));
      Trainer nowhere = new Trainer(model, loss, optimizer).resume();
      assertThrows(GradusException.class, () -> nowhere.fit(data, data, 1));
      Trainer fresh = new Trainer(model, loss, optimizer);
      assertThrows(GradusException.class, () -> fresh.accumulate(0));
      assertThrows(GradusException.class, () -> fresh.clipGradientNorm(-1));
      assertThrows(GradusException.class, () -> fresh.stochasticAverage(average, 0));
      assertThrows(GradusException.class, () -> early.patience(0));
      assertThrows(GradusException.class, () -> early.minDelta(-1));
    }
  }
}
