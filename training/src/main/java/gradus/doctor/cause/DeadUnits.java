package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.signal.LayerSignal;
import gradus.doctor.trial.Trial;
import java.util.Locale;
import java.util.Optional;

/**
 * Most units of a layer are 0 for every image: nothing gets through, and no gradient back. No
 * change wakes them; where the trial, a tenth of the learning rate from the beginning, learns, it
 * was the rate that killed them.
 */
final class DeadUnits implements Cause {
  private static final double SLOWER = 0.1;

  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.learnsBadly() || patient.shows(Symptom.NON_FINITE)) {
      return Optional.empty();
    }
    return Signals.dead(patient.subject())
        .map(layer -> ofTheRate(patient, layer).orElseGet(() -> alone(patient, layer)));
  }

  private static Optional<Finding> ofTheRate(Case patient, LayerSignal layer) {
    String rate = slower(patient);
    return patient
        .cure(
            Trial.from(Trial.Start.BEGINNING, "a tenth of the learning rate, from the beginning")
                .rate(SLOWER))
        .map(
            outcome ->
                patient.primary(
                    Diagnosis.LR_TOO_HIGH,
                    Case.CONFIRMED,
                    "Steps at a learning rate of "
                        + Digits.of(patient.history().steps().peakRate())
                        + " have killed units for good; from the beginning "
                        + rate
                        + " learns.",
                    new Remedy(
                        "Use a learning rate of about " + rate + " that falls to 0 as a cosine.",
                        patient.cosineFrom(rate),
                        "--lr " + rate + " --schedule cosine"),
                    Evidence.of(dead(layer)),
                    counted(),
                    outcome.evidence()));
  }

  private static Finding alone(Case patient, LayerSignal layer) {
    return patient.primary(
        Diagnosis.DEAD_RELU,
        Case.LIKELY,
        dead(layer),
        new Remedy(
            "Begin with biases of 0 and a smaller learning rate, put batch norms before the ReLUs,"
                + " or use LeakyReLU.",
            "new LeakyReLU(0.01)",
            "--lr " + slower(patient)),
        counted());
  }

  private static String slower(Case patient) {
    return Digits.of(SLOWER * patient.history().steps().peakRate());
  }

  private static String dead(LayerSignal layer) {
    return String.format(
        Locale.ROOT,
        "%.0f %% of the %d units of %s are 0 for every image: they pass no gradient back and stay"
            + " so.",
        100 * layer.deadShare(),
        layer.units(),
        layer.path());
  }

  private static Evidence counted() {
    return Evidence.of("A unit counts as dead if none of 256 training images makes it positive.");
  }
}
