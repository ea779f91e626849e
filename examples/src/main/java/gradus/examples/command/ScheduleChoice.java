package gradus.examples.command;

import gradus.schedule.Schedule;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say how the learning rate goes on over the run. */
final class ScheduleChoice {
  /** The curves. */
  enum Curve {
    CONSTANT,
    STEP,
    MULTI_STEP,
    EXPONENTIAL,
    POLYNOMIAL,
    LINEAR,
    COSINE,
    COSINE_RESTARTS,
    ONE_CYCLE,
    TRIANGLE,
    CYCLIC,
    INVERSE_SQRT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description = {
        "How the rate goes on: cosine (default, down to 0), constant, step, multi-step,",
        "exponential, polynomial, linear, cosine-restarts, one-cycle, triangle, cyclic, inverse-sqrt."
      })
  private Curve curve;

  @Option(
      names = "--warmup",
      paramLabel = "EPOCHS",
      description = "Rise linearly from 0 over so many epochs first. Default: none")
  private Double warmup;

  @Option(
      names = "--step-size",
      paramLabel = "EPOCHS",
      description =
          "Length of a step, of the first cosine before a restart, of half a cycle, or of the rise"
              + " of inverse-sqrt. Default: a third of the run")
  private Double stepSize;

  @Option(
      names = "--milestones",
      paramLabel = "EPOCH",
      split = ",",
      description = "Where multi-step steps. Default: at half and three quarters of the run")
  private double[] milestones;

  @Option(
      names = "--gamma",
      paramLabel = "G",
      description = "Factor of a step, an epoch (exponential) or a cycle. Default: 0.1, 0.95 and 1")
  private Double gamma;

  @Option(
      names = "--power",
      paramLabel = "P",
      defaultValue = "1",
      description = "Of polynomial. Default: ${DEFAULT-VALUE}")
  private double power;

  @Option(
      names = "--restart-multiplier",
      paramLabel = "M",
      defaultValue = "1",
      description = "How much longer each cosine after a restart is. Default: ${DEFAULT-VALUE}")
  private double multiplier;

  @Option(
      names = "--start-factor",
      paramLabel = "F",
      description =
          "Share of --lr where linear, one-cycle and triangle begin. Default: 1, 0.04 and 0.2")
  private Double startFactor;

  @Option(
      names = "--min-factor",
      paramLabel = "F",
      description = "Lowest share of --lr, where the curve ends or turns. Default: 0")
  private Double minFactor;

  @Option(
      names = "--rising",
      paramLabel = "SHARE",
      description = "Share of the run before the peak of one-cycle (0.3) and triangle (0.23).")
  private Double rising;

  void check() {
    UsageException.unless(
        warmup == null || (warmup > 0 && warmup < 1e6),
        "--warmup is " + warmup + " epochs, but must be above 0 and below 1000000.");
    UsageException.unless(
        stepSize == null || (stepSize > 0 && stepSize < 1e6),
        "--step-size is " + stepSize + " epochs, but must be above 0 and below 1000000.");
    share("--gamma", gamma);
    share("--start-factor", startFactor);
    share("--min-factor", minFactor);
    UsageException.unless(
        power > 0 && power < 1e3, "--power is " + power + ", but must be above 0.");
    UsageException.unless(
        multiplier >= 1 && multiplier < 1e3,
        "--restart-multiplier is " + multiplier + ", but must be from 1.");
    UsageException.unless(
        rising == null || (rising > 0 && rising < 1),
        "--rising is " + rising + ", but must lie between 0 and 1.");
    if (milestones != null) {
      for (int i = 0; i < milestones.length; i++) {
        UsageException.unless(
            milestones[i] > (i == 0 ? 0 : milestones[i - 1]),
            "--milestones are "
                + Arrays.toString(milestones)
                + ", but each must be later than the one before, and the first later than 0.");
      }
    }
  }

  private static void share(String option, Double value) {
    UsageException.unless(
        value == null || (value >= 0 && value <= 1),
        option + " is " + value + ", but must be from 0 to 1.");
  }

  /** The schedule of a run of so many epochs. */
  Schedule schedule(int epochs) {
    Schedule chosen = curve(epochs);
    return warmup == null ? chosen : chosen.warmup(warmup);
  }

  private Schedule curve(int epochs) {
    double size = stepSize == null ? epochs / 3.0 : stepSize;
    double lowest = or(minFactor, 0);
    return switch (curve) {
      case CONSTANT -> Schedule.constant();
      case STEP -> Schedule.step(size, or(gamma, 0.1));
      case MULTI_STEP ->
          Schedule.multiStep(
              or(gamma, 0.1),
              milestones == null ? new double[] {epochs / 2.0, epochs * 0.75} : milestones);
      case EXPONENTIAL -> Schedule.exponential(or(gamma, 0.95));
      case POLYNOMIAL -> Schedule.polynomial(epochs, power);
      case LINEAR -> Schedule.linear(or(startFactor, 1), lowest, epochs);
      case COSINE -> Schedule.cosine(epochs, lowest);
      case COSINE_RESTARTS -> Schedule.cosineWarmRestarts(size, multiplier, lowest);
      case ONE_CYCLE -> {
        double start = Math.max(or(startFactor, 0.04), 1e-6);
        double end = minFactor == null || minFactor == 0 ? start * 1e-4 : minFactor;
        yield Schedule.oneCycle(epochs, or(rising, 0.3), 1 / start, Math.max(1, start / end));
      }
      case TRIANGLE -> {
        double peak = epochs * or(rising, 0.23);
        yield Schedule.linear(or(startFactor, 0.2), 1, peak)
            .then(peak, Schedule.linear(1, lowest, epochs - peak));
      }
      case CYCLIC -> Schedule.cyclic(lowest, size, size, or(gamma, 1));
      case INVERSE_SQRT -> Schedule.inverseSquareRoot(size);
    };
  }

  private static double or(Double value, double otherwise) {
    return value == null ? otherwise : value;
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("schedule", curve.toString());
    configuration.put("warmup", warmup);
    configuration.put("step_size", stepSize);
    configuration.put("milestones", milestones);
    configuration.put("gamma", gamma);
    configuration.put("power", power);
    configuration.put("restart_multiplier", multiplier);
    configuration.put("start_factor", startFactor);
    configuration.put("min_factor", minFactor);
    configuration.put("rising", rising);
  }
}
