package gradus.predict;

/**
 * How probable a model thinks one class.
 *
 * @param label the name of the class
 * @param probability from 0 to 1
 */
public record ClassProbability(String label, double probability) {}
