package gradus.examples.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.train.EpochReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EpochTableTest {
  @Test
  void everyEpochHasALineBelowTheHeading() {
    EpochReport epoch = new EpochReport(1, 0.5, 0.75, 0.25, 0.875, 0.01, 2, 1234);
    String table = EpochTable.of(List.of(epoch));
    assertEquals(2, table.lines().count(), table);
    assertTrue(table.contains("75.00 %") && table.contains("1,234"), table);
  }

  @Test
  void aMetricHasAColumn() {
    EpochReport before = new EpochReport(1, 0.5, 0.75, 0.25, 0.875, 0.01, 2, 1234);
    EpochReport measured =
        new EpochReport(2, 0.5, 0.75, 0.25, 0.875, 0.01, 2, 1234, Map.of("macro_f1", 0.625));
    List<String> lines = EpochTable.of(List.of(before, measured)).lines().toList();
    assertTrue(lines.get(0).contains("val. macro f1  "), lines.get(0));
    assertTrue(lines.get(1).contains("        NaN  "), lines.get(1));
    assertTrue(lines.get(2).contains("       0.6250  "), lines.get(2));
    assertEquals(lines.get(0).length(), lines.get(2).length());
  }

  @Test
  void aRunThatWasStoppedInItsFirstEpochHasNoHeadingEither() {
    assertEquals("", EpochTable.of(List.of()));
  }
}
