package gradus.search;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gives all trials a few epochs, the best of them several times as many, and so on, until the best
 * ones have all. With a factor of 3, nine trials and nine epochs: 9 trials have one epoch, the best
 * 3 three, the best one nine; that is 21 epochs in place of 81. Jamieson and Talwalkar,
 * arXiv:1502.07943.
 */
public final class SuccessiveHalving implements SearchStrategy {
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
      List<Trial> trials, int epochs, TrialRunner runner, Consumer<TrialResult> listener) {
    List<TrialResult> ended = new ArrayList<>();
    List<Trial> running = trials;
    List<Integer> rungs = rungs(trials.size(), epochs);
    for (int rung = 0; rung < rungs.size(); rung++) {
      int size = running.size();
      boolean last = rung == rungs.size() - 1;
      List<TrialResult> ranked = new ArrayList<>();
      for (Trial trial : running) {
        TrialProgress progress = runner.run(trial, rungs.get(rung), so -> true);
        ranked.add(result(trial, progress));
      }
      ranked.sort(TrialResult.BY_VALIDATION.reversed());
      int kept = last ? 0 : Math.max(1, size / factor);
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

  private static TrialResult result(Trial trial, TrialProgress progress) {
    return new TrialResult(
        trial,
        progress.diverged() ? TrialResult.Status.DIVERGED : TrialResult.Status.FINISHED,
        progress);
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
