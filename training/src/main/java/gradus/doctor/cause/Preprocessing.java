package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import java.util.Locale;
import java.util.Optional;

/** Validation images prepared otherwise; they are judged again as training images are prepared. */
final class Preprocessing implements Cause {
  private static final double MUCH_BETTER = 0.7;

  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.PREPROCESSING_MISMATCH);
    Checkup.Judgement given = patient.history().last().validation();
    if (given == null || !patient.shows(Symptom.GAP, Symptom.RISING, Symptom.COLLAPSED)) {
      return Optional.empty();
    }
    Subject subject = patient.subject();
    if (subject == null
        || !subject.train().imageShape().equals(subject.validation().imageShape())) {
      return Optional.empty();
    }
    try (DataLoader sample =
        Examiner.sample(
            subject.train().toBuilder(subject.validation().dataset()),
            subject.validation().dataset().size(),
            given.images(),
            subject.seed())) {
      Checkup.Judgement alike = new Examiner(subject.model(), subject.loss()).judge(sample);
      if (!(alike.loss() < MUCH_BETTER * given.loss())) {
        return Optional.empty();
      }
      return Optional.of(
          patient.primary(
              note.orElseGet(Preprocessing::unseen),
              Case.CONFIRMED,
              Evidence.of(
                  String.format(
                      Locale.ROOT,
                      "Prepared as the training images are, validation images are right to %.1f %%"
                          + " instead of %.1f %%.",
                      100 * alike.accuracy(),
                      100 * given.accuracy()))));
    }
  }

  /** A difference that means and deviations do not show. */
  private static Finding unseen() {
    return Finding.note(
        Diagnosis.PREPROCESSING_MISMATCH,
        "Training and validation images are prepared in different ways: their scale is the same,"
            + " but the network knows the latter once they are prepared as the former.",
        new Remedy(
            "Give both loaders the same transforms, but for those that draw by chance.",
            "train.toBuilder(validationData).withoutAugmentation().build()",
            null));
  }
}
