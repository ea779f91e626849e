package gradus.doctor.cause;

import gradus.doctor.Finding;
import java.util.Optional;

/** One cause of a bad run: when to think of it, and how to tell whether it is the one. */
public interface Cause {
  /**
   * The finding if this is the cause. Looks at the history first, which costs nothing, and does a
   * trial only if that speaks for it.
   */
  Optional<Finding> examine(Case patient);
}
