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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
  private static final SearchSpace SPACE =
      new SearchSpace(
          List.of(
              Dimension.logUniform("lr", 1e-4, 1),
              Dimension.choice("model", List.of("lenet")),
              Dimension.choice("batch", List.of("32", "64", "128"))));

  private static List<Trial> trials(int count, long seed) {
    return trials(SPACE.quasiRandom(seed), count);
  }

  private static List<Trial> trials(TrialSampler sampler, int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(number -> sampler.sample(number, List.of()))
        .toList();
  }

  @Test
  void aSeedGivesTheSameTrialsAndMoreBeginWithThem() {
    List<Trial> trials = trials(10, 7);
    assertEquals(trials, trials(20, 7).subList(0, 10));
    assertNotEquals(trials, trials(10, 8));
    assertEquals(1, trials.get(0).number());
    assertEquals(List.of("lr", "model", "batch"), List.copyOf(trials.get(0).settings().keySet()));
  }

  @Test
  void fewTrialsLieEvenly() {
    for (long seed = 0; seed < 20; seed++) {
      List<Trial> trials = trials(12, seed);
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
  void ofAKnownNumberTheFirstDimensionIsAGrid() {
    List<Trial> trials = trials(SPACE.even(12, 5), 12);
    for (int i = 1; i < trials.size(); i++) {
      double before = Double.parseDouble(trials.get(i - 1).settings().get("lr"));
      double ratio = Double.parseDouble(trials.get(i).settings().get("lr")) / before;
      assertEquals(Math.pow(1e4, 1.0 / 12), ratio, 0.002, "a twelfth of four decades");
    }
    assertTrue(
        trials.stream().map(t -> t.settings().get("batch")).distinct().count() == 3, "and no row");
    assertNotEquals(trials, trials(SPACE.even(12, 6), 12));
  }

  @Test
  void dimensionsHaveNamesOfTheirOwn() {
    Dimension rate = Dimension.logUniform("lr", 1e-4, 1);
    assertThrows(GradusException.class, () -> new SearchSpace(List.of(rate, rate)));
  }
}
