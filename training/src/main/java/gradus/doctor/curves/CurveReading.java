package gradus.doctor.curves;

import gradus.doctor.Finding;
import java.util.List;

/**
 * What curves say.
 *
 * @param findings the cause first, then at most two more, then notes
 * @param untold what they do not say, each a sentence with what would
 */
public record CurveReading(List<Finding> findings, List<String> untold) {
  /** The lists are copied. */
  public CurveReading {
    findings = List.copyOf(findings);
    untold = List.copyOf(untold);
  }
}
