package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What is left of a run that has ended badly and of which no cause is known. */
public final class Unexplained {
  /** Those that no run shows which goes well. */
  private static final Set<Symptom> GRAVE =
      EnumSet.of(
          Symptom.NON_FINITE,
          Symptom.DIVERGING,
          Symptom.FLAT,
          Symptom.SLOW,
          Symptom.OSCILLATING,
          Symptom.STALLED,
          Symptom.INCONSISTENT);

  /** Of what is to be learned; where images are hard, good runs get no further than a half. */
  private static final double HARDLY_BEGUN = 0.25;

  private Unexplained() {}

  private static boolean hasHardlyBegun(Case patient) {
    return patient.history().skill(patient.history().last().train()) < HARDLY_BEGUN;
  }

  /** A note of it; empty where nothing grave shows. */
  public static Optional<Finding> of(Case patient) {
    List<Symptom> grave =
        patient.symptoms().keySet().stream()
            .filter(GRAVE::contains)
            .filter(symptom -> symptom != Symptom.SLOW || hasHardlyBegun(patient))
            .toList();
    if (grave.isEmpty()) {
      return Optional.empty();
    }
    String seen = grave.stream().map(Symptom::sentence).collect(Collectors.joining("; "));
    return Optional.of(
        patient
            .primary(
                Diagnosis.UNEXPLAINED,
                1,
                Character.toUpperCase(seen.charAt(0))
                    + seen.substring(1)
                    + ". None of the causes that the doctor knows was confirmed.",
                Remedy.of(
                    "See what the curves suggest (./gradus diagnose RUN), whether a batch can be"
                        + " learned by heart (./gradus check), and what other learning rates do"
                        + " (./gradus lr-find)."))
            .as(Finding.Role.NOTE));
  }
}
