package gradus.examples.command;

import gradus.data.Dataset;
import gradus.loss.Loss;
import java.util.Locale;

/** The remedies for classes of unequal size that are compared with each other. */
enum Remedy {
  NONE(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.NONE),
  WEIGHTED_SAMPLER(
      Balance.WEIGHTED_SAMPLER, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.NONE),
  OVERSAMPLE(Balance.OVERSAMPLE, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.NONE),
  UNDERSAMPLE(Balance.UNDERSAMPLE, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.NONE),
  BALANCED_BATCHES(
      Balance.BALANCED_BATCHES, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.NONE),
  CLASS_WEIGHTS(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.INVERSE),
  EFFECTIVE_NUMBER(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.EFFECTIVE),
  FOCAL(Balance.NONE, LossChoice.Kind.FOCAL, ClassWeighting.Rule.NONE),
  SMOTE(Balance.SMOTE, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.NONE),
  /** Plain training first; then the last layer alone, on features balanced with SMOTE. */
  FEATURE_SMOTE(Balance.NONE, LossChoice.Kind.CROSS_ENTROPY, ClassWeighting.Rule.NONE);

  private static final double GAMMA = 2;

  private final Balance balance;
  private final LossChoice.Kind loss;
  private final ClassWeighting.Rule weights;

  Remedy(Balance balance, LossChoice.Kind loss, ClassWeighting.Rule weights) {
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
