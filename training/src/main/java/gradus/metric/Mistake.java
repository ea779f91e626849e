package gradus.metric;

/**
 * An example that was given a wrong class.
 *
 * @param index of the example, in the order they were judged
 * @param label its class
 * @param predicted the class it was given
 * @param confidence the probability of that class
 */
public record Mistake(int index, int label, int predicted, double confidence) {}
