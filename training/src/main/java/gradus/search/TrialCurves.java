package gradus.search;

import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The epochs of all trials so far. Trials may run side by side: who asks for those before it waits
 * until they have come as far, so that the answer does not depend on how many run at a time.
 */
final class TrialCurves implements AutoCloseable {
  private final Map<Integer, List<EpochReport>> curves = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();
  private boolean closed;

  /** Takes all epochs of a trial so far. */
  synchronized void put(int trial, List<EpochReport> epochs) {
    curves.put(trial, List.copyOf(epochs));
    notifyAll();
  }

  /** Says that nothing more is to come of a trial. */
  synchronized void end(int trial) {
    ended.add(trial);
    notifyAll();
  }

  /**
   * The curves of the trials with smaller numbers, each with so many epochs or all it will have.
   */
  synchronized List<List<EpochReport>> before(int trial, int epochs) {
    List<List<EpochReport>> before = new ArrayList<>();
    for (int other = 1; other < trial; other++) {
      while (!closed && !ended.contains(other) && curve(other).size() < epochs) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          closed = true;
        }
      }
      before.add(curve(other));
    }
    return before;
  }

  /** Whether the search has ended, such as by a trial that failed: no other needs to go on. */
  synchronized boolean isClosed() {
    return closed;
  }

  /** Nobody waits any more, since trials that were to come may never begin. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  private List<EpochReport> curve(int trial) {
    return curves.getOrDefault(trial, List.of());
  }
}
