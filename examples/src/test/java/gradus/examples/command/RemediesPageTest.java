package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Holds docs/remedies.md against what there is. */
class RemediesPageTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  @Test
  void everyClassOptionAndTestItNamesExists() throws IOException {
    List<String[]> rows =
        Files.readAllLines(ROOT.resolve("docs/remedies.md")).stream()
            .takeWhile(line -> !line.equals("## Measured"))
            .filter(line -> line.startsWith("| ") && !line.startsWith("| remedy"))
            .map(line -> line.split("\\|", -1))
            .toList();
    assertTrue(rows.size() > 40, "only " + rows.size() + " remedies");
    CommandLine line = Commands.commandLine();
    Set<String> options = line.getSubcommands().get("train").getCommandSpec().optionsMap().keySet();
    Set<String> tests = testNames();
    for (String[] row : rows) {
      String remedy = row[1].strip();
      for (String name : codes(row[2])) {
        assertTrue(exists(name), remedy + ": no class " + name);
      }
      List<String> chosen = codes(row[3]);
      assertTrue(!chosen.isEmpty() || row[3].contains("("), remedy + ": no option");
      for (String option : chosen) {
        if (option.startsWith("./gradus ")) {
          String command = option.substring("./gradus ".length());
          assertTrue(line.getSubcommands().containsKey(command), remedy + ": no " + option);
        } else {
          String name = option.split(" ", 2)[0];
          assertTrue(options.contains(name), remedy + ": train has no " + name);
        }
      }
      List<String> proofs = codes(row[4]);
      assertTrue(!proofs.isEmpty(), remedy + ": no test");
      for (String test : proofs) {
        assertTrue(tests.contains(test), remedy + ": no test " + test);
      }
    }
  }

  private static List<String> codes(String cell) {
    Matcher matcher = CODE.matcher(cell);
    return matcher.results().map(found -> found.group(1)).toList();
  }

  private static boolean exists(String name) {
    try {
      Class.forName(name);
      return true;
    } catch (ClassNotFoundException missing) {
      return false;
    }
  }

  private static Set<String> testNames() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT, 12)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Test.java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
