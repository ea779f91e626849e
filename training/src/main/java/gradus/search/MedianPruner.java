package gradus.search;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.util.Comparator;
import java.util.List;

/**
 * Finds trials that are not worth going on with: those whose best epoch so far is worse than the
 * median of what the trials before had reached after as many epochs. The rule of Golovin and others
 * (Vizier, 2017), as Optuna's MedianPruner.
 *
 * @param warmupEpochs how many epochs each trial has before it is judged, from 1; 1 is usual
 * @param startupTrials how many others must have come as far before one is judged, from 1; 4 is
 *     usual
 */
public record MedianPruner(int warmupEpochs, int startupTrials) {
  /** Refuses numbers below 1. */
  public MedianPruner {
    if (warmupEpochs < 1 || startupTrials < 1) {
      throw new GradusException(
          "MedianPruner: warmup epochs ("
              + warmupEpochs
              + ") and startup trials ("
              + startupTrials
              + ") must be at least 1.");
    }
  }

  /**
   * Whether a trial with these epochs should stop, seeing the epochs of the trials before it.
   *
   * @param ranking by which the better of two epochs is greater
   */
  public boolean isWorse(
      List<EpochReport> epochs, List<List<EpochReport>> others, Comparator<EpochReport> ranking) {
    int so = epochs.size();
    if (so < warmupEpochs) {
      return false;
    }
    List<EpochReport> bests =
        others.stream()
            .filter(other -> other.size() >= so)
            .map(other -> best(other.subList(0, so), ranking))
            .sorted(ranking)
            .toList();
    return bests.size() >= startupTrials
        && ranking.compare(best(epochs, ranking), bests.get((bests.size() - 1) / 2)) < 0;
  }

  private static EpochReport best(List<EpochReport> epochs, Comparator<EpochReport> ranking) {
    return epochs.stream().max(ranking).orElseThrow();
  }
}
