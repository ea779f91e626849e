package gradus.search;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Successive halving with one beginning after the other, since nobody knows how many epochs it
 * takes to tell trials apart: first many trials with few epochs each, then fewer with more, at last
 * some that have all at once. With a factor of 3 and 9 epochs a round is 9 trials from 1 epoch on,
 * 5 from 3 and 3 with 9. Rounds are repeated until the plan's trials are used up.
 *
 * <p>Li and others, arXiv:1603.06560. A sampler that heeds results sees those of the beginnings
 * before; with {@link TPESampler} this is BOHB (arXiv:1807.01774).
 */
public final class Hyperband implements SearchStrategy {
  private final int factor;

  /**
   * A search.
   *
   * @param factor one of so many trials is kept at each rung, from 2; 3 is usual
   * @throws GradusException if it is less
   */
  public Hyperband(int factor) {
    new SuccessiveHalving(factor); // refuses it
    this.factor = factor;
  }

  /** How many trials a whole round has. */
  public int trialsOfRound(int epochs) {
    return brackets(epochs).stream().mapToInt(Bracket::trials).sum();
  }

  @Override
  public List<TrialResult> search(
      SearchPlan plan, TrialRunner runner, Consumer<TrialResult> listener) {
    List<TrialResult> ended = new ArrayList<>();
    List<Bracket> brackets = brackets(plan.epochs());
    try (TrialPool pool = new TrialPool(plan.parallel())) {
      for (int i = 0; ended.size() < plan.trials(); i++) {
        Bracket bracket = brackets.get(i % brackets.size());
        List<Trial> trials = new ArrayList<>();
        for (int j = 1; j <= bracket.trials && ended.size() + j <= plan.trials(); j++) {
          trials.add(plan.sampler().sample(ended.size() + j, List.copyOf(ended)));
        }
        ended.addAll(
            new SuccessiveHalving(factor, bracket.epochs)
                .search(trials, plan, pool, runner, listener));
      }
    }
    return ended;
  }

  /** So many trials that begin with so many epochs. */
  private record Bracket(int trials, int epochs) {}

  private List<Bracket> brackets(int epochs) {
    List<Bracket> brackets = new ArrayList<>();
    int most = 1;
    for (int left = epochs / factor; left >= 1; left /= factor) {
      most++;
    }
    int trials = 1; // factor ^ (rungs - 1)
    int begin = epochs;
    for (int rungs = 1; rungs <= most; rungs++) {
      brackets.add(0, new Bracket((most * trials + rungs - 1) / rungs, begin));
      trials *= factor;
      begin /= factor;
    }
    return brackets;
  }
}
