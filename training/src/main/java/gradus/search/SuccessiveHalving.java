package gradus.search;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Gives all trials a few epochs, the best of them several times as many, and so on, until the best
 * ones have all. With a factor of 3, nine trials and nine epochs: 9 trials have one epoch, the best
 * 3 three, the best 2 nine; that is 27 epochs in place of 81. Jamieson and Talwalkar,
 * arXiv:1502.07943.
 *
 * <p>Two at least get to the end, where in the paper one may: after few epochs chance decides
 * between good settings as much as merit does.
 */
public final class SuccessiveHalving implements SearchStrategy {
  private static final int FINALISTS = 2;

  private final int factor;
  private final int minEpochs;

  /** A search whose first rung may be a single epoch. */
  public SuccessiveHalving(int factor) {
    this(factor, 1);
  }

  /**
   * A search.
   *
   * @param factor one of so many trials is kept at each rung, from 2; 3 is usual
   * @param minEpochs what every trial gets at least, from 1; more where one epoch says little
   * @throws GradusException if either is less
   */
  public SuccessiveHalving(int factor, int minEpochs) {
    if (minEpochs < 1) {
      throw new GradusException(
          "Successive halving gives every trial "
              + minEpochs
              + " epochs, but it needs at least 1.");
    }
    if (factor < 2) {
      throw new GradusException(
          "Successive halving keeps one of "
              + factor
              + " trials, but it must drop some: the factor is at least 2; 3 is usual.");
    }
    this.factor = factor;
    this.minEpochs = minEpochs;
  }

  @Override
  public List<TrialResult> search(
      SearchPlan plan, TrialRunner runner, Consumer<TrialResult> listener) {
    List<Trial> trials = new ArrayList<>();
    for (int number = 1; number <= plan.trials(); number++) {
      trials.add(plan.sampler().sample(number, List.of()));
    }
    try (TrialPool pool = new TrialPool(plan.parallel())) {
      return search(trials, plan, pool, runner, listener);
    }
  }

  List<TrialResult> search(
      List<Trial> trials,
      SearchPlan plan,
      TrialPool pool,
      TrialRunner runner,
      Consumer<TrialResult> listener) {
    List<TrialResult> ended = new ArrayList<>();
    List<Trial> running = trials;
    List<Integer> rungs = rungs(trials.size(), plan.epochs());
    for (int rung = 0; rung < rungs.size(); rung++) {
      int size = running.size();
      boolean last = rung == rungs.size() - 1;
      List<TrialResult> ranked = train(running, rungs.get(rung), pool, runner);
      ranked.sort(TrialResult.by(plan.ranking()).reversed());
      int kept = last ? 0 : Math.max(FINALISTS, size / factor);
      List<Trial> survivors = new ArrayList<>();
      for (TrialResult result : ranked) {
        boolean diverged = result.status() == TrialResult.Status.DIVERGED;
        if (survivors.size() < kept && !diverged) {
          survivors.add(result.trial());
        } else {
          TrialResult end = last || diverged ? result : pruned(result);
          ended.add(end);
          listener.accept(end);
        }
      }
      survivors.sort(Comparator.comparingInt(Trial::number));
      running = survivors;
    }
    return ended;
  }

  private static List<TrialResult> train(
      List<Trial> trials, int epochs, TrialPool pool, TrialRunner runner) {
    List<Future<TrialResult>> running = new ArrayList<>();
    for (Trial trial : trials) {
      running.add(
          pool.start(() -> TrialResult.of(trial, runner.run(trial, epochs, so -> true), epochs)));
    }
    List<TrialResult> results = new ArrayList<>();
    running.forEach(trial -> results.add(TrialPool.result(trial)));
    return results;
  }

  private static TrialResult pruned(TrialResult result) {
    return new TrialResult(result.trial(), TrialResult.Status.PRUNED, result.progress());
  }

  /** After how many epochs trials are compared; the last is {@code epochs}. */
  List<Integer> rungs(int trials, int epochs) {
    List<Integer> rungs = new ArrayList<>(List.of(epochs));
    int left = trials / factor;
    int rung = epochs / factor;
    while (left >= 1 && rung >= minEpochs) {
      rungs.add(0, rung);
      left /= factor;
      rung /= factor;
    }
    return rungs;
  }
}
