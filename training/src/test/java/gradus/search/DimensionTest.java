package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DimensionTest {
  @Test
  void aRangeIsEvenByItsLogarithm() {
    Dimension rate = Dimension.parse("--lr", "1e-4..1");
    assertTrue(rate.isRange());
    assertFalse(rate.isFixed());
    assertEquals("0.0001000", rate.at(0));
    assertEquals(0.01, Double.parseDouble(rate.at(0.5)));
    assertEquals(0.1, Double.parseDouble(rate.at(0.75)));
  }

  @Test
  void aListIsChosenFromEvenly() {
    Dimension batch = Dimension.parse("--batch", "32, 64,128");
    assertFalse(batch.isRange());
    assertEquals("32", batch.at(0));
    assertEquals("32", batch.at(0.333));
    assertEquals("64", batch.at(0.334));
    assertEquals("128", batch.at(0.999));
    assertTrue(Dimension.parse("--batch", "64").isFixed());
  }

  @ParameterizedTest
  @CsvSource({
    "0..1, begins above 0",
    "0.1..0.01, from 0.1 to 0.01",
    "1..NaN, from 1.0 to NaN",
    "a..b, is no range",
    "'64,64', values that differ"
  })
  void whatIsNeitherIsRefused(String text, String part) {
    GradusException e = assertThrows(GradusException.class, () -> Dimension.parse("--lr", text));
    assertTrue(e.getMessage().startsWith("--lr: ") && e.getMessage().contains(part), e::getMessage);
  }

  @Test
  void aValueHasItsPlace() {
    Dimension rate = Dimension.logUniform("lr", 1e-4, 1);
    assertEquals(0.5, rate.placeOf("0.01"), 1e-12);
    assertEquals("0.01000", rate.at(rate.placeOf("0.01")));
    Dimension batch = Dimension.choice("batch", List.of("32", "64", "128"));
    assertEquals("64", batch.at(batch.placeOf("64")));
    assertEquals(List.of(3, 0), List.of(batch.choices(), rate.choices()));
  }
}
