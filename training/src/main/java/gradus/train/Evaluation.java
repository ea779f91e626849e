package gradus.train;

/**
 * How a model does on a data set.
 *
 * @param examples how many there were
 * @param loss the mean over them
 * @param accuracy the share that was right, from 0 to 1
 */
public record Evaluation(long examples, double loss, double accuracy) {
  /** What stands for no evaluation. */
  public static final Evaluation NONE = new Evaluation(0, Double.NaN, Double.NaN);
}
