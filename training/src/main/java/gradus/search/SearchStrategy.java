package gradus.search;

import java.util.List;
import java.util.function.Consumer;

/** Which trials get how many epochs. Its decisions depend on what trials come to, not on time. */
public interface SearchStrategy {
  /**
   * Searches.
   *
   * @param plan what may be spent
   * @param runner trains the trials; called from several threads if the plan is parallel
   * @param listener hears of each trial as soon as it will get no more epochs; called from the
   *     thread that searches
   * @return the result of each trial, in the order the listener heard of them
   */
  List<TrialResult> search(SearchPlan plan, TrialRunner runner, Consumer<TrialResult> listener);
}
