package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.data.DataSplits;
import gradus.data.Shapes;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedRunTest {
  private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");
  private static final List<EpochReport> EPOCHS =
      List.of(
          new EpochReport(1, 2.5, 0.25, 1.5, 0.5, 0.05, 3, 1000),
          new EpochReport(2, 1.5, 0.5, 1.25, 0.75, 0.025, 3, 1000),
          new EpochReport(3, 0.5, 0.75, 1.375, 0.75, 0, 3, Double.NaN));

  private static final List<Resumption> RESUMPTIONS =
      List.of(
          new Resumption(1, false, List.of("train", "a b"), Map.of()),
          new Resumption(
              2, true, List.of("train"), Map.of("epochs", new Resumption.Change("2", "3"))));

  @TempDir Path folder;

  @Test
  void tellsWhereItWasGoneOnWith() {
    assertEquals(RESUMPTIONS, written(RunOutcome.RUNNING).resumptions());
  }

  private RecordedRun written(RunOutcome outcome) {
    return written(outcome, null);
  }

  private RecordedRun written(RunOutcome outcome, String monitor) {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put("batch", 64);
    configuration.put("augment", List.of("crop", "flip"));
    configuration.put("betas", List.of());
    configuration.put("limit", null);
    configuration.put("monitor", monitor);
    new RunRecord(
            List.of("train", "--batch", "64"),
            RESUMPTIONS,
            configuration,
            11,
            "reference: one thread",
            MadeUpRun.summary(),
            Map.of("java", "17"),
            new DataSplits(Shapes.of(20, 1), Shapes.of(10, 2), Shapes.of(30, 3)),
            outcome,
            STARTED,
            4.25)
        .write(folder.resolve(RecordedRun.RECORD));
    return RecordedRun.read(folder);
  }

  private static RunOutcome ended(StopReason reason) {
    return RunOutcome.of(
        new TrainingReport(EPOCHS, reason, 7, 3.5, 1000), new Evaluation(30, 0.5, 0.9), "abc");
  }

  @Test
  void readsWhatWasWritten() {
    RecordedRun run = written(ended(StopReason.COMPLETED));
    assertEquals(folder.getFileName().toString(), run.name());
    assertEquals(RunStatus.FINISHED, run.status());
    assertEquals(STARTED, run.started());
    assertEquals(List.of("train", "--batch", "64"), run.arguments());
    assertEquals(Path.of("").toAbsolutePath(), run.directory());
    assertEquals(
        Map.of("batch", "64", "augment", "crop,flip", "betas", "none", "seed", "11"),
        run.settings());
    assertEquals(Map.of("java", "17"), run.versions());
    assertEquals("reference: one thread", run.backend());
    assertEquals(Shapes.of(10, 2).contentHash(), run.data().get("validation"));
    assertEquals(EPOCHS, run.epochs());
    assertEquals(2, run.best().orElseThrow().epoch(), "as accurate as the third, with less loss");
    assertEquals(0.9, run.testAccuracy());
    assertEquals(0.5, run.testLoss());
    assertEquals("abc", run.weights());
    assertEquals("all epochs done", run.reason());
    assertEquals(9, run.seconds(), "that of its epochs, since only the last was of this process");
  }

  @Test
  void metricsAreReadAndTheOneWatchedSaysWhichEpochIsTheBest() {
    List<EpochReport> epochs =
        List.of(
            new EpochReport(1, 1, 0.5, 0.5, 0.9, 0.1, 3, 1000, Map.of("macro_f1", 0.25)),
            new EpochReport(2, 1, 0.5, 0.6, 0.8, 0.1, 3, 1000, Map.of("macro_f1", 0.5)),
            new EpochReport(3, 1, 0.5, 0.4, 0.7, 0.1, 3, 1000, Map.of("macro_f1", Double.NaN)));
    RunOutcome outcome =
        RunOutcome.of(
            new TrainingReport(epochs, StopReason.COMPLETED, 7, 3.5, 1000), Evaluation.NONE, "a");
    RecordedRun run = written(outcome, "validation-macro-f1");
    assertEquals(epochs, run.epochs());
    assertEquals(2, run.best().orElseThrow().epoch());
    assertEquals(2, best(run));
    for (String asEver : new String[] {"validation-loss", "validation-accuracy", null}) {
      assertEquals(1, written(outcome, asEver).best().orElseThrow().epoch());
      assertEquals(1, best(run));
    }
  }

  private static int best(RecordedRun run) {
    try {
      Path record = run.folder().resolve(RecordedRun.RECORD);
      return new ObjectMapper().readTree(record.toFile()).at("/best_epoch/epoch").asInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A doctor that only watches tries nothing: to have one that does is still advice. */
  @Test
  void itsCurvesKnowWhetherADoctorHasTriedWhatHelps() {
    for (String mode : List.of("off", "watch", "probe", "treat")) {
      new MadeUpRun(folder, List.of("a", "b"), 1, 40, 8).write(Map.of("doctor", mode));
      boolean tries = mode.equals("probe") || mode.equals("treat");
      assertEquals(tries, RecordedRun.read(folder).curves().tried(), mode);
    }
  }

  @Test
  void statusesAreToldApart() {
    assertEquals(RunStatus.FINISHED, written(ended(StopReason.EARLY_STOPPING)).status());
    assertEquals(RunStatus.INTERRUPTED, written(ended(StopReason.REQUESTED)).status());
    assertFalse(written(ended(StopReason.REQUESTED)).isDiverged());
    assertEquals(RunStatus.FAILED, written(ended(StopReason.NON_FINITE_LOSS)).status());
    assertTrue(written(ended(StopReason.NON_FINITE_GRADIENT)).isDiverged());
    RecordedRun failed = written(RunOutcome.failed("no room"));
    assertEquals(RunStatus.FAILED, failed.status());
    assertEquals("no room", failed.reason());
    assertFalse(failed.isDiverged());
  }

  @Test
  void aRunIsRunningWhileItsProcessLives() throws IOException {
    MetricsCsv metrics = new MetricsCsv(folder.resolve(RecordedRun.METRICS));
    metrics.onEpoch(EPOCHS.get(0));
    RecordedRun running = written(RunOutcome.RUNNING);
    assertEquals(RunStatus.RUNNING, running.status());
    assertNull(running.reason());
    assertEquals(EPOCHS.subList(0, 1), running.epochs());
    assertEquals(EPOCHS.get(0).imagesPerSecond(), running.imagesPerSecond());
    Path record = folder.resolve(RecordedRun.RECORD);
    String begun = ProcessHandle.current().info().startInstant().orElseThrow().toString();
    String anotherProcess = Files.readString(record).replace(begun, "1999-12-31T23:59:59Z");
    Files.writeString(record, anotherProcess);
    assertEquals(RunStatus.INTERRUPTED, RecordedRun.read(folder).status());
  }

  @Test
  void recordsOfOlderVersionsAreRead() throws IOException {
    Files.writeString(
        folder.resolve(RecordedRun.RECORD),
        "{\"started\": \"2026-01-02T03:04:05Z\", \"configuration\": {\"model\": \"lenet\"},"
            + " \"seed\": 1, \"epochs\": [], \"test_accuracy\": 0.5}");
    RecordedRun run = RecordedRun.read(folder);
    assertEquals(RunStatus.FINISHED, run.status());
    assertTrue(run.arguments().isEmpty());
    assertTrue(run.data().isEmpty());
    assertTrue(run.best().isEmpty());
    assertNull(run.weights());
  }

  @Test
  void saysWhatIsWrongWithAFolder() throws IOException {
    assertRefused(folder.resolve("none"), "is no folder");
    assertRefused(folder, "has no run.json");
    Path record = folder.resolve(RecordedRun.RECORD);
    Files.writeString(record, "{\"started\": ");
    assertRefused(folder, "run.json is damaged");
    Files.writeString(record, "[]");
    assertRefused(folder, "no configuration");
    Files.writeString(record, "{\"configuration\": {}, \"epochs\": [], \"started\": \"today\"}");
    assertRefused(folder, "\"started\" is no time: \"today\"");
    Files.writeString(
        record, "{\"configuration\": {}, \"epochs\": [], \"started\": \"2026-01-02T03:04:05Z\"}");
    Files.writeString(folder.resolve(RecordedRun.METRICS), "epoch,train_loss\none,2\n");
    assertRefused(folder, "metrics.csv, line 2");
  }

  private static void assertRefused(Path folder, String part) {
    GradusException e = assertThrows(GradusException.class, () -> RecordedRun.read(folder));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
