package gradus.examples.progress;

import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.report.ChangedCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A finding of the training doctor as text: what is wrong, how it shows, and what to type. */
public final class FindingText {
  private static final int WIDTH = 100;
  private static final String INDENT = "  ";
  private static final int LABELS = 10;

  private FindingText() {}

  /**
   * Several lines, ended. A note is one, wrapped where it is long.
   *
   * @param arguments of the command line that started the run; empty if they are not known
   */
  public static String of(Finding finding, List<String> arguments) {
    return finding.isDiagnosis() ? diagnosis(finding, arguments) : note(finding);
  }

  private static String diagnosis(Finding finding, List<String> arguments) {
    StringBuilder text = new StringBuilder();
    String what = finding.role() == Finding.Role.MECHANISM ? "It brings about" : "Diagnosis";
    text.append(
        String.format(
            Locale.ROOT,
            "%s, %s: %s (%s, %.0f %% sure)%n",
            what,
            when(finding),
            finding.diagnosis().label(),
            finding.diagnosis().severity().name().toLowerCase(Locale.ROOT),
            100 * finding.confidence()));
    field(text, "what", finding.cause());
    if (finding.symptom() != null) {
      field(text, "seen", finding.symptom().sentence());
    }
    String label = "evidence";
    for (Evidence fact : finding.evidence()) {
      field(text, label, fact.sentence());
      label = "";
    }
    Remedy remedy = finding.remedy();
    if (remedy != null) {
      field(text, "remedy", remedy.sentence());
      if (remedy.option() != null) {
        line(text, "type", ChangedCommand.of(arguments, remedy.option())); // to be copied whole
      }
      if (remedy.java() != null) {
        field(text, "in Java", remedy.java());
      }
    }
    field(text, "about it", "docs/diagnoses.md#" + finding.diagnosis().anchor());
    return text.toString();
  }

  private static String note(Finding finding) {
    Remedy remedy = finding.remedy();
    String option = remedy == null || remedy.option() == null ? "" : " (" + remedy.option() + ")";
    String sentence =
        "Note, "
            + when(finding)
            + ": "
            + finding.diagnosis().label()
            + (finding.confidence() < 1 ? "? " : ". ")
            + finding.cause();
    return String.join(System.lineSeparator(), wrapped(sentence + option, WIDTH))
        + System.lineSeparator();
  }

  /** For the end of a run: the cause, and on a line of its own what to type, ended. */
  public static String reminder(Finding finding, List<String> arguments) {
    Remedy remedy = finding.remedy();
    List<String> lines = new ArrayList<>();
    String said = "Diagnosis: " + finding.sentence();
    lines.addAll(wrapped(remedy == null ? said : said + " " + remedy.sentence(), WIDTH));
    if (remedy != null && remedy.option() != null) {
      lines.add("Type: " + ChangedCommand.of(arguments, remedy.option()));
    }
    return String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }

  /** A sentence of a list, wrapped, ended. */
  public static String item(String sentence) {
    return "- "
        + String.join(System.lineSeparator() + INDENT, wrapped(sentence, WIDTH - INDENT.length()))
        + System.lineSeparator();
  }

  private static String when(Finding finding) {
    return finding.epoch() == 0 ? "before training" : "epoch " + finding.epoch();
  }

  private static void field(StringBuilder text, String label, String value) {
    String head = label;
    for (String line : wrapped(value, WIDTH - LABELS - INDENT.length())) {
      line(text, head, line);
      head = "";
    }
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append(String.format("%s%-" + LABELS + "s%s%n", INDENT, label, value));
  }

  /** Broken at spaces; a longer word keeps its line. */
  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() > 0 ? " " : "").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
