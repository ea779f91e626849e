package gradus.data.transform;

import gradus.GradusException;

/** The checks that the settings of random transforms share. */
final class Settings {
  private Settings() {}

  static double probability(String owner, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new GradusException(
          owner + ": the probability is " + p + ", but must be from 0 to 1; 0.5 is usual.");
    }
    return p;
  }

  /** Both ends must be numbers in order, within limits. */
  static void range(String owner, String what, double low, double high, double least, double most) {
    if (!(low <= high && low >= least && high <= most)) {
      throw new GradusException(
          owner
              + ": the range of "
              + what
              + " is "
              + low
              + " to "
              + high
              + ", but must be in order and within "
              + least
              + " to "
              + most
              + ".");
    }
  }

  static int atLeast(String owner, String what, int value, int least) {
    if (value < least) {
      throw new GradusException(
          owner + ": the " + what + " is " + value + ", but must be at least " + least + ".");
    }
    return value;
  }
}
