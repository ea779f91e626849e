package gradus.examples.command;

import gradus.data.Dataset;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say what training makes small. Class weights are of the training split. */
final class LossChoice {
  private static final double DEFAULT_GAMMA = 2;

  /** Which loss. */
  enum Kind {
    CROSS_ENTROPY,
    FOCAL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      defaultValue = "cross-entropy",
      description = "cross-entropy, or focal for rare classes. Default: ${DEFAULT-VALUE}")
  private Kind kind;

  @Option(
      names = "--focal-gamma",
      paramLabel = "G",
      description = "How little the focal loss minds what is already right, from 0. Default: 2")
  private Double gamma;

  @Option(
      names = "--label-smoothing",
      paramLabel = "S",
      defaultValue = "0",
      description = "Share of the target given to all classes alike, from 0 to below 1. Default: 0")
  private double smoothing;

  @Option(
      names = "--class-weights",
      paramLabel = "WEIGHTS",
      defaultValue = "none",
      description =
          "Weights of classes in the loss: inverse (frequency), effective (number of samples,"
              + " beta 0.999), none, one for each class in its order, such as 1,5,1, or by name,"
              + " such as sick=5, where the others count 1. Default: ${DEFAULT-VALUE}")
  private ClassWeighting weights;

  void check(boolean labelsAreMixed) {
    UsageException.unless(
        gamma == null || kind == Kind.FOCAL, "--focal-gamma belongs to --loss focal: add that.");
    UsageException.unless(
        gamma() >= 0 && gamma() <= 100,
        "--focal-gamma is " + gamma() + ", but must be from 0; 2 is usual.");
    UsageException.unless(
        smoothing >= 0 && smoothing < 1,
        "--label-smoothing is " + smoothing + ", but must be from 0 to below 1; 0.1 is usual.");
    UsageException.unless(
        smoothing == 0 || kind == Kind.CROSS_ENTROPY,
        "--label-smoothing belongs to --loss cross-entropy; the focal loss takes labels as they"
            + " are.");
    UsageException.unless(
        !labelsAreMixed || kind == Kind.CROSS_ENTROPY,
        "--augment mixup and cutmix mix labels, which --loss focal cannot take: use --loss"
            + " cross-entropy, or leave them out.");
  }

  /** Whether classes have weights. */
  boolean weighsClasses() {
    return weights.isSome();
  }

  /** The loss for a training split. */
  Loss create(Dataset train) {
    return create(kind, gamma(), smoothing, weights.of(train));
  }

  static Loss create(Kind kind, double gamma, double smoothing, float[] weights) {
    if (kind == Kind.FOCAL) {
      FocalLoss loss = new FocalLoss(gamma);
      return weights == null ? loss : loss.classWeights(weights);
    }
    CrossEntropyLoss loss = new CrossEntropyLoss().labelSmoothing(smoothing);
    return weights == null ? loss : loss.classWeights(weights);
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("loss", kind.toString());
    if (kind == Kind.FOCAL) {
      configuration.put("focal_gamma", gamma());
    }
    configuration.put("label_smoothing", smoothing);
    configuration.put("class_weights", weights.toString());
  }

  private double gamma() {
    return gamma == null ? DEFAULT_GAMMA : gamma;
  }
}
