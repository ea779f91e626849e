package gradus.doctor.preflight;

import gradus.doctor.Finding;
import gradus.doctor.Subject;
import java.util.List;

/**
 * Looks at data and network before the first step, and changes neither. What is certainly wrong is
 * a {@link Finding#certain}; what is unusual a {@link Finding#note}, which becomes a diagnosis if
 * the run shows a symptom and a trial without the oddity removes it.
 */
@FunctionalInterface
public interface PreflightCheck {
  /** What it has found, most often nothing. */
  List<Finding> examine(Subject subject);
}
