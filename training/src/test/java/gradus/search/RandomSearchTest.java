package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomSearchTest {
  /** Trials get better with their number but for the third, which diverges, and the last. */
  private static FakeTraining training() {
    return new FakeTraining(
        (trial, epoch) ->
            trial.number() == 3 && epoch == 2
                ? Double.NaN
                : trial.number() == 6 ? 0.01 : 0.1 * trial.number() + 0.01 * epoch);
  }

  private static List<TrialResult.Status> statuses(List<TrialResult> results) {
    return results.stream().map(TrialResult::status).toList();
  }

  @Test
  void prunesAndSaysWhatDiverged() {
    FakeTraining training = training();
    List<TrialResult> heard = new ArrayList<>();
    List<TrialResult> results =
        new RandomSearch(new MedianPruner(1, 4))
            .search(FakeTraining.trials(6), 4, training, heard::add);
    assertEquals(heard, results);
    assertEquals(
        List.of(
            TrialResult.Status.FINISHED,
            TrialResult.Status.FINISHED,
            TrialResult.Status.DIVERGED,
            TrialResult.Status.FINISHED,
            TrialResult.Status.FINISHED,
            TrialResult.Status.PRUNED),
        statuses(results));
    assertEquals(4 * 4 + 1 + 1, training.epochsTrained());
    assertEquals(training.epochsTrained(), TrialResult.epochs(results));
    TrialResult best = results.stream().max(TrialResult.BY_VALIDATION).orElseThrow();
    assertEquals(5, best.trial().number());
    assertEquals(4, best.progress().best().orElseThrow().epoch());
  }

  @Test
  void withoutAPrunerAllAreTrained() {
    FakeTraining training = training();
    new RandomSearch().search(FakeTraining.trials(6), 4, training, result -> {});
    assertEquals(5 * 4 + 1, training.epochsTrained());
  }
}
