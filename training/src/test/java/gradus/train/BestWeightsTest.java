package gradus.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Monitor;
import gradus.metric.ValidationMetric;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.optim.WeightAverage;
import gradus.weights.SafeTensors;
import gradus.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BestWeightsTest {
  /** Of six epochs of this rate the third is the best. */
  private static final double RATE = 0.1;

  private static final int EPOCHS = 6;
  private static final Monitor MACRO_F1 = Monitor.of(ValidationMetric.MACRO_F1);

  @TempDir private Path folder;
  private Path file;
  private Backend backend;
  private Model model;
  private BestWeights best;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model = Stripes.model(backend, 3);
    file = folder.resolve("best.safetensors");
    best = new BestWeights(model, file);
  }

  @AfterEach
  void close() {
    model.close();
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  private TrainingReport train(int epochs, Consumer<Trainer> settings) {
    try (DataLoader train = Stripes.loader(16).shuffle(5).build();
        DataLoader validation = Stripes.loader(32).build();
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(RATE).momentum(0.9).build()) {
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer).seed(9).listener(best);
      settings.accept(trainer);
      return trainer.fit(train, validation, epochs);
    }
  }

  /** How the kept weights do on the validation set. */
  private Evaluation judgeKept() {
    try (Model loaded = Stripes.model(backend, 77);
        DataLoader validation = Stripes.loader(32).build()) {
      StateDict.load(loaded, file);
      return new Evaluator(loaded, new CrossEntropyLoss()).evaluate(validation);
    }
  }

  private static EpochReport best(TrainingReport report) {
    return report.epochs().stream().max(EpochReport.BY_VALIDATION).orElseThrow();
  }

  private static EpochReport epoch(int number, double loss, double accuracy) {
    return new EpochReport(number, 1, 0.5, loss, accuracy, 0.1, 1, 1);
  }

  private static EpochReport epoch(int number, double loss, double accuracy, double macroF1) {
    return new EpochReport(number, 1, 0.5, loss, accuracy, 0.1, 1, 1, Map.of("macro_f1", macroF1));
  }

  private int keptEpoch() {
    return best.kept().orElseThrow().epoch();
  }

  @Test
  void keepsTheWeightsOfTheBestEpochAndNotTheLast() throws IOException {
    TrainingReport report = train(EPOCHS, t -> {});
    EpochReport expected = best(report);
    assertTrue(expected.epoch() < EPOCHS, "the last is not the best");
    assertEquals(new BestWeights.Kept(file, expected.epoch()), best.kept().orElseThrow());
    Evaluation kept = judgeKept();
    assertEquals(expected.validationAccuracy(), kept.accuracy());
    assertEquals(expected.validationLoss(), kept.loss(), 1e-6 * kept.loss());
    assertFalse(best.areOfModel());
    StateDict.load(model, file);
    assertTrue(best.areOfModel());
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList(), "written whole, with nothing left beside it");
    }
  }

  @Test
  void theLossMayDecide() {
    best.monitor(Monitor.VALIDATION_LOSS);
    TrainingReport report = train(EPOCHS, t -> {});
    EpochReport expected =
        report.epochs().stream()
            .min(Comparator.comparingDouble(EpochReport::validationLoss))
            .orElseThrow();
    assertEquals(expected.epoch(), keptEpoch());
    best.onStart(3);
    best.onJudged(epoch(1, 0.4, 0.9));
    best.onJudged(epoch(2, 0.4, 0.95));
    assertEquals(1, keptEpoch());
    best.onJudged(epoch(3, 0.3, 0.2));
    assertEquals(3, keptEpoch());
  }

  @Test
  void aMetricMayDecide() {
    best.monitor(MACRO_F1);
    TrainingReport report = train(EPOCHS, t -> t.metrics(ValidationMetric.MACRO_F1));
    EpochReport expected = report.epochs().stream().max(EpochReport.by(MACRO_F1)).orElseThrow();
    assertEquals(expected.epoch(), keptEpoch());
    try (SafeTensors stored = SafeTensors.open(file)) {
      assertEquals(
          Double.toString(expected.validation(MACRO_F1)),
          stored.metadata().get("gradus.validation_macro_f1"));
    }
    best.onStart(4);
    best.onJudged(epoch(1, 0.4, 0.9, 0.5));
    best.onJudged(epoch(2, 0.3, 0.95, 0.5));
    assertEquals(1, keptEpoch(), "of equal ones the earlier");
    best.onJudged(epoch(3, 0.5, 0.2, 0.6));
    best.onJudged(epoch(4, 0.1, 1, Double.NaN));
    assertEquals(3, keptEpoch());
  }

  @Test
  void aResumedRunKnowsTheMetricOfTheBest() {
    best.monitor(MACRO_F1);
    best.onJudged(epoch(1, 0.5, 0.8, 0.6));
    // Cut off after its checkpoint, or before: its weights were written already.
    for (List<EpochReport> earlier :
        List.of(List.of(epoch(1, 0.5, 0.8, 0.6)), List.<EpochReport>of())) {
      resetModel(7);
      best.monitor(MACRO_F1);
      best.onStart(5);
      best.onResume(earlier);
      best.onJudged(epoch(2, 0.1, 1, 0.55));
      assertEquals(1, keptEpoch());
    }
    best.onJudged(epoch(3, 0.6, 0.7, 0.65));
    assertEquals(3, keptEpoch());
  }

  /** Where neither file nor checkpoint knows, the next number is the best that is known. */
  @Test
  void aFileOfARunWithoutTheMetricIsGoneOnWith() {
    best.onJudged(epoch(1, 0.5, 0.8, 0.6)); // its file says nothing of the metric
    for (List<EpochReport> earlier :
        List.of(List.of(epoch(1, 0.5, 0.8, 0.6)), List.of(epoch(1, 0.5, 0.8)))) {
      resetModel(7);
      best.monitor(MACRO_F1);
      best.onStart(5);
      best.onResume(earlier);
      assertEquals(1, keptEpoch());
      best.onJudged(epoch(2, 0.4, 0.9, 0.55));
      assertEquals(earlier.get(0).metrics().isEmpty() ? 2 : 1, keptEpoch());
    }
  }

  @Test
  void aMetricThatIsNotMeasuredIsAskedFor() {
    best.monitor(MACRO_F1);
    String message =
        assertThrows(GradusException.class, () -> best.onJudged(epoch(1, 0.5, 0.8))).getMessage();
    assertTrue(message.contains("goes by the validation macro f1"), message);
    assertTrue(message.contains("Trainer.metrics"), message);
  }

  @Test
  void anAverageIsKeptWhereItIsValidated() {
    List<List<Float>> trained = new ArrayList<>();
    try (WeightAverage average = WeightAverage.exponential(model, 0.9)) {
      TrainingReport report =
          train(
              EPOCHS,
              t ->
                  t.average(average)
                      .listener(
                          new TrainingListener() {
                            @Override
                            public void onEpoch(EpochReport epoch) {
                              trained.add(Stripes.weights(model));
                            }
                          }));
      EpochReport expected = best(report);
      Evaluation kept = judgeKept();
      assertEquals(expected.validationAccuracy(), kept.accuracy());
      assertEquals(expected.validationLoss(), kept.loss(), 1e-6 * kept.loss());
      StateDict.load(model, file);
      assertNotEquals(trained.get(expected.epoch() - 1), Stripes.weights(model));
    }
  }

  @Test
  void aListenerThatFailsLeavesTheWeightsBeingTrained() {
    try (WeightAverage average = WeightAverage.exponential(model, 0.9)) {
      List<Float> judged = new ArrayList<>();
      TrainingListener fails =
          new TrainingListener() {
            @Override
            public void onJudged(EpochReport report) {
              judged.addAll(Stripes.weights(model));
              throw new IllegalStateException("a full disk");
            }
          };
      assertThrows(
          IllegalStateException.class, () -> train(1, t -> t.average(average).listener(fails)));
      assertNotEquals(judged, Stripes.weights(model));
      average.exchange();
      assertEquals(judged, Stripes.weights(model));
    }
  }

  @Test
  void aResumedRunKeepsTheEarlierBest() throws IOException {
    TrainingReport whole = train(EPOCHS, t -> {});
    byte[] expected = Files.readAllBytes(file);
    int bestEpoch = best(whole).epoch();
    assertTrue(bestEpoch > 1 && bestEpoch < EPOCHS, "worse ones on both sides: " + bestEpoch);
    for (int cut : new int[] {bestEpoch - 1, bestEpoch}) {
      Path checkpoints = Files.createDirectory(folder.resolve("cut-after-" + cut));
      Files.delete(file);
      resetModel(3);
      train(cut, t -> t.checkpoints(Checkpoints.in(checkpoints)));
      resetModel(77);
      train(EPOCHS, t -> t.checkpoints(Checkpoints.in(checkpoints)).resume());
      assertEquals(bestEpoch, keptEpoch());
      if (!System.getProperty("gradus.test.backend", "reference").equals("reference")) {
        assertArrayEquals(expected, Files.readAllBytes(file), "cut after " + cut);
      }
    }
  }

  private void resetModel(long seed) {
    model.close();
    model = Stripes.model(backend, seed);
    best = new BestWeights(model, file);
  }

  @Test
  void aWorseEpochAfterResumingDoesNotReplaceIt() throws IOException {
    best.onJudged(epoch(1, 0.5, 0.8));
    best.onJudged(epoch(2, 0.3, 0.9));
    byte[] bytes = Files.readAllBytes(file);
    // Cut off in the third epoch, or in the second: its weights were written before a checkpoint.
    for (List<EpochReport> earlier :
        List.of(List.of(epoch(1, 0.5, 0.8), epoch(2, 0.3, 0.9)), List.of(epoch(1, 0.5, 0.8)))) {
      resetModel(7);
      best.onStart(5);
      best.onResume(earlier);
      assertEquals(2, keptEpoch());
      best.onJudged(epoch(3, 0.4, 0.85));
      assertArrayEquals(bytes, Files.readAllBytes(file));
    }
    best.onJudged(epoch(4, 0.2, 0.9));
    assertEquals(4, keptEpoch(), "as accurate, with less loss");
    assertFalse(Arrays.equals(bytes, Files.readAllBytes(file)));
  }

  @Test
  void aWorseEpochDoesNotPassForALostBest() {
    best.onStart(5);
    best.onResume(List.of(epoch(1, 0.5, 0.8), epoch(2, 0.3, 0.9), epoch(3, 0.6, 0.7)));
    best.onJudged(epoch(4, 0.4, 0.85));
    assertTrue(best.kept().isEmpty());
    assertFalse(best.areOfModel());
    assertFalse(Files.exists(file));
    best.onJudged(epoch(5, 0.3, 0.95));
    assertEquals(5, keptEpoch());
  }

  /** The epochs before were of a run that did not measure it. */
  @Test
  void aMetricThatIsNewSaysNothingOfALostBest() {
    best.monitor(MACRO_F1);
    best.onStart(5);
    best.onResume(List.of(epoch(1, 0.5, 0.8), epoch(2, 0.3, 0.9, 0.6)));
    best.onJudged(epoch(3, 0.1, 1, 0.55));
    assertTrue(best.kept().isEmpty());
    best.onJudged(epoch(4, 0.6, 0.7, 0.65));
    assertEquals(4, keptEpoch());
  }

  @Test
  void aRunThatStartsAnewForgetsTheOneBefore() {
    best.onStart(2);
    best.onJudged(epoch(1, 0.3, 0.9));
    best.onJudged(epoch(2, 0.2, 0.95));
    best.onStart(2);
    assertTrue(best.kept().isEmpty());
    best.onJudged(epoch(1, 0.5, 0.8));
    assertEquals(1, keptEpoch());
  }

  @Test
  void aFileThatIsNoneEndsAResumedRunWithTheRemedy() throws IOException {
    Files.writeString(file, "nothing of the kind");
    String message =
        assertThrows(GradusException.class, () -> best.onResume(List.of())).getMessage();
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains("Take the file away"), message);
    StateDict.save(model, file, Map.of());
    assertThrows(GradusException.class, () -> best.onResume(List.of()));
  }

  /** Puts the run back to its start after the second epoch. */
  private static final class GoesBack implements TreatingListener {
    private Treatable run;
    private Treatable.Mark start;

    @Override
    public void treats(Treatable value) {
      run = value;
      start = run.mark();
    }

    @Override
    public void onEpoch(EpochReport report) {
      if (report.epoch() == 2) {
        start.goBack();
      }
    }

    @Override
    public boolean rescue(StopReason failure) {
      return false;
    }

    @Override
    public void onEnd(TrainingReport report) {
      start.close();
    }
  }

  @Test
  void aRunThatIsPutBackKeepsTheBestOfAll() {
    List<List<Float>> judged = new ArrayList<>();
    TrainingReport report =
        train(
            3,
            t ->
                t.doctor(new GoesBack())
                    .listener(
                        new TrainingListener() {
                          @Override
                          public void onJudged(EpochReport epoch) {
                            judged.add(Stripes.weights(model));
                          }
                        }));
    assertEquals(best(report).epoch(), keptEpoch());
    StateDict.load(model, file);
    assertEquals(judged.get(keptEpoch() - 1), Stripes.weights(model));
  }

  @Test
  void withoutAValidationNothingIsKept() {
    try (DataLoader train = Stripes.loader(16).build();
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      new Trainer(model, new CrossEntropyLoss(), optimizer).listener(best).fit(train, null, 2);
    }
    assertTrue(best.kept().isEmpty());
    assertFalse(Files.exists(file));
  }

  @Test
  void weightsThatGiveNoNumberAreNotKept() {
    best.onJudged(epoch(1, Double.NaN, 0.5));
    assertFalse(Files.exists(file));
    best.onJudged(epoch(2, 0.7, 0.4));
    best.onJudged(epoch(3, Double.POSITIVE_INFINITY, 0.9));
    assertEquals(2, keptEpoch());
  }

  @Test
  void theFileSaysWhatItIs() {
    best.metadata(Map.of("format", "pt")).onJudged(epoch(3, 0.25, 0.875));
    try (SafeTensors stored = SafeTensors.open(file)) {
      assertEquals(
          Map.of(
              "format",
              "pt",
              "gradus.epoch",
              "3",
              "gradus.validation_loss",
              "0.25",
              "gradus.validation_accuracy",
              "0.875"),
          stored.metadata());
    }
  }
}
