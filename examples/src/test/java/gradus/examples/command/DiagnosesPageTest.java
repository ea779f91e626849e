package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.cause.DecisionList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Holds docs/diagnoses.md against what there is. */
class DiagnosesPageTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(#([^)]*)\\)");
  private static final Path SOURCES = Path.of("../training/src/main/java/gradus/doctor/cause");

  /** One that a cause tells, not one that it rules out. */
  private static final Pattern DIAGNOSIS =
      Pattern.compile("Diagnosis\\.([A-Z_]++)(?!\\)\\.isPresent)");

  /** A cause of the list and what it is made of, which may be the diagnosis that it tells. */
  private static final Pattern MADE = Pattern.compile("new (\\w+)\\(([^()]*)\\)");

  private static final List<String> PARTS =
      List.of(
          "**What it is.**",
          "**How it shows.**",
          "**How it is told from its likes.**",
          "**What to do.**",
          "**Source.**");

  private String page;
  private String[] sections;

  @BeforeEach
  void read() throws IOException {
    page = Files.readString(Path.of("../docs/diagnoses.md"));
    String[] parts = page.split("\n## ", -1);
    sections = Arrays.copyOfRange(parts, 1, parts.length);
  }

  /** The anchor that a heading gets. */
  private static String anchor(String section) {
    return section.lines().findFirst().orElse("").toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  @Test
  void everyDiagnosisHasItsSectionInTheOrderOfCauses() {
    assertEquals(
        Arrays.stream(Diagnosis.values()).map(Diagnosis::anchor).toList(),
        Arrays.stream(sections).map(DiagnosesPageTest::anchor).toList());
    for (String section : sections) {
      int at = -1;
      for (String part : PARTS) {
        int next = section.indexOf(part);
        assertTrue(next > at, anchor(section) + ": no, or misplaced " + part);
        at = next;
      }
    }
  }

  /** A diagnosis stands where the first cause that leads to it is considered. */
  @Test
  void theOrderIsThatOfTheDecisionList() throws IOException {
    List<Diagnosis> beforeTheFirstStep =
        List.of(Diagnosis.NON_FINITE_DATA, Diagnosis.LOSS_OUTPUT_MISMATCH, Diagnosis.DATA_LEAKAGE);
    Set<Diagnosis> order = new LinkedHashSet<>(beforeTheFirstStep);
    List<MatchResult> causes =
        MADE.matcher(Files.readString(SOURCES.resolve("DecisionList.java"))).results().toList();
    assertEquals(
        Stream.concat(DecisionList.CAUSES.stream(), DecisionList.MECHANISMS.stream())
            .map(cause -> cause.getClass().getSimpleName())
            .toList(),
        causes.stream().map(made -> made.group(1)).toList());
    for (MatchResult made : causes) {
      String told = Files.readString(SOURCES.resolve(made.group(1) + ".java"));
      DIAGNOSIS
          .matcher(made.group(2) + told)
          .results()
          .forEach(found -> order.add(Diagnosis.valueOf(found.group(1))));
    }
    order.add(Diagnosis.UNEXPLAINED); // where none of them does
    assertEquals(List.of(Diagnosis.values()), List.copyOf(order));
  }

  @Test
  void everyOptionCommandClassAndLinkExists() throws ClassNotFoundException {
    CommandLine line = Commands.commandLine();
    Set<String> options = line.getSubcommands().get("train").getCommandSpec().optionsMap().keySet();
    int checked = 0;
    for (String section : sections) {
      for (MatchResult found : CODE.matcher(section).results().toList()) {
        String code = found.group(1).replaceAll("\\s+", " ");
        if (code.startsWith("--")) {
          assertTrue(
              options.contains(code.split(" ", 2)[0]), anchor(section) + ": no option " + code);
          checked++;
        } else if (code.startsWith("./gradus ")) {
          String command = code.split(" ", 3)[1];
          assertTrue(line.getSubcommands().containsKey(command), "no command " + code);
        } else if (code.startsWith("gradus.")) {
          Class.forName(code);
          checked++;
        }
      }
      String remedy = section.substring(section.indexOf("**What to do.**"));
      assertTrue(
          remedy.contains("`--") || remedy.contains("`gradus."), anchor(section) + ": no remedy");
    }
    assertTrue(checked > 60, "only " + checked + " names were looked at");
    Set<String> anchors =
        Set.copyOf(Arrays.stream(sections).map(DiagnosesPageTest::anchor).toList());
    LINK.matcher(page)
        .results()
        .forEach(
            link -> assertTrue(anchors.contains(link.group(1)), "no section " + link.group(1)));
  }
}
