package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.StepLog;
import gradus.doctor.Vitals;
import java.util.Optional;

/** There are gradients, but no weight moves. */
final class NotUpdating implements Cause {
  private static final int SAMPLES = 5;

  /** Of a weight: less is lost when it is added. Such steps are too short, not missing. */
  private static final double ROUNDING = 1e-7;

  @Override
  public Optional<Finding> examine(Case patient) {
    Vitals vitals = patient.history().vitals();
    if (vitals == null || vitals.samples() < SAMPLES) {
      return Optional.empty();
    }
    boolean hasGradient = false;
    StepLog steps = patient.history().steps();
    double peak = steps.peakRate();
    boolean adaptive = patient.history().facts().adaptive();
    for (int i = 0; i < vitals.samples(); i++) {
      double rate = steps.rateAt(patient.history().stepOfSample(i));
      for (int layer = 0; layer < vitals.layers().size(); layer++) {
        if (vitals.updateRatio(i, layer) != 0) {
          return Optional.empty();
        }
        double gradient = vitals.gradientRms(i, layer);
        double step = rate * (adaptive && gradient > 0 ? 1 : gradient);
        boolean isRoundedAway = peak > 0 && step < ROUNDING * vitals.weightRms(i, layer);
        hasGradient |= gradient > 0 && !isRoundedAway;
      }
    }
    if (!hasGradient) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.PARAMETERS_NOT_UPDATING,
            1,
            peak == 0
                ? "The learning rate is 0, so no weight has changed."
                : "Every weight has a gradient, but none has changed: the optimizer updates other"
                    + " parameters than the model's.",
            new Remedy(
                "Make the optimizer from the parameters of the model that is trained.",
                "SGD.of(model.parameters()).learningRate(0.05).build()",
                peak == 0 ? "--lr 0.02" : null),
            Evidence.of(
                "In " + vitals.samples() + " sampled steps every layer's change was exactly 0.")));
  }
}
