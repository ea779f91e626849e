package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a command line answered, run inside this JVM. */
record Outcome(int exitCode, String out, String err) {
  static Outcome of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Commands.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int exitCode = line.execute(arguments);
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  Outcome succeeded() {
    assertEquals(0, exitCode, err);
    assertEquals("", err);
    return this;
  }

  /** It failed with this code and one message that has all these parts, and no stack trace. */
  Outcome failed(int code, String... parts) {
    assertEquals(code, exitCode, out + err);
    for (String part : parts) {
      assertTrue(err.contains(part), () -> "no \"" + part + "\" in: " + err);
    }
    assertTrue(err.startsWith("gradus"), err);
    assertFalse(err.contains("\tat "), err);
    assertFalse(err.contains("defect"), err);
    return this;
  }
}
