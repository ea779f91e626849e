package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
  private static final SearchSpace SPACE =
      new SearchSpace(
          List.of(
              Dimension.logUniform("lr", 1e-4, 1),
              Dimension.choice("model", List.of("lenet")),
              Dimension.choice("batch", List.of("32", "64", "128"))));

  @Test
  void aSeedGivesTheSameTrialsAndMoreBeginWithThem() {
    List<Trial> trials = SPACE.trials(10, 7);
    assertEquals(trials, SPACE.trials(20, 7).subList(0, 10));
    assertNotEquals(trials, SPACE.trials(10, 8));
    assertEquals(1, trials.get(0).number());
    assertEquals(List.of("lr", "model", "batch"), List.copyOf(trials.get(0).settings().keySet()));
  }

  @Test
  void fewTrialsLieEvenly() {
    for (long seed = 0; seed < 20; seed++) {
      List<Trial> trials = SPACE.trials(12, seed);
      List<Double> decades =
          new ArrayList<>(
              trials.stream()
                  .map(t -> Math.log10(Double.parseDouble(t.settings().get("lr"))))
                  .sorted()
                  .toList());
      decades.add(0, -4.0);
      decades.add(0.0);
      for (int i = 1; i < decades.size(); i++) {
        // Independent draws leave a gap of more than a decade in two thirds of such searches.
        double gap = decades.get(i) - decades.get(i - 1);
        assertTrue(gap < 1, () -> decades.toString());
      }
      Map<String, Long> batches =
          trials.stream()
              .collect(
                  Collectors.groupingBy(t -> t.settings().get("batch"), Collectors.counting()));
      assertEquals(3, batches.size());
      assertTrue(batches.values().stream().allMatch(count -> count >= 3), batches::toString);
    }
  }

  @Test
  void dimensionsHaveNamesOfTheirOwn() {
    Dimension rate = Dimension.logUniform("lr", 1e-4, 1);
    assertThrows(GradusException.class, () -> new SearchSpace(List.of(rate, rate)));
  }
}
