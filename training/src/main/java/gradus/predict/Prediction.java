package gradus.predict;

import java.util.Comparator;
import java.util.List;

/**
 * What a model says of one image.
 *
 * @param probabilities of all classes, in the model's order; their sum is 1
 */
public record Prediction(List<ClassProbability> probabilities) {
  /** Keeps its own copy; there is at least one class. */
  public Prediction {
    probabilities = List.copyOf(probabilities);
    if (probabilities.isEmpty()) {
      throw new IllegalArgumentException("A prediction needs at least one class.");
    }
  }

  /** The most probable class; of equal ones the first. */
  public String label() {
    return probabilities.get(classNumber()).label();
  }

  /** The probability of {@link #label}. */
  public double probability() {
    return probabilities.get(classNumber()).probability();
  }

  /** The number of {@link #label}, from 0. */
  public int classNumber() {
    int best = 0;
    for (int c = 1; c < probabilities.size(); c++) {
      if (probabilities.get(c).probability() > probabilities.get(best).probability()) {
        best = c;
      }
    }
    return best;
  }

  /** The {@code k} most probable classes, the most probable first; all if there are fewer. */
  public List<ClassProbability> top(int k) {
    return probabilities.stream()
        .sorted(Comparator.comparingDouble(ClassProbability::probability).reversed())
        .limit(k)
        .toList();
  }
}
