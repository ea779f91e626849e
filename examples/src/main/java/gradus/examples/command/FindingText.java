package gradus.examples.command;

import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import java.util.ArrayList;
import java.util.List;

/** Findings of the doctor as text. */
final class FindingText {
  private FindingText() {}

  /** One line for what is only unusual. */
  static String line(Finding finding) {
    return "note: " + finding.diagnosis().label() + ": " + finding.cause();
  }

  /** All there is to say, each fact on a line. */
  static List<String> lines(Finding finding) {
    List<String> lines = new ArrayList<>();
    lines.add(finding.isDiagnosis() ? "DEFECT: " + finding.sentence() : line(finding));
    for (Evidence evidence : finding.evidence()) {
      lines.add("  " + evidence.sentence());
    }
    lines.addAll(remedy(finding.remedy()));
    return lines;
  }

  private static List<String> remedy(Remedy remedy) {
    List<String> lines = new ArrayList<>();
    lines.add("  remedy: " + remedy.sentence());
    if (remedy.java() != null) {
      lines.add("    in Java: " + remedy.java());
    }
    if (remedy.option() != null) {
      lines.add("    option: " + remedy.option());
    }
    return lines;
  }
}
