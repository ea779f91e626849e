package gradus.doctor;

/**
 * From where a loss falls, and how far it can: what is left of it says how much is learned.
 *
 * @param guessing what it is for whoever knows how often each class comes, but sees no picture
 * @param least what it is for whoever gives just the outputs that it asks for
 */
public record LossRange(double guessing, double least) {
  /** How much of what guessing leaves is learned at a loss: 0 nothing, 1 all. */
  public double learned(double loss) {
    return (guessing - loss) / (guessing - least);
  }

  /** The loss at which so much is learned. */
  public double at(double share) {
    return guessing - share * (guessing - least);
  }
}
