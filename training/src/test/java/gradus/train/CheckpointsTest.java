package gradus.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.layer.ParameterStore;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Monitor;
import gradus.optim.AdamW;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.optim.WeightAverage;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a backend that stores float32 a resumed run has the very bits of an uninterrupted one. The
 * reference keeps doubles, of which a checkpoint loses half, so there it is held to {@link
 * #ROUNDING}: forgotten momentum, dropout or statistics differ by a hundred times as much.
 */
class CheckpointsTest {
  private static final double ROUNDING = 1e-5;
  private static final boolean KEEPS_DOUBLES =
      System.getProperty("gradus.test.backend", "reference").equals("reference");
  private static final int LONG = 30;

  @TempDir private Path folder;
  private Backend backend;
  private long seed = 9;
  private int batchSize = 16;
  private boolean remedies = true;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  private static Optimizer momentum(ParameterStore parameters) {
    return SGD.of(parameters).learningRate(0.1).momentum(0.9).build();
  }

  private static Optimizer adam(ParameterStore parameters) {
    return AdamW.of(parameters).learningRate(0.01).build();
  }

  private record Run(TrainingReport report, List<Float> weights) {}

  private Run run(
      Function<ParameterStore, Optimizer> choice, Checkpoints checkpoints, boolean resume, int n) {
    try (DataLoader train = Stripes.loader(batchSize).shuffle(5).build();
        DataLoader validation = Stripes.loader(32).build();
        // A resumed run begins with other weights, which the checkpoint must replace.
        Model model = Stripes.model(backend, resume ? 77 : 3);
        WeightAverage average = WeightAverage.exponential(model, 0.9);
        Optimizer optimizer = choice.apply(model.parameters())) {
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .seed(seed)
              .schedule(Schedule.cosine(LONG).warmup(1));
      if (remedies) {
        trainer
            .reduceOnPlateau(
                new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(0).absoluteThreshold(0.2))
            .earlyStopping(new EarlyStopping(Monitor.VALIDATION_ACCURACY).patience(50))
            .average(average);
      }
      if (checkpoints != null) {
        trainer.checkpoints(checkpoints);
      }
      if (resume) {
        trainer.resume();
      }
      TrainingReport report = trainer.fit(train, validation, n);
      return new Run(report, Stripes.weights(model));
    }
  }

  @Test
  void aWatcherMayStopAResumedRunBeforeItsFirstStep() {
    try (DataLoader train = Stripes.loader(batchSize).shuffle(5).build();
        Model model = Stripes.model(backend, 77);
        Optimizer optimizer = momentum(model.parameters())) {
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer).checkpoints(Checkpoints.in(folder));
      trainer.fit(train, null, 2);
      List<Float> weights = Stripes.weights(model);
      trainer
          .resume()
          .listener(
              new TrainingListener() {
                @Override
                public void onResume(List<EpochReport> earlier) {
                  trainer.stop();
                }
              });
      TrainingReport report = trainer.fit(train, null, 4);
      assertEquals(StopReason.REQUESTED, report.reason());
      assertEquals(2, report.epochs().size());
      assertEquals(0, report.steps());
      assertSame(weights, Stripes.weights(model), ROUNDING);
      assertEquals(StopReason.COMPLETED, trainer.fit(train, null, 2).reason(), "nothing is left");
    }
  }

  private void assertResumesWithTheSameBits(Function<ParameterStore, Optimizer> choice) {
    Run whole = run(choice, null, false, 4);
    run(choice, Checkpoints.in(folder), false, 2);
    Run resumed = run(choice, Checkpoints.in(folder), true, 4);
    assertSame(whole.weights, resumed.weights, ROUNDING);
    assertEquals(4, resumed.report.epochs().size(), "the epochs before are known");
    assertEquals(8, resumed.report.steps(), "of two epochs");
    assertEquals(whole.report.bestEpoch(), resumed.report.bestEpoch());
    for (int i = 0; i < 4; i++) {
      EpochReport expected = whole.report.epochs().get(i);
      EpochReport actual = resumed.report.epochs().get(i);
      double tolerance = KEEPS_DOUBLES ? ROUNDING : 0;
      assertEquals(expected.trainLoss(), actual.trainLoss(), tolerance);
      assertEquals(expected.validationLoss(), actual.validationLoss(), tolerance);
      assertEquals(expected.learningRate(), actual.learningRate());
    }
  }

  private static void assertSame(List<Float> expected, List<Float> actual, double rounding) {
    if (!KEEPS_DOUBLES) {
      assertEquals(expected, actual);
      return;
    }
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), actual.get(i), rounding, "value " + i);
    }
  }

  @Test
  void momentumResumesWithTheSameBits() {
    assertResumesWithTheSameBits(CheckpointsTest::momentum);
  }

  @Test
  void momentumWithoutAverageResumesWithTheSameBits() {
    remedies = false;
    assertResumesWithTheSameBits(CheckpointsTest::momentum);
  }

  @Test
  void adamResumesWithTheSameBits() {
    assertResumesWithTheSameBits(CheckpointsTest::adam);
  }

  @Test
  void aFinishedRunIsOnlyLoaded() {
    Run whole = run(CheckpointsTest::momentum, Checkpoints.in(folder), false, 3);
    Run again = run(CheckpointsTest::momentum, Checkpoints.in(folder), true, 3);
    assertEquals(whole.weights, again.weights);
    assertEquals(0, again.report.steps());
  }

  @Test
  void theLastOnesAreKept() {
    run(CheckpointsTest::momentum, Checkpoints.in(folder).keepLast(2), false, 5);
    List<String> names =
        Checkpoints.in(folder).files().stream().map(f -> f.getFileName().toString()).toList();
    assertEquals(List.of("checkpoint-00004.safetensors", "checkpoint-00005.safetensors"), names);
  }

  @Test
  void everySecondEpochAndTheLast() {
    run(CheckpointsTest::momentum, Checkpoints.in(folder).every(2).keepLast(9), false, 5);
    assertEquals(3, Checkpoints.in(folder).files().size(), "after 2, 4 and 5");
  }

  @Test
  void anotherRunIsRefused() throws IOException {
    run(CheckpointsTest::momentum, Checkpoints.in(folder), false, 1);
    assertRefused(CheckpointsTest::momentum, false, "resume()");
    assertRefused(CheckpointsTest::adam, true, "its optimizer is SGD");
    seed = 10;
    assertRefused(CheckpointsTest::momentum, true, "its seed is 9, now it is 10");
    seed = 9;
    remedies = false;
    assertRefused(CheckpointsTest::momentum, true, "use of ReduceLROnPlateau");
    remedies = true;
    batchSize = 10;
    assertRefused(CheckpointsTest::momentum, true, "4 batches per epoch, now there are 6");
  }

  private void assertRefused(
      Function<ParameterStore, Optimizer> choice, boolean resume, String words) {
    String message =
        assertThrows(GradusException.class, () -> run(choice, Checkpoints.in(folder), resume, 2))
            .getMessage();
    assertTrue(message.contains(words), message);
  }

  @Test
  void aCheckpointFromBeforeThereWereMetricsIsRead() throws IOException {
    run(CheckpointsTest::momentum, Checkpoints.in(folder), false, 2);
    RunState state = CheckpointFile.read(Checkpoints.in(folder).files().get(0)).state();
    assertEquals(List.of("validation_loss", "validation_accuracy"), state.watched());
    ObjectMapper json = new ObjectMapper();
    ObjectNode old = json.valueToTree(state);
    old.remove("watched");
    old.withArray("epochs").forEach(epoch -> ((ObjectNode) epoch).remove("metrics"));
    RunState read = json.treeToValue(old, RunState.class);
    assertNull(read.watched());
    assertEquals(state.epochs(), read.epochs());
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    run(CheckpointsTest::momentum, Checkpoints.in(folder), false, 1);
    Path file = Checkpoints.in(folder).files().get(0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 3] ^= 1;
    Files.write(file, bytes);
    assertRefused(CheckpointsTest::momentum, true, "is damaged: its checksum");
  }

  @Test
  void anotherDataSetIsRefused() {
    run(CheckpointsTest::momentum, Checkpoints.in(folder), false, 1);
    try (DataLoader other =
            DataLoader.of(Stripes.loader(batchSize).build().dataset().filterLabels(l -> l < 2))
                .batchSize(batchSize)
                .shuffle(5)
                .build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer = momentum(model.parameters())) {
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .seed(seed)
              .checkpoints(Checkpoints.in(folder))
              .resume();
      String message =
          assertThrows(GradusException.class, () -> trainer.fit(other, null, 2)).getMessage();
      assertTrue(message.contains("its training set is"), message);
    }
  }

  @Test
  void aCheckpointThatCannotBeWrittenLeavesTheOneBefore() throws IOException {
    run(CheckpointsTest::momentum, Checkpoints.in(folder), false, 1);
    Path first = Checkpoints.in(folder).latest();
    byte[] before = Files.readAllBytes(first);
    CheckpointFile good = CheckpointFile.read(first);
    Path gone = folder.resolve("gone");
    GradusException failed =
        assertThrows(
            GradusException.class, () -> good.write(gone.resolve("checkpoint-00002.safetensors")));
    assertTrue(failed.getMessage().contains("checkpoint-00002"), failed.getMessage());
    assertArrayEquals(before, Files.readAllBytes(first));
  }

  @Test
  void aDamagedNewestOneGivesWayToTheOneBefore() throws IOException {
    Run whole = run(CheckpointsTest::momentum, null, false, 4);
    run(CheckpointsTest::momentum, Checkpoints.in(folder), false, 3);
    Path newest = Checkpoints.in(folder).latest();
    byte[] bytes = Files.readAllBytes(newest);
    Files.write(newest, Arrays.copyOf(bytes, bytes.length / 2));
    Run resumed = run(CheckpointsTest::momentum, Checkpoints.in(folder), true, 4);
    assertSame(whole.weights, resumed.weights, ROUNDING);
    assertEquals(8, resumed.report.steps(), "of the third epoch again, and the fourth");
  }

  @Test
  void numbersBelowOneAreRefused() {
    assertThrows(GradusException.class, () -> Checkpoints.in(folder).keepLast(0));
    assertThrows(GradusException.class, () -> Checkpoints.in(folder).every(0));
  }

  /** Trains in a JVM of its own, to be killed. */
  static final class Victim {
    public static void main(String[] arguments) {
      CheckpointsTest test = new CheckpointsTest();
      test.open();
      test.run(
          CheckpointsTest::momentum, Checkpoints.in(Path.of(arguments[0])).keepLast(2), true, LONG);
      System.exit(0);
    }
  }

  @Test
  void aKillAtAnyMomentLeavesTheLastOneWhole() throws IOException, InterruptedException {
    run(CheckpointsTest::momentum, Checkpoints.in(folder).keepLast(2), false, 1);
    int killed = 0;
    int before = 1;
    for (int round = 0; round < 4; round++) {
      Process victim =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Dgradus.test.backend=" + System.getProperty("gradus.test.backend", "reference"),
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  Victim.class.getName(),
                  folder.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("victim.log").toFile())
              .start();
      // Killed at a moment of its own in each round, once it has gone on by a checkpoint or more.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (victim.isAlive() && epochOfLatest() <= before && System.nanoTime() < deadline) {
        Thread.sleep(1);
      }
      Thread.sleep(7L * round);
      killed += victim.isAlive() ? 1 : 0;
      victim.destroyForcibly().waitFor();
      int epoch = epochOfLatest();
      assertTrue(epoch > before || epoch == LONG, Files.readString(folder.resolve("victim.log")));
      assertEquals(epoch, CheckpointFile.read(Checkpoints.in(folder).latest()).epoch(), "whole");
      before = epoch;
    }
    assertTrue(killed > 0, "at least one was killed while it trained");
    Run resumed = run(CheckpointsTest::momentum, Checkpoints.in(folder).keepLast(2), true, LONG);
    // Rounding grows over many steps.
    assertSame(
        run(CheckpointsTest::momentum, null, false, LONG).weights, resumed.weights, 100 * ROUNDING);
    try (var left = Files.list(folder)) {
      assertEquals(0, left.filter(f -> f.toString().endsWith(".tmp")).count(), "no rests");
    }
  }

  private int epochOfLatest() {
    Path latest = Checkpoints.in(folder).latest();
    return latest == null ? 0 : Integer.parseInt(latest.getFileName().toString().substring(11, 16));
  }
}
