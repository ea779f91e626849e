package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.List;
import java.util.Optional;

/** Something that curves can show; a pure function of them. */
@FunctionalInterface
interface CurveRule {
  /** One number speaks for it; nothing has been tried. */
  double ONE_STATISTIC = 0.5;

  /** One that a second tells from its likes. */
  double LIKELY = 0.75;

  /** Others are about as likely. */
  double A_GUESS = 0.3;

  /** What they show, or nothing. */
  Optional<Finding> examine(Curves curves);

  /** A diagnosis as of the last epoch. */
  static Finding finding(
      Curves curves,
      Diagnosis diagnosis,
      double confidence,
      Symptom symptom,
      String cause,
      Remedy remedy,
      Evidence... evidence) {
    return new Finding(
        diagnosis,
        Finding.Role.PRIMARY,
        confidence,
        symptom,
        cause,
        List.of(evidence),
        remedy,
        Math.max(curves.size(), curves.nonFiniteEpoch()),
        0);
  }
}
