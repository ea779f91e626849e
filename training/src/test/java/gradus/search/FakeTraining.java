package gradus.search;

import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;

/**
 * Trials whose validation accuracy is a formula of trial and epoch, and whose macro F1 is what that
 * lacks of 1; NaN diverges.
 */
final class FakeTraining implements TrialRunner {
  /** Chooses nothing. */
  static final TrialSampler NUMBERS = (number, results) -> new Trial(number, Map.of());

  private final ToDoubleBiFunction<Trial, Integer> accuracy;
  private final Map<Integer, List<EpochReport>> curves = new ConcurrentHashMap<>();
  private final AtomicInteger epochsTrained = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger mostRunning = new AtomicInteger();

  FakeTraining(ToDoubleBiFunction<Trial, Integer> accuracy) {
    this.accuracy = accuracy;
  }

  @Override
  public TrialProgress run(Trial trial, int epochs, Predicate<List<EpochReport>> goOn) {
    mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
    try {
      return train(trial, epochs, goOn);
    } finally {
      running.decrementAndGet();
    }
  }

  private TrialProgress train(Trial trial, int epochs, Predicate<List<EpochReport>> goOn) {
    List<EpochReport> curve = curves.computeIfAbsent(trial.number(), n -> new ArrayList<>());
    while (curve.size() < epochs) {
      double value = accuracy.applyAsDouble(trial, curve.size() + 1);
      if (Double.isNaN(value)) {
        return new TrialProgress(curve, true);
      }
      curve.add(epoch(curve.size() + 1, value));
      epochsTrained.incrementAndGet();
      if (curve.size() < epochs && !goOn.test(curve)) {
        break;
      }
    }
    return new TrialProgress(curve, false);
  }

  int epochsTrained() {
    return epochsTrained.get();
  }

  int mostRunning() {
    return mostRunning.get();
  }

  static EpochReport epoch(int number, double accuracy) {
    return new EpochReport(
        number, 1, 0.5, 1 - accuracy, accuracy, 0.1, 1, 100, Map.of("macro_f1", 1 - accuracy));
  }

  static SearchPlan plan(int trials, int epochs) {
    return new SearchPlan(NUMBERS, trials, epochs);
  }
}
