package gradus.doctor;

import java.util.Locale;

/**
 * Why a run does not do well. The order is that in which causes are considered ({@link
 * gradus.doctor.cause.DecisionList}, behind what is certain before the first step): an earlier one
 * brings later ones about, so of several that fit, the earliest is the root.
 */
public enum Diagnosis {
  /** Pixels that are NaN or infinite. */
  NON_FINITE_DATA(Severity.CRITICAL),
  /** The output of the network is not what the loss expects. */
  LOSS_OUTPUT_MISMATCH(Severity.CRITICAL),
  /** The same pictures are in training and validation. */
  DATA_LEAKAGE(Severity.MAJOR),
  /** The optimizer does not change the model's weights. */
  PARAMETERS_NOT_UPDATING(Severity.CRITICAL),
  /** The validation is done in training mode, or with stale running statistics. */
  EVAL_MODE_ERROR(Severity.MAJOR),
  /** Batches so small that the steps, or the statistics of batch norms, are mostly noise. */
  BATCH_TOO_SMALL(Severity.MAJOR),
  /** Pixels far too large, too small, or with channels of very different scales. */
  INPUT_NOT_NORMALIZED(Severity.CRITICAL),
  /** Weights that begin too large, too small, or all alike. */
  BAD_INITIALIZATION(Severity.CRITICAL),
  /** Units that are 0 for every image. */
  DEAD_RELU(Severity.MAJOR),
  /** Units so far in the flat part of a sigmoid or tanh that they pass no gradient. */
  SATURATED_ACTIVATIONS(Severity.MAJOR),
  /** Batches that hold few of the classes, because the order is the data set's. */
  DATA_NOT_SHUFFLED(Severity.CRITICAL),
  /** Some classes have far fewer images. */
  CLASS_IMBALANCE(Severity.MAJOR),
  /** Training and validation images are prepared in different ways. */
  PREPROCESSING_MISMATCH(Severity.MAJOR),
  /** Labels that do not belong to their images, all or some of them. */
  LABEL_NOISE(Severity.CRITICAL),
  /** The schedule has made the learning rate tiny long before the end. */
  LR_SCHEDULE_COLLAPSE(Severity.MAJOR),
  /** Momentum, betas or epsilon far from what works. */
  OPTIMIZER_MISCONFIGURED(Severity.MAJOR),
  /** Weight decay, dropout or penalties outweigh the data. */
  OVER_REGULARIZATION(Severity.MAJOR),
  /** Images are changed so much that their class is lost. */
  AUGMENTATION_TOO_STRONG(Severity.MAJOR),
  /** Gradients shrink from layer to layer: the first ones do not learn. */
  VANISHING_GRADIENTS(Severity.CRITICAL),
  /** Steps are too short to get anywhere. */
  LR_TOO_LOW(Severity.MAJOR),
  /** Batches so large that there are too few steps. */
  BATCH_TOO_LARGE(Severity.MINOR),
  /** Steps overshoot. */
  LR_TOO_HIGH(Severity.CRITICAL),
  /** Gradients grow from layer to layer, or from step to step, without bounds. */
  EXPLODING_GRADIENTS(Severity.CRITICAL),
  /** Layers that cannot do their work: nothing nonlinear between them, no pixels left. */
  ARCHITECTURE_DEFECT(Severity.MAJOR),
  /** The network is too small for the data. */
  CAPACITY_TOO_LOW(Severity.MAJOR),
  /** Too few images for the network to generalise from. */
  INSUFFICIENT_DATA(Severity.MAJOR),
  /** The network learns its training images by heart. */
  OVERFITTING(Severity.MAJOR),
  /** Early stopping ended a run that was still getting better. */
  EARLY_STOPPING_TOO_EAGER(Severity.MINOR),
  /** Too few epochs. */
  UNDERTRAINED(Severity.MINOR),
  /** A smaller network would do as well. */
  CAPACITY_TOO_HIGH(Severity.MINOR),
  /** The run shows that something is wrong, and no cause was confirmed. */
  UNEXPLAINED(Severity.MINOR);

  private final Severity severity;

  Diagnosis(Severity severity) {
    this.severity = severity;
  }

  /** How much it matters where it is the cause. */
  public Severity severity() {
    return severity;
  }

  /** The name in sentences: {@code learning rate too high}. */
  public String label() {
    return name()
        .toLowerCase(Locale.ROOT)
        .replace('_', ' ')
        .replace("lr ", "learning rate ")
        .replace("relu", "ReLU");
  }

  /** The place of its explanation in {@code docs/diagnoses.md}: {@code lr-too-high}. */
  public String anchor() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
