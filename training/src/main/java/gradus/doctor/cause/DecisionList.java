package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
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
          new FrozenLayers(),
          new EvaluationMode(),
          new StaleStatistics(),
          new NormsOfFewImages(),
          new InputScale(),
          new Initialization(),
          new DeadFromTheStart(),
          new SaturatedFromTheStart(),
          new NotShuffled(),
          new Imbalance(),
          new Preprocessing(),
          new ValidationLabels(),
          new ValidationUnlike(),
          new TrainingLabels(),
          new ScheduleCollapse(),
          new OptimizerSettings(),
          new BatchTooSmall(),
          new Regularization(),
          new Noted(Diagnosis.OVER_REGULARIZATION, Case.SUSPECTED),
          new Augmentation(),
          new VanishingGradients(),
          new RateTooLow(),
          new BatchTooLarge(),
          new RateTooHigh(),
          new ExplodingGradients(),
          new LabelNoise(),
          new Noted(Diagnosis.ARCHITECTURE_DEFECT, Case.LIKELY),
          new TooSmall(),
          new Noted(Diagnosis.ARCHITECTURE_DEFECT, Case.SUSPECTED),
          new SaturatedUnits(),
          new DeadUnits(),
          new TooFewImages(TooFewImages.FAR_TOO_FEW),
          new HarderTraining(),
          new Overfitting(),
          new Undertrained());

  /** What lies behind another cause. */
  public static final List<Cause> MECHANISMS =
      List.of(new TooFewImages(TooFewImages.FEW), new TooLarge());

  private DecisionList() {}
}
