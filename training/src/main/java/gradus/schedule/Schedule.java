package gradus.schedule;

import gradus.GradusException;
import java.util.function.DoubleUnaryOperator;

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
   * The same down to {@code lowest} instead of 0, as PyTorch's CosineAnnealingLR with {@code
   * eta_min}; PyTorch rises again after {@code epochs}, this stays.
   *
   * @param lowest the last factor, from 0 to 1
   */
  static Schedule cosine(double epochs, double lowest) {
    requireShare("lowest factor of a cosine schedule", lowest);
    Schedule down = cosine(epochs);
    return epoch -> lowest + (1 - lowest) * down.factor(epoch);
  }

  /**
   * A cosine from 1 to {@code lowest} that starts again, each time {@code multiplier} times as
   * long: PyTorch's CosineAnnealingWarmRestarts. SGDR, Loshchilov and Hutter 2016
   * (arXiv:1608.03983).
   *
   * @param first length of the first cosine in epochs, positive
   * @param multiplier from 1; PyTorch's T_mult
   * @param lowest from 0 to 1
   */
  static Schedule cosineWarmRestarts(double first, double multiplier, double lowest) {
    requirePositive("cosine with restarts", first);
    require(
        multiplier >= 1, "The length of restarts grows by %s, but must not shrink.", multiplier);
    requireShare("lowest factor of a cosine schedule", lowest);
    return epoch -> {
      double length = first;
      double begin = 0;
      if (multiplier == 1) {
        begin = first * Math.floor(epoch / first);
      } else {
        while (epoch >= begin + length) {
          begin += length;
          length *= multiplier;
        }
      }
      double share = (epoch - begin) / length;
      return lowest + (1 - lowest) * 0.5 * (1 + Math.cos(Math.PI * share));
    };
  }

  /**
   * Multiplied by {@code gamma} every {@code epochs}: {@code gamma ^ floor(epoch / epochs)}, as
   * PyTorch's StepLR.
   *
   * @param gamma from 0 to 1, usually 0.1
   */
  static Schedule step(double epochs, double gamma) {
    requirePositive("step", epochs);
    requireShare("gamma of a step schedule", gamma);
    return epoch -> Math.pow(gamma, Math.floor(epoch / epochs));
  }

  /**
   * Multiplied by {@code gamma} when each of the milestones is reached, as PyTorch's MultiStepLR.
   *
   * @param gamma from 0 to 1, usually 0.1
   * @param milestones epochs, each later than the one before
   */
  static Schedule multiStep(double gamma, double... milestones) {
    requireShare("gamma of a multi-step schedule", gamma);
    double[] times = milestones.clone();
    require(times.length > 0, "A multi-step schedule needs a milestone, but got %s.", "none");
    for (int i = 0; i < times.length; i++) {
      double before = i == 0 ? 0 : times[i - 1];
      require(
          times[i] > before,
          "A milestone of a multi-step schedule is %s, but each must be later than the one before,"
              + " and the first later than 0.",
          times[i]);
    }
    return epoch -> {
      int reached = 0;
      while (reached < times.length && epoch >= times[reached]) {
        reached++;
      }
      return Math.pow(gamma, reached);
    };
  }

  /**
   * {@code gamma ^ epoch}, falling within the epoch too; with {@link #perEpoch} it is PyTorch's
   * ExponentialLR.
   *
   * @param gamma from 0 to 1, usually 0.9 to 0.99
   */
  static Schedule exponential(double gamma) {
    requireShare("gamma of an exponential schedule", gamma);
    return epoch -> Math.pow(gamma, epoch);
  }

  /**
   * {@code (1 - epoch / epochs) ^ power} and 0 afterwards, as PyTorch's PolynomialLR.
   *
   * @param power positive; 1 falls on a line
   */
  static Schedule polynomial(double epochs, double power) {
    requirePositive("polynomial", epochs);
    require(power > 0, "The power of a polynomial schedule is %s, but must be positive.", power);
    return epoch -> Math.pow(Math.max(0, 1 - epoch / epochs), power);
  }

  /**
   * A line from {@code start} to {@code end} over so many epochs, then {@code end}: PyTorch's
   * LinearLR.
   */
  static Schedule linear(double start, double end, double epochs) {
    requirePositive("linear", epochs);
    requireFactor("start of a linear schedule", start);
    requireFactor("end of a linear schedule", end);
    return epoch -> start + (end - start) * Math.min(1, epoch / epochs);
  }

  /** One cycle with PyTorch's defaults: from 1/25 up to 1 over the first 30 %, down to 1/250000. */
  static Schedule oneCycle(double epochs) {
    return oneCycle(epochs, 0.3, 25, 1e4);
  }

  /**
   * Up from {@code 1 / divisor} to 1 and down to {@code 1 / (divisor finalDivisor)}, each on half a
   * cosine: PyTorch's OneCycleLR. The rate of the optimizer is its {@code max_lr}. The peak lies at
   * {@code epochs rising} exactly, where PyTorch has it a step earlier, and momentum stays. Smith
   * and Topin 2017 (arXiv:1708.07120).
   *
   * @param rising the share of the time before the peak, above 0 and below 1
   * @param divisor from 1; PyTorch's div_factor
   * @param finalDivisor from 1; PyTorch's final_div_factor
   */
  static Schedule oneCycle(double epochs, double rising, double divisor, double finalDivisor) {
    requirePositive("one-cycle", epochs);
    require(
        rising > 0 && rising < 1,
        "The rising share of a one-cycle schedule is %s, but must lie between 0 and 1.",
        rising);
    require(
        divisor >= 1, "The divisor of a one-cycle schedule is %s, but must be from 1.", divisor);
    require(
        finalDivisor >= 1,
        "The final divisor of a one-cycle schedule is %s, but must be from 1.",
        finalDivisor);
    double peak = epochs * rising;
    double start = 1 / divisor;
    double end = start / finalDivisor;
    return epoch ->
        epoch < peak
            ? anneal(start, 1, epoch / peak)
            : anneal(1, end, Math.min(1, (epoch - peak) / (epochs - peak)));
  }

  /**
   * Up from {@code lowest} to 1 on a line and down again, for ever: PyTorch's CyclicLR,
   * "triangular" with {@code decay} 1, "triangular2" with 0.5. The rate of the optimizer is its
   * {@code max_lr}. Smith 2015 (arXiv:1506.01186).
   *
   * @param lowest from 0 to 1
   * @param up epochs of rising, positive
   * @param down epochs of falling, positive
   * @param decay what the height of the triangle is multiplied by after each cycle, from 0 to 1
   */
  static Schedule cyclic(double lowest, double up, double down, double decay) {
    requireShare("lowest factor of a cyclic schedule", lowest);
    requirePositive("cyclic", up);
    requirePositive("cyclic", down);
    requireShare("decay of a cyclic schedule", decay);
    return epoch -> {
      double cycle = Math.floor(epoch / (up + down));
      double time = epoch - cycle * (up + down);
      double height = time < up ? time / up : (up + down - time) / down;
      return lowest + (1 - lowest) * height * Math.pow(decay, cycle);
    };
  }

  /**
   * Up to 1 on a line over {@code warmup} epochs, then {@code sqrt(warmup / epoch)}. Vaswani et al.
   * 2017 (arXiv:1706.03762).
   */
  static Schedule inverseSquareRoot(double warmup) {
    requirePositive("inverse square root", warmup);
    return epoch -> epoch < warmup ? epoch / warmup : Math.sqrt(warmup / epoch);
  }

  /**
   * A function of one's own, checked at every call: PyTorch's LambdaLR.
   *
   * @throws GradusException from {@link #factor}, where the function gives no number from 0
   */
  static Schedule lambda(DoubleUnaryOperator function) {
    return epoch -> {
      double factor = function.applyAsDouble(epoch);
      requireFactor("factor of the lambda schedule at epoch " + epoch, factor);
      return factor;
    };
  }

  /** This for so many epochs, then {@code next} from its beginning: PyTorch's SequentialLR. */
  default Schedule then(double epochs, Schedule next) {
    requirePositive("first", epochs);
    return epoch -> epoch < epochs ? factor(epoch) : next.factor(epoch - epochs);
  }

  /** This, but constant within an epoch, as PyTorch's schedulers stepped once per epoch. */
  default Schedule perEpoch() {
    return epoch -> factor(Math.floor(epoch));
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

  private static double anneal(double from, double to, double share) {
    return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * share));
  }

  private static void requirePositive(String what, double epochs) {
    require(
        epochs > 0 && epochs < Double.POSITIVE_INFINITY,
        "A " + what + " schedule over %s epochs: the length must be positive.",
        epochs);
  }

  private static void requireShare(String what, double value) {
    require(value >= 0 && value <= 1, "The " + what + " is %s, but must be from 0 to 1.", value);
  }

  private static void requireFactor(String what, double value) {
    require(
        value >= 0 && value < Double.POSITIVE_INFINITY,
        "The " + what + " is %s, but must be a number from 0.",
        value);
  }

  private static void require(boolean holds, String message, Object value) {
    if (!holds) {
      throw new GradusException(message.replace("%s", String.valueOf(value)));
    }
  }
}
