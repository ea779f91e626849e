package gradus.examples.command;

import gradus.layer.Model;
import gradus.optim.WeightAverage;
import gradus.schedule.ReduceLROnPlateau;
import gradus.train.Accumulation;
import gradus.train.BestWeights;
import gradus.train.EarlyStopping;
import gradus.train.Trainer;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that mend what a plain loop does badly. */
final class RemedyChoice {
  @Mixin private MonitorChoice monitors;

  @Option(
      names = "--early-stopping",
      paramLabel = "PATIENCE",
      arity = "0..1",
      fallbackValue = "10",
      description =
          "Stop after so many epochs (10) without improvement, and keep the best epoch's weights.")
  private Integer earlyStopping;

  @Option(
      names = "--min-delta",
      paramLabel = "D",
      defaultValue = "0",
      description = "By how much an epoch must be better to count as improvement. Default: 0")
  private double minDelta;

  @Option(
      names = "--reduce-on-plateau",
      paramLabel = "PATIENCE",
      arity = "0..1",
      fallbackValue = "10",
      description =
          "Reduce the rate after more than so many epochs (10) without improvement; usually with"
              + " --schedule constant.")
  private Integer plateauPatience;

  @Option(
      names = "--plateau-factor",
      paramLabel = "F",
      defaultValue = "0.1",
      description = "What the plateau multiplies the rate by. Default: ${DEFAULT-VALUE}")
  private double plateauFactor;

  @Option(
      names = "--plateau-threshold",
      paramLabel = "T",
      defaultValue = "0.0001",
      description = "Share of the best by which a value must be better. Default: ${DEFAULT-VALUE}")
  private double plateauThreshold;

  @Option(
      names = "--plateau-cooldown",
      paramLabel = "EPOCHS",
      defaultValue = "0",
      description = "Epochs after a reduction that are not counted. Default: ${DEFAULT-VALUE}")
  private int plateauCooldown;

  @Option(
      names = "--plateau-min",
      paramLabel = "F",
      defaultValue = "0",
      description = "Share of --lr the plateau never goes below. Default: ${DEFAULT-VALUE}")
  private double plateauMinimum;

  @Option(
      names = "--clip-norm",
      paramLabel = "NORM",
      description = "Shorten longer gradients to this norm; 1 is usual.")
  private Double clipNorm;

  @Option(
      names = "--clip-value",
      paramLabel = "V",
      description = "Clip each element of the gradient to lie from -V to V.")
  private Double clipValue;

  @Mixin private AccumulationChoice accumulation;

  @Option(
      names = "--ema",
      paramLabel = "DECAY",
      arity = "0..1",
      fallbackValue = "0.999",
      description = "Validate and end with a moving average of the weights (decay 0.999).")
  private Double ema;

  @Option(
      names = "--swa",
      paramLabel = "EPOCH",
      description = "End with the mean of the weights after each epoch from this one on.")
  private Integer swa;

  @Option(
      names = "--time-limit",
      paramLabel = "MINUTES",
      description = "Stop after so much training, and test what there is.")
  private Double timeLimit;

