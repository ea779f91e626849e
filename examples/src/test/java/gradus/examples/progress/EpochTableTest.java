package gradus.examples.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.train.EpochReport;
import java.util.List;
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
  void aRunThatWasStoppedInItsFirstEpochHasNoHeadingEither() {
    assertEquals("", EpochTable.of(List.of()));
  }
}
