package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HyperbandTest {
  @Test
  void roundsAreThoseOfThePaper() {
    Hyperband hyperband = new Hyperband(3);
    assertEquals(9 + 5 + 3, hyperband.trialsOfRound(9));
    assertEquals(81 + 34 + 15 + 8 + 5, hyperband.trialsOfRound(81));
    assertEquals(1, hyperband.trialsOfRound(2), "two epochs cannot be divided by three");
    assertThrows(GradusException.class, () -> new Hyperband(1));
  }

  @Test
  void eachBeginningHasMoreEpochsThanTheOneBefore() {
    FakeTraining training =
        new FakeTraining((trial, epoch) -> 0.01 * trial.number() + 0.001 * epoch);
    List<TrialResult> results =
        new Hyperband(3).search(FakeTraining.plan(17, 9), training, result -> {});
    assertEquals(27 + (5 * 3 + 2 * 6) + 3 * 9, training.epochsTrained());
    List<Integer> finished = new ArrayList<>();
    for (TrialResult result : results) {
      if (result.status() == TrialResult.Status.FINISHED) {
        finished.add(result.trial().number());
      }
    }
    finished.sort(null);
    assertEquals(List.of(8, 9, 13, 14, 15, 16, 17), finished);
  }

  @Test
  void aSecondRoundFollowsAndTheSamplerHearsOfTheBeginningsBefore() {
    List<Integer> heard = new ArrayList<>();
    TrialSampler sampler =
        (number, results) -> {
          heard.add(results.size());
          return FakeTraining.NUMBERS.sample(number, results);
        };
    FakeTraining training = new FakeTraining((trial, epoch) -> 0.5);
    int trials = 17 + 4;
    List<TrialResult> results =
        new Hyperband(3).search(new SearchPlan(sampler, trials, 9, 2), training, result -> {});
    assertEquals(trials, results.size());
    assertEquals(List.of(0, 9, 14, 17), heard.stream().distinct().toList());
    assertEquals(4, heard.stream().filter(before -> before == 17).count());
  }
}
