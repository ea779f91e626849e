package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TPESamplerTest {
  private static final SearchSpace SPACE =
      new SearchSpace(
          List.of(
              Dimension.logUniform("lr", 1e-4, 1),
              Dimension.logUniform("weight-decay", 1e-6, 1e-1),
              Dimension.choice("optimizer", List.of("sgd", "adam", "lion", "lars")),
              Dimension.choice("model", List.of("lenet"))));

  /** At most 1, at a learning rate of 0.03, a decay of 0.0005 and with adam. */
  private static double accuracy(Trial trial) {
    Map<String, String> settings = trial.settings();
    double rate = Math.log10(Double.parseDouble(settings.get("lr")) / 0.03);
    double decay = Math.log10(Double.parseDouble(settings.get("weight-decay")) / 0.0005);
    double other = settings.get("optimizer").equals("adam") ? 0 : 0.1;
    return 1 - 0.1 * rate * rate - 0.05 * decay * decay - other;
  }

  private static List<TrialResult> search(TrialSampler sampler, int trials, int parallel) {
    return new FullSearch()
        .search(
            new SearchPlan(sampler, trials, 1, parallel),
            new FakeTraining((trial, epoch) -> accuracy(trial)),
            result -> {});
  }

  private static double lost(TrialSampler sampler, int trials) {
    return search(sampler, trials, 1).stream()
        .mapToDouble(result -> 1 - accuracy(result.trial()))
        .min()
        .orElseThrow();
  }

  private static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    return sorted[sorted.length / 2];
  }

  @Test
  void findsBetterSettingsThanRandomSearch() {
    double random =
        median(LongStream.range(0, 41).mapToDouble(seed -> lost(SPACE.quasiRandom(seed), 40)));
    double tpe =
        median(LongStream.range(0, 41).mapToDouble(s -> lost(new TPESampler(SPACE, s, 10), 40)));
    assertTrue(tpe < random / 2, () -> "tpe loses " + tpe + ", random " + random);
  }

  @Test
  void beginsAsRandomSearchAndRepeatsItself() {
    TPESampler sampler = new TPESampler(SPACE, 7, 5);
    List<TrialResult> results = search(sampler, 20, 1);
    assertEquals(results, search(sampler, 20, 1));
    assertEquals(search(SPACE.quasiRandom(7), 5, 1), results.subList(0, 5));
    assertTrue(!search(new TPESampler(SPACE, 8, 5), 20, 1).equals(results), "another seed");
    List<TrialResult> three = search(sampler, 20, 3);
    assertEquals(three, search(sampler, 20, 3), "side by side too");
  }

  @Test
  void trialsStayWithinTheSpace() {
    for (TrialResult result : search(new TPESampler(SPACE, 3, 10), 60, 1)) {
      Map<String, String> settings = result.trial().settings();
      double rate = Double.parseDouble(settings.get("lr"));
      assertTrue(rate >= 1e-4 && rate <= 1, settings::toString);
      assertEquals("lenet", settings.get("model"));
    }
  }

  @Test
  void trialsThatDivergedAreWorst() {
    TrialSampler sampler = new TPESampler(SPACE, 1, 10);
    FakeTraining training =
        new FakeTraining(
            (trial, epoch) ->
                Double.parseDouble(trial.settings().get("lr")) > 0.01 ? Double.NaN : 0.5);
    List<TrialResult> results =
        new FullSearch().search(new SearchPlan(sampler, 40, 1), training, result -> {});
    long late =
        results.subList(20, 40).stream()
            .filter(result -> result.status() == TrialResult.Status.DIVERGED)
            .count();
    assertTrue(late <= 6, () -> late + " of 20, where random search has half");
  }

  @Test
  void needsTwoTrials() {
    assertThrows(GradusException.class, () -> new TPESampler(SPACE, 1, 1));
  }
}
