package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import java.util.ArrayList;
import java.util.List;

/** All the checks before training, the cheap ones first. */
public final class Preflight {
  private static final List<PreflightCheck> FIRST =
      List.of(new OptimizerSettings(), new OutputAndLoss(), new Architecture());

  /** Only for labels that are classes: they count them. */
  private static final List<PreflightCheck> OF_CLASSES =
      List.of(
          new EnoughData(),
          new ClassBalance(),
          new Smoothing(),
          new BatchOrder(),
          new NonFiniteData(),
          new InputScale(),
          new Preprocessing(),
          new LabelNeighbours(),
          new Duplicates());

  /** Only for what could be trained, and has not been yet: it computes the first loss. */
  private static final PreflightCheck LAST = new InitialSignal();

  private Preflight() {}

  /** What they find, certain defects first. */
  public static List<Finding> examine(Subject subject) {
    List<Finding> certain = new ArrayList<>();
    List<Finding> notes = new ArrayList<>();
    for (PreflightCheck check : FIRST) {
      sort(check.examine(subject), certain, notes);
    }
    if (Labels.areClasses(subject.train()) && Labels.areClasses(subject.validation())) {
      for (PreflightCheck check : OF_CLASSES) {
        sort(check.examine(subject), certain, notes);
      }
    }
    boolean begins = subject.optimizer().steps() == 0; // or it goes on from a checkpoint
    if (begins
        && certain.stream().noneMatch(f -> f.diagnosis() == Diagnosis.LOSS_OUTPUT_MISMATCH)) {
      sort(LAST.examine(subject), certain, notes);
    }
    certain.addAll(notes);
    return certain;
  }

  private static void sort(List<Finding> found, List<Finding> certain, List<Finding> notes) {
    for (Finding finding : found) {
      (finding.isDiagnosis() ? certain : notes).add(finding);
    }
  }
}
