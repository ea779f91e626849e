package gradus.examples.command;

import java.util.Locale;

/** The optimizers that can be chosen by name, with rates and decays that usually work. */
enum OptimizerKind {
  SGD(0.02, 5e-4),
  ADAM(0.002, 0),
  ADAMW(0.002, 0.01),
  NADAM(0.002, 0),
  RADAM(0.002, 0),
  RMSPROP(0.001, 0),
  ADADELTA(1, 0),
  ADAGRAD(0.02, 0),
  LION(0.0003, 0.1),
  LARS(1, 5e-4);

  private final double learningRate;
  private final double weightDecay;

  OptimizerKind(double learningRate, double weightDecay) {
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
  }

  double learningRate() {
    return learningRate;
  }

  double weightDecay() {
    return weightDecay;
  }

  /** Whether it has a velocity with a momentum to choose. */
  boolean hasMomentum() {
    return this == SGD || this == RMSPROP || this == LARS;
  }

  /** Whether it has two betas to choose. */
  boolean hasBetas() {
    return switch (this) {
      case ADAM, ADAMW, NADAM, RADAM, LION -> true;
      case SGD, RMSPROP, ADADELTA, ADAGRAD, LARS -> false;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
