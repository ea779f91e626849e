package gradus.metric;

/**
 * The examples a classifier was about equally sure of.
 *
 * @param above the lower end of the confidence, not in the bin
 * @param upTo the upper end, in the bin
 * @param examples how many there are
 * @param confidence their mean probability of the predicted class; NaN without examples
 * @param accuracy the share that is right; NaN without examples
 */
public record ReliabilityBin(
    double above, double upTo, int examples, double confidence, double accuracy) {
  /** How far accuracy and confidence are apart; 0 without examples. */
  public double gap() {
    return examples == 0 ? 0 : Math.abs(accuracy - confidence);
  }
}
