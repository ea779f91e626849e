package gradus.report;

import gradus.doctor.Finding;
import gradus.train.BestWeights;
import gradus.train.Evaluation;
import gradus.train.TrainingReport;
import java.util.List;

/**
 * What came of a run.
 *
 * @param training null while it runs, and if an error ended it
 * @param test how the trained model does on the test part, or {@link Evaluation#NONE}
 * @param weights the SHA-256 of the file of its final weights, or null if there is none
 * @param best where the weights of its best epoch are, or null
 * @param error what ended it, or null
 * @param findings of the training doctor, notes included; null if none watched, or it is too early
 */
public record RunOutcome(
    TrainingReport training,
    Evaluation test,
    String weights,
    BestWeights.Kept best,
    String error,
    List<Finding> findings) {
  /** Of a run that has just begun. */
  public static final RunOutcome RUNNING =
      new RunOutcome(null, Evaluation.NONE, null, null, null, null);

  /** The list is copied. */
  public RunOutcome {
    findings = findings == null ? null : List.copyOf(findings);
  }

  /** Of a run that came to an end of its own. */
  public static RunOutcome of(TrainingReport training, Evaluation test, String weights) {
    return new RunOutcome(training, test, weights, null, null, null);
  }

  /** Of a run that an error ended. */
  public static RunOutcome failed(String error) {
    return new RunOutcome(null, Evaluation.NONE, null, null, error, null);
  }

  /** The same with what came of the test. */
  public RunOutcome withTest(Evaluation tested) {
    return new RunOutcome(training, tested, weights, best, error, findings);
  }

  /** The same with what the training doctor found, or null if none watched. */
  public RunOutcome withFindings(List<Finding> found) {
    return new RunOutcome(training, test, weights, best, error, found);
  }

  /** The same with where the weights of the best epoch are, or null for nowhere. */
  public RunOutcome withBest(BestWeights.Kept kept) {
    return new RunOutcome(training, test, weights, kept, error, findings);
  }

  /** How far it came. */
  public RunStatus status() {
    if (training == null) {
      return error == null ? RunStatus.RUNNING : RunStatus.FAILED;
    }
    return switch (training.reason()) {
      case COMPLETED, EARLY_STOPPING -> RunStatus.FINISHED;
      case REQUESTED -> RunStatus.INTERRUPTED;
      case NON_FINITE_LOSS, NON_FINITE_GRADIENT -> RunStatus.FAILED;
    };
  }

  /** Why it ended, in words, or null while it runs. */
  public String reason() {
    return training == null ? error : training.reason().sentence();
  }
}
