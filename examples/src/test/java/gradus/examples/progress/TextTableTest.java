package gradus.examples.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void columnsAreAsWideAsTheyNeedToBeAndNumbersStandAtTheRight() {
    TextTable table = new TextTable(List.of("run", "accuracy", "status"));
    assertTrue(table.isEmpty());
    table.row(List.of("a", "9.50 %", "finished")).row(List.of("longer", "-", ""));
    String expected =
        """
        run     accuracy  status
        a         9.50 %  finished
        longer         -
        """;
    assertEquals(expected, table.toString());
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    TextTable table = new TextTable(List.of("run", "accuracy"));
    assertThrows(IllegalArgumentException.class, () -> table.row(List.of("a")));
  }
}
