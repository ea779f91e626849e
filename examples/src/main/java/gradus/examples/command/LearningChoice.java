package gradus.examples.command;

import gradus.layer.ParameterStore;
import gradus.optim.Optimizer;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say how weights are changed. */
final class LearningChoice {
  private static final double DEFAULT_MOMENTUM = 0.9;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "sgd",
      description = "sgd, adam or adamw. Default: ${DEFAULT-VALUE}")
  private OptimizerKind kind;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "Learning rate of the first step. Default: 0.02 for sgd, else 0.002")
  private Double rate;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      description = "Momentum of sgd, from 0 to below 1. Default: 0.9")
  private Double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "D",
      description = "Pull of weights towards 0. Default: 0.0005 for sgd, 0.01 for adamw, else 0")
  private Double weightDecay;

  void check() {
    UsageException.unless(
        rate() > 0 && rate() < 1e6,
        "--lr is " + rate() + ", but must be above 0; usual are 0.1 to 0.0001.");
    UsageException.unless(
        momentum() >= 0 && momentum() < 1,
        "--momentum is " + momentum() + ", but must be from 0 to below 1; 0.9 is usual.");
    UsageException.unless(
        momentum == null || kind == OptimizerKind.SGD,
        "--momentum belongs to --optimizer sgd; " + kind + " has its own moments.");
    UsageException.unless(
        weightDecay() >= 0 && weightDecay() < 1e6,
        "--weight-decay is " + weightDecay() + ", but must not be negative; 0.0005 is usual.");
  }

  Optimizer create(ParameterStore parameters) {
    return kind.create(parameters, rate(), momentum(), weightDecay());
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("optimizer", kind.toString());
    configuration.put("learning_rate", rate());
    if (kind == OptimizerKind.SGD) {
      configuration.put("momentum", momentum());
    }
    configuration.put("weight_decay", weightDecay());
  }

  private double rate() {
    return rate == null ? kind.learningRate() : rate;
  }

  private double momentum() {
    return momentum == null ? DEFAULT_MOMENTUM : momentum;
  }

  private double weightDecay() {
    return weightDecay == null ? kind.weightDecay() : weightDecay;
  }
}
