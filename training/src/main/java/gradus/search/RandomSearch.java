package gradus.search;

import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One trial after the other with all epochs, except that one is stopped which does worse than the
 * median of those before it; see {@link MedianPruner}.
 */
public final class RandomSearch implements SearchStrategy {
  private final MedianPruner pruner;

  /** A search that prunes. */
  public RandomSearch(MedianPruner pruner) {
    this.pruner = pruner;
  }

  /** A search that stops nothing. */
  public RandomSearch() {
    this(null);
  }

  @Override
  public List<TrialResult> search(
      List<Trial> trials, int epochs, TrialRunner runner, Consumer<TrialResult> listener) {
    List<TrialResult> results = new ArrayList<>();
    Predicate<List<EpochReport>> goOn =
        so -> pruner == null || !pruner.isWorse(so, curves(results));
    for (Trial trial : trials) {
      TrialProgress progress = runner.run(trial, epochs, goOn);
      TrialResult.Status status =
          progress.diverged()
              ? TrialResult.Status.DIVERGED
              : progress.epochs().size() < epochs
                  ? TrialResult.Status.PRUNED
                  : TrialResult.Status.FINISHED;
      TrialResult result = new TrialResult(trial, status, progress);
      results.add(result);
      listener.accept(result);
    }
    return results;
  }

  private static List<List<EpochReport>> curves(List<TrialResult> results) {
    return results.stream().map(result -> result.progress().epochs()).toList();
  }
}
