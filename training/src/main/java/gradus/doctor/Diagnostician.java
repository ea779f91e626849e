package gradus.doctor;

import gradus.doctor.cause.Case;
import gradus.doctor.cause.Cause;
import gradus.doctor.cause.DecisionList;
import gradus.doctor.trial.Trials;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Goes from symptoms to the cause, and keeps the diagnosis as it stands. */
final class Diagnostician {
  private final Subject subject;
  private final History history;
  private final Trials trials;
  private final List<Finding> mechanisms = new ArrayList<>();
  private Finding primary;

  Diagnostician(Subject subject, History history, Trials trials) {
    this.subject = subject;
    this.history = history;
    this.trials = trials;
    this.primary =
        history.preflight().stream().filter(Finding::isDiagnosis).findFirst().orElse(null);
  }

  /** The cause that is known, or empty. */
  Optional<Finding> primary() {
    return Optional.ofNullable(primary);
  }

  /**
   * Looks at the history anew.
   *
   * @param treatment given what is found, last of all: it may change the run, of which it tells
   * @return a cause that was not known before, as it was before treatment
   */
  Optional<Finding> examine(UnaryOperator<Finding> treatment) {
    if (isCertain()) {
      return Optional.empty();
    }
    Map<Symptom, String> symptoms = symptoms();
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
    for (Cause cause : DecisionList.CAUSES) {
      Optional<Finding> found = cause.examine(patient);
      if (found.isPresent()) {
        Optional<Finding> news = adopt(found.get());
        news.ifPresent(finding -> explain(patient, finding));
        Finding treated = treatment.apply(found.get());
        if (primary.equals(found.get())) {
          primary = treated;
        }
        return news;
      }
    }
    return Optional.empty();
  }

  /** What the run shows, in losses and in how its weights are held back. */
  Map<Symptom, String> symptoms() {
    Map<Symptom, String> seen = new EnumMap<>(Symptom.class);
    seen.putAll(Symptoms.of(history));
    new DecayPull(history, subject.optimizer().weightDecay())
        .symptom()
        .ifPresent(held -> seen.put(held.getKey(), held.getValue()));
    return seen;
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

  private boolean isCertain() {
    return primary != null && primary.confidence() == 1;
  }

  private Optional<Finding> adopt(Finding found) {
    boolean known = primary != null && primary.diagnosis() == found.diagnosis();
    if (primary == null || found.confidence() >= primary.confidence()) {
      primary = found;
    }
    return known ? Optional.empty() : Optional.of(found);
  }

  /** The known cause with more facts. */
  void update(Finding finding) {
    primary = finding;
  }

  /** The cause and how it does its harm, at most two of the latter. */
  List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    primary().ifPresent(all::add);
    all.addAll(mechanisms);
    return List.copyOf(all);
  }
}
