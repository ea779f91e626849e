package gradus.search;

import gradus.train.EpochReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * One trial after the other with all epochs, except that one is stopped which does worse than the
 * median of those before it; see {@link MedianPruner}. With quasi-random trials this is random
 * search; with {@link TPESampler}, TPE.
 *
 * <p>Of N in parallel, a trial is chosen when all but the N-1 before it have ended. What is chosen
 * and what is stopped is the same in every run, and, unless the sampler heeds results, the same for
 * every N.
 */
public final class FullSearch implements SearchStrategy {
  private final MedianPruner pruner;

  /** A search that prunes. */
  public FullSearch(MedianPruner pruner) {
    this.pruner = pruner;
  }

  /** A search that stops nothing. */
  public FullSearch() {
    this(null);
  }

  @Override
  public List<TrialResult> search(
      SearchPlan plan, TrialRunner runner, Consumer<TrialResult> listener) {
    List<TrialResult> results = new ArrayList<>();
    Deque<Future<TrialResult>> running = new ArrayDeque<>();
    try (TrialPool pool = new TrialPool(plan.parallel());
        TrialCurves curves = new TrialCurves()) {
      for (int number = 1; number <= plan.trials() || !running.isEmpty(); ) {
        if (number <= plan.trials() && running.size() < plan.parallel()) {
          Trial trial = plan.sampler().sample(number, List.copyOf(results));
          running.add(pool.start(() -> train(trial, plan, runner, curves)));
          number++;
        } else {
          TrialResult result = TrialPool.result(running.remove());
          results.add(result);
          listener.accept(result);
        }
      }
    }
    return results;
  }

  private TrialResult train(Trial trial, SearchPlan plan, TrialRunner runner, TrialCurves curves) {
    try {
      TrialProgress progress =
          runner.run(
              trial, plan.epochs(), so -> goesOn(trial.number(), so, curves, plan.ranking()));
      curves.put(trial.number(), progress.epochs());
      return TrialResult.of(trial, progress, plan.epochs());
    } finally {
      curves.end(trial.number()); // else those after it would wait for it
    }
  }

  private boolean goesOn(
      int trial, List<EpochReport> so, TrialCurves curves, Comparator<EpochReport> ranking) {
    curves.put(trial, so);
    boolean worse = pruner != null && pruner.isWorse(so, curves.before(trial, so.size()), ranking);
    return !worse && !curves.isClosed();
  }
}
