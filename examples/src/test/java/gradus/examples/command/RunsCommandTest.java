package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.data.DataSplits;
import gradus.data.Shapes;
import gradus.examples.TestBackend;
import gradus.examples.net.Networks;
import gradus.layer.Model;
import gradus.layer.Summary;
import gradus.report.RecordedRun;
import gradus.report.RunOutcome;
import gradus.report.RunRecord;
import gradus.tensor.Shape;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsCommandTest {
  @TempDir Path scratch;

  private void run(String name, String started, RunOutcome outcome) throws IOException {
    Path folder = Files.createDirectories(scratch.resolve(name));
    new RunRecord(
            List.of("train"),
            List.of(),
            Map.of("model", "lenet", "data", "builtin", "epochs", 3),
            1,
            "reference",
            summary(),
            Map.of(),
            new DataSplits(Shapes.of(20, 1), Shapes.of(10, 2), Shapes.of(10, 3)),
            outcome,
            Instant.parse(started),
            75)
        .write(folder.resolve(RecordedRun.RECORD));
  }

  private static Summary summary() {
    try (Backend backend = TestBackend.open();
        Model lenet = Model.build(backend, Networks.LENET.create(3), Shape.of(1, 28, 28), 1)) {
      return lenet.summary();
    }
  }

  private static RunOutcome ended(StopReason reason, Evaluation test) {
    List<EpochReport> epochs =
        List.of(
            new EpochReport(1, 2, 0.25, 1.5, 0.75, 0.1, 2, 100),
            new EpochReport(2, 1, 0.5, 1.75, 0.5, 0.1, 2, 100));
    return RunOutcome.of(new TrainingReport(epochs, reason, 8, 4, 100), test, "abc");
  }

  @Test
  void listsRunsNewestFirstAndSaysWhatIsWrongWithOthers() throws IOException {
    run("old", "2026-01-01T00:00:00Z", ended(StopReason.COMPLETED, new Evaluation(10, 1, 0.625)));
    run("new", "2026-01-03T00:00:00Z", ended(StopReason.REQUESTED, Evaluation.NONE));
    run("bad", "2026-01-02T00:00:00Z", RunOutcome.failed("no room"));
    Files.createDirectory(scratch.resolve("empty"));
    Files.createDirectory(scratch.resolve("torn"));
    Files.writeString(scratch.resolve("torn/run.json"), "{\"started\": \"20");
    List<String> lines =
        Outcome.of("runs", "--dir", scratch.toString()).succeeded().out().lines().toList();
    assertEquals(6, lines.size(), lines.toString());
    assertTrue(lines.get(0).startsWith("run "), lines.get(0));
    assertTrue(
        lines.get(1).matches("new +2026-01-\\d+ \\d+:\\d+ +interrupted +lenet +builtin +2/3 .*"));
    assertTrue(lines.get(1).matches(".* 75.00 % +- +0:01:15"), lines.get(1));
    assertTrue(lines.get(2).matches("bad +.* failed +lenet +builtin +0/3 +- +- +.*"), lines.get(2));
    assertTrue(lines.get(3).matches("old +.* finished .* 75.00 % +62.50 % .*"), lines.get(3));
    assertTrue(lines.get(4).contains("empty has no run.json"), lines.get(4));
    assertTrue(lines.get(5).contains("run.json is damaged"), lines.get(5));
  }

  @Test
  void aFolderWithoutRunsIsNoError() {
    String text = Outcome.of("runs", "--dir", scratch.toString()).succeeded().out();
    assertTrue(text.startsWith("There is no run in " + scratch), text);
    Outcome.of("runs", "--dir", scratch.resolve("none").toString()).failed(1, "no such folder");
  }
}
