package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.ConfusionMatrix;
import gradus.metric.LogLoss;
import gradus.metric.Monitor;
import gradus.metric.Predictions;
import gradus.metric.ValidationMetric;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.optim.WeightAverage;
import gradus.schedule.ReduceLROnPlateau;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers of the validation beside loss and accuracy, and what they decide. */
class TrainerMetricsTest {
  private static final int EPOCHS = 8;
  private static final ValidationMetric<ConfusionMatrix> KAPPA =
      new ValidationMetric<>(
          "cohen_kappa", false, ConfusionMatrix::new, ConfusionMatrix::cohenKappa);
  private static final ValidationMetric<Predictions> LOG_LOSS =
      new ValidationMetric<>("log_loss", true, Predictions::new, LogLoss::of);

  @TempDir private Path folder;
  private Backend backend;
  private Model model;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model = Stripes.model(backend, 3);
  }

  @AfterEach
  void close() {
    model.close();
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  private TrainingReport train(int epochs, Consumer<Trainer> settings) {
    return train(epochs, 0, settings);
  }

  private TrainingReport train(int epochs, int workers, Consumer<Trainer> settings) {
    try (DataLoader train = Stripes.loader(16).shuffle(5).workers(workers).build();
        DataLoader validation = Stripes.loader(32).workers(workers).build();
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).momentum(0.9).build()) {
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer).seed(9);
      settings.accept(trainer);
      return trainer.fit(train, validation, epochs);
    }
  }

  private void startAnew(long seed) {
    model.close();
    model = Stripes.model(backend, seed);
  }

  private ConfusionMatrix confusion() {
    ConfusionMatrix confusion = new ConfusionMatrix(3);
    try (DataLoader validation = Stripes.loader(20).build()) {
      new Evaluator(model, new CrossEntropyLoss()).evaluate(validation, confusion);
    }
    return confusion;
  }

  private static EpochReport best(List<EpochReport> epochs, ValidationMetric<?> metric) {
    return epochs.stream()
        .max(Comparator.comparingDouble(e -> e.metrics().get(metric.name())))
        .orElseThrow();
  }

  @Test
  void everyEpochHasWhatWasAskedForOfTheWeightsItEndedWith() {
    List<Map<String, Double>> expected = new ArrayList<>();
    TrainingReport report =
        train(
            3,
            t ->
                t.metrics(ValidationMetric.MACRO_F1, KAPPA)
                    .listener(
                        new TrainingListener() {
                          @Override
                          public void onJudged(EpochReport epoch) {
                            ConfusionMatrix counted = confusion();
                            expected.add(
                                Map.of(
                                    "macro_f1",
                                    counted.macroF1(),
                                    "cohen_kappa",
                                    counted.cohenKappa()));
                          }
                        }));
    assertEquals(expected, report.epochs().stream().map(EpochReport::metrics).toList());
    assertEquals(
        List.of("macro_f1", "cohen_kappa"),
        List.copyOf(report.epochs().get(0).metrics().keySet()),
        "in the order asked for");
  }

  /** Nobody pays for what nobody asked for, and the run is the same to the bit. */
  @Test
  void askingChangesNothingElse() {
    List<EpochReport> asked = train(3, t -> t.metrics(KAPPA)).epochs();
    List<Float> weights = Stripes.weights(model);
    startAnew(3);
    List<EpochReport> plain = train(3, t -> {}).epochs();
    assertEquals(weights, Stripes.weights(model));
    for (int i = 0; i < 3; i++) {
      assertEquals(Map.of(), plain.get(i).metrics());
      assertEquals(plain.get(i).validationLoss(), asked.get(i).validationLoss());
      assertEquals(plain.get(i).validationAccuracy(), asked.get(i).validationAccuracy());
    }
  }

  @Test
  void theNumberOfThreadsMakesNoDifference() {
    ValidationMetric<?>[] all = {
      ValidationMetric.MACRO_F1,
      ValidationMetric.MACRO_PRECISION,
      ValidationMetric.MACRO_RECALL,
      ValidationMetric.BALANCED_ACCURACY,
      LOG_LOSS
    };
    List<Map<String, Double>> alone =
        train(3, t -> t.metrics(all)).epochs().stream().map(EpochReport::metrics).toList();
    startAnew(3);
    assertEquals(
        alone,
        train(3, 3, t -> t.metrics(all)).epochs().stream().map(EpochReport::metrics).toList());
    assertEquals(5, alone.get(2).size());
  }

  @Test
  void earlyStoppingGivesTheWeightsOfTheBestMetricBack() {
    TrainingReport report =
        train(EPOCHS, t -> t.earlyStopping(new EarlyStopping(Monitor.of(KAPPA)).patience(50)));
    EpochReport best = best(report.epochs(), KAPPA);
    assertTrue(best.epoch() < EPOCHS, "the last is not the best");
    assertEquals(best.epoch(), report.bestEpoch());
    assertEquals(best.metrics().get("cohen_kappa"), confusion().cohenKappa());
  }

  @Test
  void patienceIsLostByTheMetricAlone() {
    // A constant metric never gets better than the first time, however the loss falls.
    ValidationMetric<ConfusionMatrix> constant =
        new ValidationMetric<>("constant", false, ConfusionMatrix::new, counted -> 0.5);
    TrainingReport report =
        train(EPOCHS, t -> t.earlyStopping(new EarlyStopping(Monitor.of(constant)).patience(2)));
    assertEquals(StopReason.EARLY_STOPPING, report.reason());
    assertEquals(3, report.epochs().size());
    assertEquals(1, report.bestEpoch());
  }

  @Test
  void aPlateauOfTheMetricReducesTheRate() {
    ValidationMetric<ConfusionMatrix> constant =
        new ValidationMetric<>("constant", true, ConfusionMatrix::new, counted -> 0.5);
    List<String> notices = new ArrayList<>();
    TrainingReport report =
        train(
            3,
            t ->
                t.reduceOnPlateau(new ReduceLROnPlateau(Monitor.of(constant)).patience(0))
                    .listener(
                        new TrainingListener() {
                          @Override
                          public void onNotice(int epoch, String sentence) {
                            notices.add(sentence);
                          }
                        }));
    assertEquals(0.1, report.epochs().get(1).learningRate());
    assertEquals(0.01, report.epochs().get(2).learningRate(), 1e-9);
    assertTrue(
        notices.get(0).startsWith("the validation constant has stopped getting better than 0.5"),
        notices.toString());
  }

  @Test
  void anAverageThatIsValidatedIsWhatIsMeasured() {
    List<Double> expected = new ArrayList<>();
    try (WeightAverage average = WeightAverage.exponential(model, 0.9)) {
      TrainingReport report =
          train(
              2,
              t ->
                  t.average(average)
                      .metrics(KAPPA)
                      .listener(
                          new TrainingListener() {
                            @Override
                            public void onJudged(EpochReport epoch) {
                              expected.add(confusion().cohenKappa());
                            }
                          }));
      assertEquals(
          expected,
          report.epochs().stream().map(epoch -> epoch.metrics().get("cohen_kappa")).toList());
    }
  }

  /** The best epoch lies before the cut, and a worse one after it must not pass for it. */
  @Test
  void aResumedRunKnowsTheBestValueAndTheEpochsBefore() {
    Consumer<Trainer> watched =
        t ->
            t.metrics(ValidationMetric.MACRO_F1)
                .earlyStopping(new EarlyStopping(Monitor.of(KAPPA)).patience(50))
                .reduceOnPlateau(
                    new ReduceLROnPlateau(Monitor.of(LOG_LOSS)).patience(0).factor(0.9));
    TrainingReport whole = train(EPOCHS, watched);
    int cut = Math.max(2, best(whole.epochs(), KAPPA).epoch());
    assertTrue(cut < EPOCHS, "the best is not the last");
    Path checkpoints = folder.resolve("checkpoints");
    startAnew(3);
    train(cut, watched.andThen(t -> t.checkpoints(Checkpoints.in(checkpoints))));
    startAnew(77);
    TrainingReport resumed =
        train(EPOCHS, watched.andThen(t -> t.checkpoints(Checkpoints.in(checkpoints)).resume()));
    assertEquals(whole.bestEpoch(), resumed.bestEpoch());
    for (int i = 0; i < EPOCHS; i++) {
      EpochReport expected = whole.epochs().get(i);
      EpochReport found = resumed.epochs().get(i);
      assertEquals(expected.metrics().keySet(), found.metrics().keySet());
      assertEquals(expected.metrics().get("cohen_kappa"), found.metrics().get("cohen_kappa"), 1e-9);
      assertEquals(expected.learningRate(), found.learningRate(), 1e-12);
    }
  }

  @Test
  void aRunIsNotGoneOnWithByAnotherMonitor() {
    Path checkpoints = folder.resolve("checkpoints");
    train(
        2,
        t ->
            t.earlyStopping(new EarlyStopping(Monitor.VALIDATION_LOSS))
                .checkpoints(Checkpoints.in(checkpoints)));
    String message =
        assertThrows(
                GradusException.class,
                () ->
                    train(
                        3,
                        t ->
                            t.earlyStopping(new EarlyStopping(Monitor.of(KAPPA)))
                                .checkpoints(Checkpoints.in(checkpoints))
                                .resume()))
            .getMessage();
    assertTrue(
        message.contains("its monitor is [validation_loss], now it is [validation_cohen_kappa]"),
        message);
  }

  @Test
  void whatCannotBeMeasuredIsRefusedBeforeTheFirstStep() {
    List<Float> weights = Stripes.weights(model);
    String message =
        assertThrows(
                GradusException.class,
                () -> train(1, t -> t.metrics(ValidationMetric.TOP_5_ACCURACY)))
            .getMessage();
    assertTrue(message.contains("of 3 classes"), message);
    assertEquals(weights, Stripes.weights(model));
    try (DataLoader train = Stripes.loader(16).build();
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer).metrics(KAPPA);
      message = assertThrows(GradusException.class, () -> trainer.fit(train, null, 1)).getMessage();
      assertTrue(message.contains("cohen_kappa needs a validation set"), message);
    }
  }
}
