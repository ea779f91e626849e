package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class RocAucTest {
  private static final double EXACT = 1e-14;

  @Test
  void tiedScoresCountHalf() {
    assertEquals(12.5 / 16, RocAuc.binary(Fixture.scores(), Fixture.truth()), EXACT);
    assertEquals(12.5 / 16, RocAuc.of(Fixture.twoClasses(), 1), EXACT);
    assertEquals(12.5 / 16, RocAuc.of(Fixture.twoClasses(), 0), EXACT, "the mirror image");
    assertEquals(0.5, RocAuc.binary(new double[] {3, 3, 3}, new boolean[] {true, false, false}));
  }

  @Test
  void severalClasses() {
    Predictions predictions = Fixture.threeClasses();
    assertEquals(5 / 6.0, RocAuc.of(predictions, 0), EXACT);
    assertEquals(13 / 16.0, RocAuc.of(predictions, 1), EXACT);
    assertEquals(4 / 5.0, RocAuc.of(predictions, 2), EXACT);
    assertEquals(587 / 720.0, RocAuc.macro(predictions), EXACT);
    assertEquals(591 / 720.0, RocAuc.weighted(predictions), EXACT);
    assertEquals(19 / 24.0, RocAuc.oneVsOne(predictions), EXACT);
  }

  @Test
  void whatIsUndefinedIsRefused() {
    Predictions none = new Predictions(3);
    String empty = assertThrows(GradusException.class, () -> RocAuc.macro(none)).getMessage();
    assertTrue(empty.contains("before any example"), empty);
    assertThrows(GradusException.class, () -> RocAuc.weighted(none));
    assertThrows(GradusException.class, () -> RocAuc.oneVsOne(none));
    Predictions absent = new Predictions(3);
    absent.add(0, 0.5, 0.25, 0.25);
    absent.add(1, 0.5, 0.25, 0.25);
    String message = assertThrows(GradusException.class, () -> RocAuc.macro(absent)).getMessage();
    assertTrue(message.contains("class 2"), message);
    assertThrows(GradusException.class, () -> RocAuc.oneVsOne(absent));
    boolean[] allTrue = {true, true};
    assertThrows(GradusException.class, () -> RocAuc.binary(new double[] {1, 2}, allTrue));
    assertThrows(GradusException.class, () -> RocAuc.binary(new double[] {1}, allTrue));
    double[] broken = {1, Double.NaN};
    assertThrows(GradusException.class, () -> RocAuc.binary(broken, new boolean[] {true, false}));
  }
}
