package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.metric.Monitor;
import gradus.metric.ValidationMetric;
import gradus.train.EpochReport;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Searches by a metric, which here is the best where the accuracy is the worst. */
class RankingTest {
  private static final Comparator<EpochReport> BY_F1 =
      EpochReport.ranking(Monitor.of(ValidationMetric.MACRO_F1));

  private static List<TrialResult> search(
      SearchStrategy strategy, Comparator<EpochReport> ranking) {
    return strategy.search(
        new SearchPlan(FakeTraining.NUMBERS, 9, 9, 1, ranking),
        new FakeTraining((trial, epoch) -> 0.05 * trial.number()),
        result -> {});
  }

  static Stream<SearchStrategy> strategies() {
    return Stream.of(
        new SuccessiveHalving(3), new Hyperband(3), new FullSearch(new MedianPruner(1, 2)));
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void theBestByTheMetricGetToTheEnd(SearchStrategy strategy) {
    List<TrialResult> results = search(strategy, BY_F1);
    TrialResult best = results.stream().max(TrialResult.by(BY_F1)).orElseThrow();
    assertEquals(1, best.trial().number());
    assertEquals(TrialResult.Status.FINISHED, best.status());
    assertEquals(TrialResult.Status.PRUNED, ninth(results));
    results = search(strategy, EpochReport.BY_VALIDATION);
    assertEquals(TrialResult.Status.FINISHED, ninth(results));
  }

  private static TrialResult.Status ninth(List<TrialResult> results) {
    return results.stream()
        .filter(result -> result.trial().number() == 9)
        .findFirst()
        .orElseThrow()
        .status();
  }

  @Test
  void theParzenEstimatorLearnsWhatTheMetricLikes() {
    SearchSpace space = new SearchSpace(List.of(Dimension.parse("lr", "0.0001..1")));
    FakeTraining training =
        new FakeTraining(
            (trial, epoch) -> 1 + Math.log10(Double.parseDouble(trial.settings().get("lr"))) / 4);
    double byAccuracy = last(space, training, EpochReport.BY_VALIDATION);
    double byF1 = last(space, training, BY_F1);
    assertTrue(byAccuracy > 0.1, () -> "tried last " + byAccuracy);
    assertTrue(byF1 < 1e-3, () -> "tried last " + byF1);
  }

  private static double last(
      SearchSpace space, FakeTraining training, Comparator<EpochReport> ranking) {
    TrialSampler sampler = new TPESampler(space, 1, 5, ranking);
    List<TrialResult> results =
        new FullSearch().search(new SearchPlan(sampler, 30, 1, 1, ranking), training, result -> {});
    return Double.parseDouble(results.get(29).trial().settings().get("lr"));
  }

  @Test
  void lossAndAccuracyDecideTogether() {
    Comparator<EpochReport> ranking = EpochReport.ranking(Monitor.VALIDATION_LOSS);
    assertEquals(EpochReport.BY_VALIDATION, ranking);
    assertEquals(ranking, EpochReport.ranking(Monitor.VALIDATION_ACCURACY));
    assertFalse(ranking.equals(BY_F1));
  }
}
