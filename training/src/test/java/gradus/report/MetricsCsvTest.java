package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsCsvTest {
  @TempDir Path folder;

  @Test
  void growsByALineAnEpoch() throws IOException {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv csv = new MetricsCsv(file);
    csv.onEpoch(new EpochReport(1, 1.5, 0.5, Double.NaN, Double.NaN, 0.01, 2, 4000));
    assertEquals(2, Files.readAllLines(file).size());
    csv.onEpoch(new EpochReport(2, 0.25, 0.875, 0.5, 0.75, 0.005, 2.5, 3200));
    assertEquals(
        List.of(
            "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,learning_rate,"
                + "seconds,images_per_second",
            "1,1.5,0.5,,,0.01,2.0,4000.0",
            "2,0.25,0.875,0.5,0.75,0.005,2.5,3200.0"),
        Files.readAllLines(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void isReadBack() {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv csv = new MetricsCsv(file);
    List<EpochReport> epochs =
        List.of(
            new EpochReport(1, 1.5, 0.5, Double.NaN, Double.NaN, 0.5, 2, 4000),
            new EpochReport(2, 0.25, 0.875, 0.5, 0.75, 0.25, 2.5, 3200));
    epochs.forEach(csv::onEpoch);
    assertEquals(epochs, MetricsCsv.read(file));
    Path none = folder.resolve("none.csv");
    GradusException e = assertThrows(GradusException.class, () -> MetricsCsv.read(none));
    assertTrue(e.getMessage().contains("none.csv"), e.getMessage());
  }

  @Test
  void aResumedRunKeepsTheEpochsBefore() throws IOException {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv csv = new MetricsCsv(file);
    csv.onResume(List.of(new EpochReport(1, 1.5, 0.5, 1, 0.25, 0.01, 2, 4000)));
    csv.onEpoch(new EpochReport(2, 0.25, 0.875, 0.5, 0.75, 0.005, 2.5, 3200));
    List<String> lines = Files.readAllLines(file);
    assertEquals(3, lines.size());
    assertTrue(lines.get(1).startsWith("1,1.5,"), lines.get(1));
    assertTrue(lines.get(2).startsWith("2,0.25,"), lines.get(2));
  }

  /** The epochs before were of a run that did not measure it. */
  @Test
  void metricsHaveColumnsAtTheEnd() throws IOException {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv csv = new MetricsCsv(file);
    csv.onResume(List.of(new EpochReport(1, 1.5, 0.5, 1, 0.25, 0.5, 2, 4000)));
    EpochReport measured =
        new EpochReport(2, 0.25, 0.875, 0.5, 0.75, 0.25, 2.5, 3200, Map.of("macro_f1", 0.625));
    csv.onEpoch(measured);
    assertEquals(
        List.of(
            "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,learning_rate,"
                + "seconds,images_per_second,validation_macro_f1",
            "1,1.5,0.5,1.0,0.25,0.5,2.0,4000.0,",
            "2,0.25,0.875,0.5,0.75,0.25,2.5,3200.0,0.625"),
        Files.readAllLines(file));
    List<EpochReport> read = MetricsCsv.read(file);
    assertEquals(measured, read.get(1));
    assertEquals(Map.of("macro_f1", Double.NaN), read.get(0).metrics());
  }

  @Test
  void aFolderThatIsGoneIsNamed() {
    MetricsCsv csv = new MetricsCsv(folder.resolve("gone/metrics.csv"));
    GradusException failed =
        assertThrows(
            GradusException.class, () -> csv.onEpoch(new EpochReport(1, 1, 1, 1, 1, 1, 1, 1)));
    assertTrue(failed.getMessage().contains("gone/metrics.csv"), failed.getMessage());
  }
}
