package gradus.search;

import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;

/** Trials whose validation accuracy is a formula of trial and epoch; NaN diverges. */
final class FakeTraining implements TrialRunner {
  private final ToDoubleBiFunction<Trial, Integer> accuracy;
  private final Map<Integer, List<EpochReport>> curves = new HashMap<>();
  private int epochsTrained;

  FakeTraining(ToDoubleBiFunction<Trial, Integer> accuracy) {
    this.accuracy = accuracy;
  }

  @Override
  public TrialProgress run(Trial trial, int epochs, Predicate<List<EpochReport>> goOn) {
    List<EpochReport> curve = curves.computeIfAbsent(trial.number(), n -> new ArrayList<>());
    while (curve.size() < epochs) {
      double value = accuracy.applyAsDouble(trial, curve.size() + 1);
      if (Double.isNaN(value)) {
        return new TrialProgress(curve, true);
      }
      curve.add(epoch(curve.size() + 1, value));
      epochsTrained++;
      if (curve.size() < epochs && !goOn.test(curve)) {
        break;
      }
    }
    return new TrialProgress(curve, false);
  }

  int epochsTrained() {
    return epochsTrained;
  }

  static EpochReport epoch(int number, double accuracy) {
    return new EpochReport(number, 1, 0.5, 1 - accuracy, accuracy, 0.1, 1, 100);
  }

  static List<Trial> trials(int count) {
    List<Trial> trials = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      trials.add(new Trial(i, Map.of()));
    }
    return trials;
  }
}