  void check(int epochs) {
    UsageException.unless(
        earlyStopping == null || earlyStopping >= 1,
        "--early-stopping has a patience of "
            + earlyStopping
            + " epochs, but it must be at least 1; 10 is usual.");
    UsageException.unless(
        minDelta >= 0 && minDelta < 1e6,
        "--min-delta is " + minDelta + ", but must be from 0 to below 1000000.");
    UsageException.unless(
        plateauPatience == null || plateauPatience >= 0,
        "--reduce-on-plateau has a patience of "
            + plateauPatience
            + " epochs, but it must not be negative.");
    UsageException.unless(
        plateauFactor > 0 && plateauFactor < 1,
        "--plateau-factor is " + plateauFactor + ", but must lie between 0 and 1.");
    UsageException.unless(
        plateauThreshold >= 0 && plateauThreshold < 1,
        "--plateau-threshold is " + plateauThreshold + ", but must be from 0 and below 1.");
    UsageException.unless(
        plateauCooldown >= 0,
        "--plateau-cooldown is " + plateauCooldown + ", but must not be negative.");
    UsageException.unless(
        plateauMinimum >= 0 && plateauMinimum <= 1,
        "--plateau-min is " + plateauMinimum + ", but must be from 0 to 1.");
    UsageException.unless(
        clipNorm == null || (clipNorm > 0 && clipNorm < 1e9),
        "--clip-norm is " + clipNorm + ", but must be above 0 and below 1e9; 1 is usual.");
    UsageException.unless(
        clipValue == null || (clipValue > 0 && clipValue < 1e9),
        "--clip-value is " + clipValue + ", but must be above 0 and below 1e9; 1 is usual.");
    UsageException.unless(
        clipNorm == null || clipValue == null,
        "--clip-norm keeps the gradient's direction and --clip-value does not: use one of them.");
    accumulation.check();
    UsageException.unless(
        ema == null || (ema >= 0 && ema < 1),
        "--ema has a decay of " + ema + ", but it must be from 0 and below 1; 0.999 is usual.");
    UsageException.unless(
        swa == null || (swa >= 1 && swa <= epochs),
        "--swa begins with epoch "
            + swa
            + ", but the run has epochs 1 to "
            + epochs
            + "; three quarters of the run is usual.");
    UsageException.unless(
        ema == null || swa == null,
        "--ema and --swa both choose the weights to end with: use one of them.");
    UsageException.unless(
        earlyStopping == null || swa == null,
        "--early-stopping keeps the best epoch's weights and --swa the mean of many: use one of"
            + " them.");
    UsageException.unless(
        timeLimit == null || (timeLimit > 0 && timeLimit < 1e6),
        "--time-limit is " + timeLimit + " minutes, but must be above 0 and below 1000000.");
  }

  /** The average of weights that was asked for, or null; the caller closes it. */
  WeightAverage average(Model model) {
    if (ema != null) {
      return WeightAverage.exponential(model, ema);
    }
    return swa == null ? null : WeightAverage.equal(model);
  }

  /** Gives a trainer what was asked for. */
  void apply(Trainer trainer, WeightAverage average) {
    monitors.apply(trainer);
    if (earlyStopping != null) {
      trainer.earlyStopping(
          new EarlyStopping(monitors.monitor()).patience(earlyStopping).minDelta(minDelta));
    }
    if (plateauPatience != null) {
      trainer.reduceOnPlateau(
          new ReduceLROnPlateau(monitors.monitor())
              .patience(plateauPatience)
              .factor(plateauFactor)
              .relativeThreshold(plateauThreshold)
              .cooldown(plateauCooldown)
              .minimum(plateauMinimum));
    }
    if (clipNorm != null) {
      trainer.clipGradientNorm(clipNorm);
    }
    if (clipValue != null) {
      trainer.clipGradientValue(clipValue);
    }
    if (ema != null) {
      trainer.average(average);
    } else if (swa != null) {
      trainer.stochasticAverage(average, swa);
    }
    trainer.accumulate(accumulation().batches());
  }

  /** How many batches an update is made of. */
  Accumulation accumulation() {
    return accumulation.value();
  }

  /** Says which epoch is the best. */
  void apply(BestWeights best) {
    monitors.apply(best);
  }

  /** How long to train at most, in seconds, or null. */
  Double secondsAllowed() {
    return timeLimit == null ? null : timeLimit * 60;
  }

  void describe(Map<String, Object> configuration) {
    monitors.describe(configuration);
    configuration.put("early_stopping", earlyStopping);
    configuration.put("min_delta", minDelta);
    configuration.put("reduce_on_plateau", plateauPatience);
    if (plateauPatience != null) {
      configuration.put("plateau_factor", plateauFactor);
      configuration.put("plateau_threshold", plateauThreshold);
      configuration.put("plateau_cooldown", plateauCooldown);
      configuration.put("plateau_min", plateauMinimum);
    }
    configuration.put("clip_norm", clipNorm);
    configuration.put("clip_value", clipValue);
    accumulation.describe(configuration);
    configuration.put("ema", ema);
    configuration.put("swa", swa);
    configuration.put("time_limit", timeLimit);
  }
}
