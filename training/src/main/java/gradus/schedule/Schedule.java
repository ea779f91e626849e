package gradus.schedule;

import gradus.GradusException;

/**
 * A factor on the learning rate as a pure function of time. Time is measured in epochs and may be
 * fractional: 2.5 is the middle of the third epoch. The loop asks before every step, so there is no
 * {@code scheduler.step()} that could be called at the wrong moment; PyTorch's lr_scheduler counts
 * calls instead.
 */
@FunctionalInterface
public interface Schedule {
  /** What the initial learning rate is multiplied by at a time from 0. */
  double factor(double epoch);

  /** Always 1. */
  static Schedule constant() {
    return epoch -> 1;
  }

  /**
   * Half a cosine from 1 down to 0 over so many epochs: {@code (1 + cos(pi epoch / epochs)) / 2},
   * and 0 afterwards. Loshchilov and Hutter 2016 (arXiv:1608.03983).
   *
   * @throws GradusException unless {@code epochs} is positive
   */
  static Schedule cosine(double epochs) {
    requirePositive("cosine", epochs);
    return epoch -> 0.5 * (1 + Math.cos(Math.PI * Math.min(1, epoch / epochs)));
  }

  /**
   * The same, but rising linearly from 0 over the first {@code epochs}; the time of this schedule
   * goes on underneath. Goyal et al. 2017 (arXiv:1706.02677).
   *
   * @throws GradusException unless {@code epochs} is positive
   */
  default Schedule warmup(double epochs) {
    requirePositive("warmup", epochs);
    return epoch -> factor(epoch) * Math.min(1, epoch / epochs);
  }

  private static void requirePositive(String what, double epochs) {
    if (!(epochs > 0)) {
      throw new GradusException(
          "A " + what + " schedule over " + epochs + " epochs: the length must be positive.");
    }
  }
}
