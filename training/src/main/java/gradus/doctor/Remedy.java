package gradus.doctor;

/**
 * What to do about a cause.
 *
 * @param sentence in words
 * @param java the call to write, or null if there is none
 * @param option of {@code ./gradus train}, or null if there is none
 */
public record Remedy(String sentence, String java, String option) {
  /** A remedy that is neither a call nor an option, such as to collect more images. */
  public static Remedy of(String sentence) {
    return new Remedy(sentence, null, null);
  }
}
