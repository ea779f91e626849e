package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a network learns by heart, where a class has few images.
 *
 * @param few how many images of a class are fewer than there should be
 */
record TooFewImages(int few) implements Cause {
  /** Where it may be the reason. */
  static final int FEW = 100;

  /** Where nothing but more images helps. */
  static final int FAR_TOO_FEW = 20;

  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    int each = facts.trainingImages() / Math.max(1, facts.classes());
    if (each >= few
        || !patient.shows(Symptom.GAP)
        || !patient.shows(Symptom.RISING, Symptom.MEMORIZED)) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.INSUFFICIENT_DATA,
            few == FAR_TOO_FEW && patient.shows(Symptom.RISING) ? Case.CONFIRMED : Case.LIKELY,
            String.format(
                Locale.ROOT,
                "There are only %d training images of each class, for %,d parameters.",
                each,
                facts.parameters()),
            remedy(facts),
            Evidence.of("From some hundred images of a class on networks begin to generalise.")));
  }

  private static Remedy remedy(History.Facts facts) {
    String others = "start from the weights of a network trained on other images.";
    if (facts.augments()) {
      return Remedy.of("Collect more, or " + others);
    }
    RandomViews views = RandomViews.of(facts);
    return new Remedy("Collect more, augment them, or " + others, views.java(), views.option());
  }
}
