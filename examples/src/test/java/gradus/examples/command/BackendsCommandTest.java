package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
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
  void anUnknownNameIsAWrongCommandLineAndTheKnownOnesAreNamed() {
    Outcome.of("backends", "--backend", "abacus")
        .failed(2, "--backend is abacus", "choose one of", "reference");
    Outcome.of("backends", "--backend", "abacus:1").failed(2, "--backend is abacus:1");
    Outcome.of("backends", "--backend", "reference:x").failed(1, "a number after the colon");
  }

  @Test
  void aSkippedOneIsAnnouncedInOneShortLine() {
    List<String> lines = new ArrayList<>();
    Handler listener =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(new SimpleFormatter().formatMessage(record));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(Backends.class.getName());
    log.addHandler(listener);
    try (Backend chosen = Backends.best()) {
      List<String> expected =
          Backends.providers().stream()
              .takeWhile(provider -> !provider.name().equals(chosen.name()))
              .map(provider -> "Backend " + provider.name() + " cannot run here: skipped")
              .toList();
      assertEquals(expected, lines);
    } finally {
      log.removeHandler(listener);
    }
  }

  @Test
  void threadsHaveARange() {
    Outcome.of("backends", "--threads", "0").failed(2, "--threads is 0");
  }
}
