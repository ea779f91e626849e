package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FullSearchTest {
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
        new FullSearch(new MedianPruner(1, 4))
            .search(FakeTraining.plan(6, 4), training, heard::add);
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
    assertEquals(4, best.progress().best(EpochReport.BY_VALIDATION).orElseThrow().epoch());
  }

  @Test
  void withoutAPrunerAllAreTrained() {
    FakeTraining training = training();
    new FullSearch().search(FakeTraining.plan(6, 4), training, result -> {});
    assertEquals(5 * 4 + 1, training.epochsTrained());
  }

  /** Late trials are worse, and each takes its time, so that those beside it could be looked at. */
  private static FakeTraining slowTraining() {
    return new FakeTraining(
        (trial, epoch) -> {
          LockSupport.parkNanos(200_000L * (trial.number() * 7 % 5));
          return trial.number() == 4 && epoch == 2
              ? Double.NaN
              : Math.sin(trial.number() * 1.7) * 0.3 + 0.5 + 0.01 * epoch;
        });
  }

  @Test
  void whatRunsInParallelComesToTheSame() {
    FullSearch search = new FullSearch(new MedianPruner(1, 4));
    List<TrialResult> alone =
        search.search(new SearchPlan(FakeTraining.NUMBERS, 30, 6, 1), slowTraining(), result -> {});
    assertTrue(statuses(alone).contains(TrialResult.Status.PRUNED));
    for (int parallel : new int[] {2, 5}) {
      FakeTraining training = slowTraining();
      SearchPlan plan = new SearchPlan(FakeTraining.NUMBERS, 30, 6, parallel);
      assertEquals(alone, search.search(plan, training, result -> {}));
      assertEquals(parallel, training.mostRunning());
    }
  }

  @Test
  void aSamplerHearsOfAllButThoseThatMayStillRun() {
    List<String> heard = new ArrayList<>();
    TrialSampler sampler =
        (number, results) -> {
          heard.add(number + " after " + results.size());
          return FakeTraining.NUMBERS.sample(number, results);
        };
    new FullSearch().search(new SearchPlan(sampler, 5, 2, 2), slowTraining(), result -> {});
    assertEquals(List.of("1 after 0", "2 after 0", "3 after 1", "4 after 2", "5 after 3"), heard);
  }

  @Test
  @Timeout(60)
  void aTrialThatFailsEndsTheSearch() {
    FakeTraining training =
        new FakeTraining(
            (trial, epoch) -> {
              if (trial.number() == 2 && epoch == 2) {
                throw new GradusException("the disk is full");
              }
              return 0.5;
            });
    SearchPlan plan = new SearchPlan(FakeTraining.NUMBERS, 1000, 3, 3);
    FullSearch search = new FullSearch(new MedianPruner(1, 1));
    GradusException failure =
        assertThrows(GradusException.class, () -> search.search(plan, training, result -> {}));
    assertEquals("the disk is full", failure.getMessage());
    assertTrue(training.epochsTrained() < 20, "no more are begun");
  }
}
