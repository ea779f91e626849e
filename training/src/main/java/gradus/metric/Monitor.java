package gradus.metric;

/**
 * What decides whether an epoch was better than those before: a number of the validation set. There
 * is none of the training set on purpose, since that one falls while a network learns by heart.
 */
public enum Monitor {
  /** The mean loss over the validation set; less is better. */
  VALIDATION_LOSS("validation loss", true),
  /** The share of the validation set that is right; more is better. */
  VALIDATION_ACCURACY("validation accuracy", false);

  private final String label;
  private final boolean lessIsBetter;

  Monitor(String label, boolean lessIsBetter) {
    this.label = label;
    this.lessIsBetter = lessIsBetter;
  }

  /** Its name in a sentence. */
  public String label() {
    return label;
  }

  /** Whether a small value is a good one: PyTorch's mode "min". */
  public boolean lessIsBetter() {
    return lessIsBetter;
  }

  /** What every value is better than. */
  public double worst() {
    return lessIsBetter ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** Whether {@code value} is better than {@code best} by more than {@code delta}; NaN is not. */
  public boolean improves(double value, double best, double delta) {
    return lessIsBetter ? value < best - delta : value > best + delta;
  }

  /** The one of two numbers that this is about. */
  public double pick(double loss, double accuracy) {
    return this == VALIDATION_LOSS ? loss : accuracy;
  }
}
