package gradus.doctor.preflight;

import gradus.doctor.Finding;
import gradus.doctor.Subject;
import java.util.ArrayList;
import java.util.List;

/** All the checks before training, the cheap ones first. */
public final class Preflight {
  private static final List<PreflightCheck> CHECKS =
      List.of(
          new NonFiniteData(),
          new InputScale(),
          new Preprocessing(),
          new ClassBalance(),
          new BatchOrder(),
          new LabelNeighbours(),
          new Duplicates());

  private Preflight() {}

  /** What they find, certain defects first. */
  public static List<Finding> examine(Subject subject) {
    List<Finding> certain = new ArrayList<>();
    List<Finding> notes = new ArrayList<>();
    for (PreflightCheck check : CHECKS) {
      for (Finding finding : check.examine(subject)) {
        (finding.isDiagnosis() ? certain : notes).add(finding);
      }
    }
    certain.addAll(notes);
    return certain;
  }
}
