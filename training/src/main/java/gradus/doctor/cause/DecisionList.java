package gradus.doctor.cause;

import java.util.List;

/**
 * The causes in the order in which they are considered: what brings others about comes first, so
 * that the first that is found is the root.
 */
public final class DecisionList {
  /** All causes. */
  public static final List<Cause> CAUSES =
      List.of(
          new NotUpdating(),
          new EvaluationMode(),
          new InputScale(),
          new Initialization(),
          new DeadFromTheStart(),
          new NotShuffled(),
          new Imbalance(),
          new Preprocessing(),
          new ScheduleCollapse(),
          new OptimizerSettings(),
          new BatchTooSmall(),
          new Regularization(),
          new Augmentation(),
          new VanishingGradients(),
          new RateTooLow(),
          new BatchTooLarge(),
          new RateTooHigh(),
          new ExplodingGradients(),
          new LabelNoise(),
          new TooSmall(),
          new Architecture(),
          new SaturatedUnits(),
          new DeadUnits(),
          new Overfitting(),
          new Undertrained());

  /** What lies behind another cause. */
  public static final List<Cause> MECHANISMS = List.of(new TooFewImages());

  private DecisionList() {}
}
