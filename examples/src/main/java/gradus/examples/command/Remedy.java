package gradus.examples.command;

import gradus.data.Dataset;
import gradus.loss.Loss;
import java.util.Locale;

/** The remedies for classes of unequal size that are compared with each other. */
enum Remedy {
  NONE(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.NONE),
  WEIGHTED_SAMPLER(
      Balance.WEIGHTED_SAMPLER, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.NONE),
  OVERSAMPLE(Balance.OVERSAMPLE, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.NONE),
  UNDERSAMPLE(Balance.UNDERSAMPLE, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.NONE),
  BALANCED_BATCHES(
      Balance.BALANCED_BATCHES, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.NONE),
  CLASS_WEIGHTS(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.INVERSE),
  EFFECTIVE_NUMBER(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.EFFECTIVE),
  FOCAL(Balance.NONE, LossChoice.Kind.FOCAL, LossChoice.Weights.NONE),
  SMOTE(Balance.SMOTE, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.NONE),
  /** Plain training first; then the last layer alone, on features balanced with SMOTE. */
  FEATURE_SMOTE(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, LossChoice.Weights.NONE);

  private static final double GAMMA = 2;

  private final Balance balance;
  private final LossChoice.Kind loss;
  private final LossChoice.Weights weights;

  Remedy(Balance balance, LossChoice.Kind loss, LossChoice.Weights weights) {
    this.balance = balance;
    this.loss = loss;
    this.weights = weights;
  }

  Balance balance() {
    return balance;
  }

  Loss loss(Dataset train) {
    return LossChoice.create(loss, GAMMA, 0, weights.of(train));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
