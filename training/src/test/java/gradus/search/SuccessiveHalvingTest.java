package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuccessiveHalvingTest {
  @Test
  void theBestGetMore() {
    FakeTraining training =
        new FakeTraining((trial, epoch) -> 1.0 / (2 + Math.abs(trial.number() - 4)) + epoch * 0.01);
    List<TrialResult> heard = new ArrayList<>();
    List<TrialResult> results =
        new SuccessiveHalving(3).search(FakeTraining.plan(9, 9), training, heard::add);
    assertEquals(heard, results);
    assertEquals(9, results.size());
    assertEquals(9 + 3 * 2 + 2 * 6, training.epochsTrained(), "9 have 1, 3 two more, 2 six more");
    TrialResult best = results.stream().max(TrialResult.BY_VALIDATION).orElseThrow();
    assertEquals(4, best.trial().number());
    assertEquals(TrialResult.Status.FINISHED, best.status());
    assertEquals(9, best.progress().epochs().size());
    assertEquals(7, results.stream().filter(r -> r.status() == TrialResult.Status.PRUNED).count());
  }

  @Test
  void whatDivergedIsOutAtOnce() {
    FakeTraining training =
        new FakeTraining((trial, epoch) -> trial.number() == 1 ? 0.5 : Double.NaN);
    List<TrialResult> results =
        new SuccessiveHalving(2).search(FakeTraining.plan(4, 4), training, result -> {});
    assertEquals(4, training.epochsTrained());
    assertEquals(
        3, results.stream().filter(r -> r.status() == TrialResult.Status.DIVERGED).count());
    FakeTraining none = new FakeTraining((trial, epoch) -> Double.NaN);
    results = new SuccessiveHalving(2).search(FakeTraining.plan(4, 4), none, result -> {});
    assertTrue(results.stream().allMatch(r -> r.status() == TrialResult.Status.DIVERGED));
    assertEquals(4, results.size());
  }

  @Test
  void whatRunsInParallelComesToTheSame() {
    List<TrialResult> alone = halve(1);
    assertEquals(alone, halve(3));
    assertEquals(27, alone.size());
    assertEquals(25, alone.stream().max(TrialResult.BY_VALIDATION).orElseThrow().trial().number());
  }

  private static List<TrialResult> halve(int parallel) {
    FakeTraining training =
        new FakeTraining(
            (trial, epoch) -> 1.0 / (2 + Math.abs(trial.number() - 25)) + epoch * 0.01);
    return new SuccessiveHalving(3)
        .search(new SearchPlan(FakeTraining.NUMBERS, 27, 9, parallel), training, result -> {});
  }

  @Test
  void rungsFitTrialsAndEpochs() {
    SuccessiveHalving halving = new SuccessiveHalving(3);
    assertEquals(List.of(1, 3, 9), halving.rungs(9, 9));
    assertEquals(List.of(1, 3, 10), halving.rungs(30, 10));
    assertEquals(List.of(9, 27), halving.rungs(4, 27), "four trials are thinned out once");
    assertEquals(List.of(2), halving.rungs(9, 2));
    assertEquals(List.of(3, 9), new SuccessiveHalving(3, 2).rungs(9, 9));
    assertThrows(GradusException.class, () -> new SuccessiveHalving(1));
    assertThrows(GradusException.class, () -> new SuccessiveHalving(3, 0));
  }
}
