package gradus.examples.doctor;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.train.EpochReport;
import java.util.List;
import java.util.Optional;

/**
 * What a run of a scenario came to.
 *
 * @param accuracy of the last validation, as the run itself reported it; if it ended before the
 *     last epoch, of the weights it ended with
 * @param epochs the finished ones
 * @param nonFinite whether the loss was no number
 * @param plannedSteps of the whole run
 * @param steps done
 * @param seconds of training and validation
 * @param weights a checksum of all parameters and statistics at the end
 * @param findings the diagnosis at the end; empty without a doctor
 * @param notes at the end
 * @param diagnosedAt the step after which the first diagnosis was told, 0 before the first step; -1
 *     if there was none
 * @param trialSteps spent on trials, in steps of the run; 0 without a doctor
 * @param failure why the run could not be finished, or null
 */
public record Outcome(
    Scenario scenario,
    long seed,
    double accuracy,
    List<EpochReport> epochs,
    boolean nonFinite,
    long plannedSteps,
    long steps,
    double seconds,
    long weights,
    List<Finding> findings,
    List<Finding> notes,
    long diagnosedAt,
    long trialSteps,
    String failure) {
  /** The lists are copied. */
  public Outcome {
    epochs = List.copyOf(epochs);
    findings = List.copyOf(findings);
    notes = List.copyOf(notes);
  }

  /** The validation accuracy after each epoch. */
  public List<Double> accuracies() {
    return epochs.stream().map(EpochReport::validationAccuracy).toList();
  }

  /** What the doctor says is the cause, if anything. */
  public Optional<Finding> cause() {
    return findings.stream().filter(finding -> finding.role() == Finding.Role.PRIMARY).findFirst();
  }

  /** The name of the cause, or null. */
  public Diagnosis primary() {
    return cause().map(Finding::diagnosis).orElse(null);
  }

  /** Whether the doctor says the very cause; of a healthy run, nothing. */
  public boolean isStrict() {
    return failure == null && scenario.isStrictly(primary());
  }

  /** Whether the doctor says an accepted cause; of a healthy run, nothing. */
  public boolean isLenient() {
    return failure == null && scenario.accepts(primary());
  }

  /** Whether the doctor says that something is wrong. */
  public boolean isFlagged() {
    return !findings.isEmpty();
  }

  /** How many findings name an accepted cause. */
  public long rightFindings() {
    return scenario.isHealthy()
        ? 0
        : findings.stream().filter(finding -> scenario.accepts(finding.diagnosis())).count();
  }
}
