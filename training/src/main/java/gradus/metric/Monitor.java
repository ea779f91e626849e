package gradus.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What decides whether an epoch was better than those before: a number of the validation set. There
 * is none of the training set on purpose, since that one falls while a network learns by heart.
 *
 * @param name of the number in the files of a run
 * @param lessIsBetter whether a small value is a good one: PyTorch's mode "min"
 * @param metric what measures it; null for loss and accuracy, which always are
 */
public record Monitor(String name, boolean lessIsBetter, ValidationMetric<?> metric) {
  /** The mean loss over the validation set; less is better. */
  public static final Monitor VALIDATION_LOSS = new Monitor("validation_loss", true, null);

  /** The share of the validation set that is right; more is better. */
  public static final Monitor VALIDATION_ACCURACY = new Monitor("validation_accuracy", false, null);

  /** A metric of the validation set. */
  public static Monitor of(ValidationMetric<?> metric) {
    return new Monitor(nameOf(metric.name()), metric.lessIsBetter(), metric);
  }

  /** Loss, accuracy, and the metrics there are. */
  public static List<Monitor> all() {
    List<Monitor> all = new ArrayList<>(List.of(VALIDATION_LOSS, VALIDATION_ACCURACY));
    ValidationMetric.all().forEach(metric -> all.add(of(metric)));
    return all;
  }

  /** The name that the files of a run give a metric. */
  public static String nameOf(String metric) {
    return "validation_" + metric;
  }

  /** Its name in a sentence. */
  public String label() {
    return name.replace('_', ' ');
  }

  /** What every value is better than. */
  public double worst() {
    return lessIsBetter ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** Whether {@code value} is better than {@code best} by more than {@code delta}; NaN is not. */
  public boolean improves(double value, double best, double delta) {
    return lessIsBetter ? value < best - delta : value > best + delta;
  }

  /**
   * The one of these numbers that this is about; NaN if it is not among them.
   *
   * @param metrics by their names
   */
  public double pick(double loss, double accuracy, Map<String, Double> metrics) {
    if (metric != null) {
      return metrics.getOrDefault(metric.name(), Double.NaN);
    }
    return equals(VALIDATION_LOSS) ? loss : accuracy;
  }
}
