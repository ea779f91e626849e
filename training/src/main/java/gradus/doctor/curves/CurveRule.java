package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.train.EpochReport;
import java.math.BigDecimal;
import java.math.MathContext;
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

  /**
   * Another learning rate: so many times the highest of the run where that is known.
   *
   * @param more options that belong to it, or an empty text
   * @param unknown the option where the rate is not known; null where there is none
   */
  static Remedy rate(Curves curves, double factor, String sentence, String more, String unknown) {
    if (!curves.has(EpochReport::learningRate)) {
      String change = factor < 1 ? " / " + Math.round(1 / factor) : " * " + Math.round(factor);
      return new Remedy(
          sentence, "optimizer.setLearningRate(optimizer.learningRate()" + change + ")", unknown);
    }
    double peak = 0;
    for (double rate : curves.column(EpochReport::learningRate)) {
      peak = Math.max(peak, rate);
    }
    String rate =
        new BigDecimal(factor * peak)
            .round(new MathContext(2))
            .stripTrailingZeros()
            .toPlainString();
    return new Remedy(
        sentence,
        "optimizer.setLearningRate(" + rate + ")",
        "--lr " + rate + (more.isEmpty() ? "" : " " + more));
  }
}
