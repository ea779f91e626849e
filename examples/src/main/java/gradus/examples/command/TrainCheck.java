package gradus.examples.command;

import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.doctor.preflight.Preflight;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Option;

/** What {@code train} looks at before its first step, and the option that lets it train anyway. */
final class TrainCheck {
  @Option(
      names = "--no-check",
      description =
          "Train without looking at data and network first, and even if something is wrong with"
              + " them. See the command check.")
  private boolean off;

  private List<Finding> findings; // null: nothing was looked at

  /** Whether anything is to be looked at. */
  boolean isOn() {
    return !off;
  }

  /** What was found; null before {@link #passes}. */
  List<Finding> findings() {
    return findings;
  }

  /** Says what it finds, a line for each oddity; whether nothing is certainly wrong. */
  boolean passes(Subject subject, PrintWriter out, PrintWriter err) {
    findings = Preflight.examine(subject);
    boolean defect = false;
    for (Finding finding : findings) {
      defect |= finding.isDiagnosis();
      if (finding.isDiagnosis()) {
        FindingText.lines(finding).forEach(err::println);
      } else {
        out.println(FindingText.line(finding));
      }
    }
    if (defect) {
      err.println("Nothing was trained. Repair this first, or train all the same: --no-check");
    }
    out.flush();
    err.flush();
    return !defect;
  }
}
