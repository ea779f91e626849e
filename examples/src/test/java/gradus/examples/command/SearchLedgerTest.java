package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.metric.Monitor;
import gradus.metric.ValidationMetric;
import gradus.search.Dimension;
import gradus.search.SearchSpace;
import gradus.search.Trial;
import gradus.search.TrialProgress;
import gradus.search.TrialResult;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchLedgerTest {
  private static final SearchSpace SPACE =
      new SearchSpace(List.of(Dimension.choice("augment", List.of("none", "</script>, \"x\""))));

  @TempDir Path folder;

  private static TrialResult result(int number, double accuracy) {
    Trial trial = SPACE.quasiRandom(1).sample(number, List.of());
    List<EpochReport> epochs =
        Double.isNaN(accuracy)
            ? List.of()
            : List.of(new EpochReport(1, 1, 0.5, 0.25, accuracy, 0.1, 1.5, 100));
    return new TrialResult(
        trial,
        epochs.isEmpty() ? TrialResult.Status.DIVERGED : TrialResult.Status.FINISHED,
        new TrialProgress(epochs, epochs.isEmpty()));
  }

  @Test
  void writesATableAndAPageAfterEachTrial() throws IOException {
    SearchLedger ledger = new SearchLedger(folder, SPACE, 3, Monitor.VALIDATION_LOSS);
    ledger.add(result(2, 0.5));
    assertEquals(2, Files.readAllLines(ledger.csv()).size());
    ledger.add(result(1, Double.NaN));
    ledger.add(result(3, 0.75));
    List<String> rows = Files.readAllLines(ledger.csv());
    assertEquals(
        "trial,status,epochs,best_epoch,validation_accuracy,validation_loss,train_seconds,augment",
        rows.get(0));
    assertTrue(rows.get(1).startsWith("1,diverged,0,,,,0.00,"), rows.get(1));
    assertTrue(rows.get(2).startsWith("2,finished,1,1,0.5,0.25,1.50,"), rows.get(2));
    assertTrue(
        rows.stream().anyMatch(row -> row.endsWith(",\"</script>, \"\"x\"\"\"")), rows::toString);
    String page = Files.readString(folder.resolve("search.html"));
    assertFalse(page.contains("</script>,"), "a value cannot end the script");
    String table = ledger.table().toString();
    assertTrue(table.lines().toList().get(1).contains("75.00 %"), table);
    assertTrue(ledger.line(result(1, Double.NaN)).startsWith("[3/3] trial 1 diverged"), table);
  }

  @Test
  void aMetricThatIsWatchedDecides() throws IOException {
    Monitor macroF1 = Monitor.of(ValidationMetric.MACRO_F1);
    SearchLedger ledger = new SearchLedger(folder, SPACE, 3, macroF1);
    ledger.add(result(1, 0.9, 0.2, 0.3));
    ledger.add(result(2, 0.5, 0.6, 0.4));
    List<String> rows = Files.readAllLines(ledger.csv());
    assertTrue(rows.get(0).contains(",train_seconds,validation_macro_f1,augment"), rows.get(0));
    assertTrue(rows.get(1).startsWith("1,finished,2,2,0.9,0.25,3.00,0.3,"), rows.get(1));
    assertTrue(rows.get(2).startsWith("2,finished,2,1,0.5,0.25,3.00,0.6,"), rows.get(2));
    List<String> table = ledger.table().toString().lines().toList();
    assertTrue(table.get(0).contains("macro f1"), table.get(0));
    assertTrue(table.get(1).contains("60.00 %"), table.get(1));
    String line = ledger.line(result(1, 0.9, 0.2, 0.3));
    assertTrue(line.contains("after 2 epochs, validation macro f1 30.00 %:"), line);
  }

  /** One epoch for each macro F1. */
  private static TrialResult result(int number, double accuracy, double... macroF1) {
    List<EpochReport> epochs = new ArrayList<>();
    for (double value : macroF1) {
      Map<String, Double> metrics = Map.of("macro_f1", value);
      int epoch = epochs.size() + 1;
      epochs.add(new EpochReport(epoch, 1, 0.5, 0.25, accuracy, 0.1, 1.5, 100, metrics));
    }
    return new TrialResult(
        SPACE.quasiRandom(1).sample(number, List.of()),
        TrialResult.Status.FINISHED,
        new TrialProgress(epochs, false));
  }

  @Test
  void aSecondCutLeavesNoLessThanTheFirst() throws IOException {
    SearchLedger first = new SearchLedger(folder, SPACE, 3, Monitor.VALIDATION_LOSS);
    first.add(result(1, 0.5));
    first.add(result(2, 0.5));
    List<String> rows = Files.readAllLines(first.csv());
    SearchLedger second = new SearchLedger(folder, SPACE, 3, Monitor.VALIDATION_LOSS);
    second.add(result(1, 0.5));
    assertEquals(rows, Files.readAllLines(second.csv()));
    second.add(result(2, 0.5));
    second.add(result(3, 0.5));
    assertEquals(4, Files.readAllLines(second.csv()).size());
  }
}
