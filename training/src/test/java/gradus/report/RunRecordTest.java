package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.DataSplits;
import gradus.data.Shapes;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.layer.Summary;
import gradus.tensor.Shape;
import gradus.train.BestWeights;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordTest {
  @TempDir Path folder;

  private static Summary summary() {
    try (Backend backend = Backends.named("reference");
        Model model =
            Model.build(
                backend, new Sequential(new Conv2d(4, 3), new Linear(10)), Shape.of(3, 8, 8), 1)) {
      return model.summary();
    }
  }

  @Test
  void holdsWhatARunIsRepeatedFrom() throws IOException {
    DataSplits data = new DataSplits(Shapes.of(20, 1), Shapes.of(10, 2), Shapes.of(30, 3));
    EpochReport epoch = new EpochReport(1, 2.5, 0.25, Double.NaN, Double.NaN, 0.05, 3, 1000);
    TrainingReport training =
        new TrainingReport(List.of(epoch), StopReason.COMPLETED, 7, 3.5, 1000);
    Path file = folder.resolve("run.json");
    new RunRecord(
            List.of("train", "--seed", "11"),
            List.of(),
            Map.of("model", "lenet", "batch", 64, "learning_rate", 0.05),
            11,
            "reference: one thread",
            summary(),
            Map.of("java", "17"),
            data,
            RunOutcome.of(training, new Evaluation(30, 0.5, 0.9), "abc")
                .withBest(new BestWeights.Kept(Path.of("runs", "a", "best.safetensors"), 1))
                .withFindings(List.of(MadeUpFindings.CAUSE)),
            Instant.parse("2026-01-02T03:04:05Z"),
            4.25)
        .write(file);
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertEquals("2026-01-02T03:04:05Z", json.get("started").asText());
    assertEquals("finished", json.get("status").asText());
    assertEquals("--seed", json.at("/arguments/1").asText());
    assertEquals(Path.of("").toAbsolutePath().toString(), json.get("directory").asText());
    assertEquals("abc", json.get("weights_sha256").asText());
    assertEquals(1, json.at("/best_epoch/epoch").asInt());
    assertEquals("best.safetensors", json.at("/best_weights/file").asText());
    assertEquals(1, json.at("/best_weights/epoch").asInt());
    assertEquals(64, json.at("/configuration/batch").asInt());
    assertEquals("lenet", json.at("/configuration/model").asText());
    assertEquals(11, json.get("seed").asLong());
    assertEquals("reference: one thread", json.get("backend").asText());
    assertEquals("17", json.at("/versions/java").asText());
    assertEquals(3, json.at("/model/input/0").asInt());
    assertEquals(3 * 9 * 4 + 4 + 4 * 36 * 10 + 10, json.at("/model/parameters").asInt());
    assertEquals("Conv2d", json.at("/model/layers/0/kind").asText());
    assertEquals(36 * 4 * 27, json.at("/model/layers/0/multiply_adds").asInt());
    assertEquals(6, json.at("/model/layers/0/output/2").asInt());
    assertEquals(20, json.at("/data/train/images").asInt());
    assertEquals(data.test().contentHash(), json.at("/data/test/sha256").asText());
    assertEquals(64, json.at("/data/validation/sha256").asText().length());
    assertEquals(10, json.at("/data/classes").size());
    assertEquals(data.train().classNames().get(9), json.at("/data/classes/9").asText());
    assertEquals(3, json.at("/data/test/class_counts/striped ring").asInt());
    assertEquals("shapes-3", json.at("/data/test/split").asText());
    assertEquals(2.5, json.at("/epochs/0/train_loss").asDouble());
    assertEquals(0.25, json.at("/epochs/0/train_accuracy").asDouble());
    assertTrue(json.at("/epochs/0/validation_loss").isNull());
    assertTrue(json.at("/epochs/0/validation_accuracy").isNull());
    assertEquals(0.05, json.at("/epochs/0/learning_rate").asDouble());
    assertEquals(3, json.at("/epochs/0/seconds").asDouble());
    assertEquals("all epochs done", json.get("stop_reason").asText());
    assertEquals(0.9, json.get("test_accuracy").asDouble());
    assertEquals(1000, json.get("train_images_per_second").asDouble());
    assertEquals(4.25, json.get("wall_seconds").asDouble());
    assertEquals("LR_TOO_HIGH", json.at("/findings/0/diagnosis").asText());
  }

  @Test
  void saysHowThePartsWereChosen() throws IOException {
    Shapes all = Shapes.of(40, 1);
    DataSplits data = DataSplits.of(all, all.take(12), 0.25, 7);
    Path file = folder.resolve("run.json");
    new RunRecord(
            List.of("train", "--seed", "11"),
            List.of(),
            Map.of(),
            1,
            "",
            summary(),
            Map.of(),
            data,
            RunOutcome.of(
                new TrainingReport(List.of(), StopReason.COMPLETED, 7, 3.5, 1000),
                Evaluation.NONE,
                null),
            Instant.EPOCH,
            1)
        .write(file);
    JsonNode json = new ObjectMapper().readTree(file.toFile()).get("data");
    assertEquals(
        "all but a stratified 0.25, seed 7, of shapes-1", json.at("/train/split").asText());
    assertEquals("a stratified 0.25, seed 7, of shapes-1", json.at("/validation/split").asText());
    assertEquals("12 of the 40 samples of shapes-1", json.at("/test/split").asText());
    assertEquals(3, json.at("/train/class_counts/solid disc").asInt());
    assertEquals(1, json.at("/validation/class_counts/solid disc").asInt());
    assertEquals(1, json.at("/test/class_counts/solid ring").asInt());
  }

  @Test
  void aStopOnRequestDoesNotWaitForHashes() throws IOException {
    DataSplits data = new DataSplits(Shapes.of(20, 1), Shapes.of(10, 2), Shapes.of(30, 3));
    Path file = folder.resolve("run.json");
    new RunRecord(
            List.of("train", "--seed", "11"),
            List.of(),
            Map.of(),
            1,
            "",
            summary(),
            Map.of(),
            data,
            RunOutcome.of(
                new TrainingReport(List.of(), StopReason.REQUESTED, 7, 3.5, 1000),
                Evaluation.NONE,
                null),
            Instant.EPOCH,
            1)
        .write(file);
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertTrue(json.at("/data/train/sha256").isNull());
    assertEquals(10, json.at("/data/classes").size());
    assertEquals(2, json.at("/data/train/class_counts/solid disc").asInt());
    assertTrue(json.get("test_accuracy").isNull());
    assertEquals("stopped on request", json.get("stop_reason").asText());
    assertTrue(json.get("findings").isNull(), "nobody watched");
  }
}
