package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BackendsCommandTest {
  @Test
  void listsEachAndMarksTheChosen() {
    String out = Outcome.of("backends", "--backend", "reference").succeeded().out();
    assertTrue(out.contains("* reference  available: reference: plain Java"), out);
    assertTrue(out.lines().filter(line -> line.startsWith("*")).count() == 1, out);
  }

  @Test
  void showsVersions() {
    String out = Outcome.of("backends", "--verbose").succeeded().out();
    assertTrue(out.contains("java         " + Runtime.version()), out);
  }

  @Test
  void aMissingOneIsAnErrorWithTheRemedy() {
    Outcome.of("backends", "--backend", "abacus")
        .failed(1, "no backend named \"abacus\"", "reference", "gradus-backend-abacus");
  }

  @Test
  void threadsHaveARange() {
    Outcome.of("backends", "--threads", "0").failed(2, "--threads is 0");
  }
}
