package gradus.schedule;

import gradus.GradusException;

/**
 * The learning rate as a pure function of the step, so that a run can be continued anywhere. Unlike
 * PyTorch's schedulers it counts optimizer steps, not epochs.
 */
@FunctionalInterface
public interface Schedule {
  /** The rate of the step of that number, from 0. */
  double at(long step);

  /** The same rate at every step. */
  static Schedule constant(double rate) {
    return step -> rate;
  }

  /**
   * Half a cosine from {@code rate} down to 0: {@code rate (1 + cos(pi step / steps)) / 2};
   * Loshchilov and Hutter 2016 (arXiv:1608.03983), without restarts.
   *
   * @param steps of the whole run, at least 1; from then on the rate is 0
   */
  static Schedule cosine(double rate, long steps) {
    if (steps < 1) {
      throw new GradusException(
          "A cosine schedule over " + steps + " steps: at least 1 is needed.");
    }
    return step -> step >= steps ? 0 : rate * (1 + Math.cos(Math.PI * ((double) step / steps))) / 2;
  }
}
