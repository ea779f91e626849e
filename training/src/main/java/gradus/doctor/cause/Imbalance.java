package gradus.doctor.cause;

import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Symptom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Rare classes that are hardly ever found. */
final class Imbalance implements Cause {
  private static final double NEGLECTED = 0.5;
  private static final double WORSE = 0.15;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    Optional<Finding> note = history.preflight(Diagnosis.CLASS_IMBALANCE);
    Checkup.Judgement judged = history.last().validation();
    if (note.isEmpty() || judged == null || patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING)) {
      return Optional.empty();
    }
    double rare = recall(judged, history.facts().shares(), true);
    double frequent = recall(judged, history.facts().shares(), false);
    boolean neglected = rare < NEGLECTED * frequent;
    boolean worse = frequent - rare > WORSE && patient.shows(Symptom.GAP, Symptom.RISING);
    if (!neglected && !worse) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            note.get(),
            neglected ? Case.CONFIRMED : Case.LIKELY,
            Evidence.of(
                String.format(
                    Locale.ROOT,
                    "Of the classes with less than their share of training images %.0f %% are found"
                        + " in the validation, of the others %.0f %%.",
                    100 * rare,
                    100 * frequent))));
  }

  /** The mean recall of the classes below, or from, an equal share of the training images. */
  private static double recall(Checkup.Judgement judged, List<Double> shares, boolean rare) {
    double sum = 0;
    int classes = 0;
    for (int c = 0; c < Math.min(shares.size(), judged.supports().size()); c++) {
      if (judged.supports().get(c) > 0 && shares.get(c) < 1.0 / shares.size() == rare) {
        sum += (double) judged.hits().get(c) / judged.supports().get(c);
        classes++;
      }
    }
    return classes == 0 ? Double.NaN : sum / classes;
  }
}
