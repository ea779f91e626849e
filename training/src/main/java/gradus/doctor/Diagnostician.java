package gradus.doctor;

import gradus.doctor.cause.Case;
import gradus.doctor.cause.Cause;
import gradus.doctor.cause.DecisionList;
import gradus.doctor.cause.Unexplained;
import gradus.doctor.trial.Trials;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Goes from symptoms to the cause, and keeps the diagnosis as it stands. */
final class Diagnostician {
  /** With one of these nothing is learned, and whatever else the run shows comes of it. */
  private static final Set<Diagnosis> FATAL =
      EnumSet.of(
          Diagnosis.NON_FINITE_DATA,
          Diagnosis.LOSS_OUTPUT_MISMATCH,
          Diagnosis.PARAMETERS_NOT_UPDATING);

  private final Subject subject;
  private final History history;
  private final Trials trials;
  private final List<Finding> mechanisms = new ArrayList<>();
  private Finding certain; // before the first step, or null
  private Finding primary; // of what the run shows, or null
  private Finding unexplained; // at the end of a run of which no cause is known, or null

  Diagnostician(Subject subject, History history, Trials trials) {
    this.subject = subject;
    this.history = history;
    this.trials = trials;
    this.certain =
        history.preflight().stream().filter(Finding::isDiagnosis).findFirst().orElse(null);
  }

  /** The cause that is known, or empty: of what the run shows, or else what was certain before. */
  Optional<Finding> primary() {
    return Optional.ofNullable(primary == null ? certain : primary);
  }

  /**
   * Looks at the history anew.
   *
   * @param treatment given what is found, last of all: it may change the run, of which it tells
   * @return a cause that was not known before, as it was before treatment
   */
  Optional<Finding> examine(UnaryOperator<Finding> treatment) {
    if (isFatal(certain) || isFatal(primary)) {
      return Optional.empty();
    }
    Map<Symptom, String> symptoms = Symptoms.of(history);
    boolean mild = symptoms.isEmpty() || symptoms.keySet().equals(Set.of(Symptom.UNLEARNED));
    if (mild && history.hasEnded()) {
      primary = null; // whatever it was has passed
      mechanisms.clear();
    }
    if (symptoms.isEmpty()) {
      return Optional.empty();
    }
    if (primary != null && primary.confidence() >= Case.CONFIRMED) {
      return Optional.empty();
    }
    Case patient = new Case(subject, history, symptoms, trials);
    for (Cause candidate : DecisionList.CAUSES) {
      Optional<Finding> found = candidate.examine(patient);
      if (found.isPresent()) {
        Finding finding = withWhatIsCertain(found.get());
        Optional<Finding> news = adopt(finding);
        news.ifPresent(cause -> explain(patient, cause));
        Finding treated = treatment.apply(finding);
        if (primary.equals(finding)) {
          primary = treated;
        }
        return news;
      }
    }
    if (history.hasEnded() && primary().isEmpty()) {
      unexplained = Unexplained.of(patient).orElse(null);
    }
    return Optional.empty();
  }

  /** What a run that has ended shows without a known cause. */
  Optional<Finding> unexplained() {
    return Optional.ofNullable(unexplained);
  }

  private void explain(Case patient, Finding cause) {
    mechanisms.clear();
    for (Cause mechanism : DecisionList.MECHANISMS) {
      mechanism
          .examine(patient)
          .filter(found -> found.diagnosis() != cause.diagnosis())
          .map(found -> found.as(Finding.Role.MECHANISM))
          .ifPresent(mechanisms::add);
    }
  }

  private static boolean isFatal(Finding finding) {
    return finding != null && finding.confidence() == 1 && FATAL.contains(finding.diagnosis());
  }

  /** What was certain before training, with the harm that the run shows of it. */
  private Finding withWhatIsCertain(Finding found) {
    if (!isSame(certain, found)) {
      return found;
    }
    Evidence[] more =
        found.evidence().stream()
            .filter(fact -> !certain.evidence().contains(fact))
            .toArray(Evidence[]::new);
    return certain.confirmed(certain.confidence(), more);
  }

  private static boolean isSame(Finding one, Finding other) {
    return one != null && other != null && one.diagnosis() == other.diagnosis();
  }

  private Optional<Finding> adopt(Finding found) {
    boolean known = isSame(primary, found) || isSame(certain, found);
    if (primary == null || found.confidence() >= primary.confidence()) {
      primary = found;
    }
    return known ? Optional.empty() : Optional.of(found);
  }

  /** The known cause with more facts. */
  void update(Finding finding) {
    if (primary == null) {
      certain = finding;
    } else {
      primary = finding;
    }
  }

  /**
   * What was certain before training, the cause of what the run shows, and how it does its harm, at
   * most two of the latter.
   */
  List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    if (primary != null && certain != null && !isSame(certain, primary)) {
      all.add(certain);
    }
    primary().ifPresent(all::add);
    all.addAll(mechanisms);
    return List.copyOf(all);
  }
}
