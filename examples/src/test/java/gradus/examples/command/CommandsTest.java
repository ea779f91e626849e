package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CommandsTest {
  private static List<String> commands() {
    return List.of(
        "train",
        "lr-find",
        "evaluate",
        "imbalance",
        "predict",
        "export",
        "import",
        "report",
        "diagnose",
        "runs",
        "compare",
        "rerun",
        "search",
        "serve",
        "check",
        "check-data",
        "demo",
        "doctor-eval",
        "label-errors",
        "summary",
        "backends",
        "bench",
        "bench-data");
  }

  @Test
  void helpListsTheCommands() {
    String help = Outcome.of("--help").succeeded().out();
    commands().forEach(command -> assertTrue(help.contains("  " + command), help));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItself(String command) {
    String help = Outcome.of(command, "--help").succeeded().out();
    assertTrue(help.startsWith("Usage: gradus " + command), help);
  }

  @Test
  void aCommandIsNeededAndMustExist() {
    Outcome.of().failed(2, "name a command");
    Outcome.of("trian").failed(2, "trian", "gradus train");
  }

  @Test
  void debugShowsTheStackTrace() {
    Outcome plain = Outcome.of("backends", "--backend", "reference:x");
    plain.failed(1, "reference:x");
    Outcome debug = Outcome.of("backends", "--backend", "reference:x", "--debug");
    assertEquals(1, debug.exitCode());
    assertTrue(debug.err().contains("\tat gradus.backend.Backends"), debug.err());
  }
}
