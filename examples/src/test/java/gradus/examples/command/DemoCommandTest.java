package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  @TempDir Path scratch;

  @Test
  void showsTheMistakeFirstAndThenTheCure() throws IOException {
    Path page = scratch.resolve("page.html");
    String text =
        Outcome.of("demo", "loss-stuck", "--html", page.toString(), "--backend", TestBackend.name())
            .succeeded()
            .out();
    assertTrue(text.contains("learning rate too high"), text);
    assertTrue(text.indexOf("As it was") < text.indexOf("Cured"), text);
    String html = Files.readString(page);
    assertTrue(html.contains("\"title\":\"Why is the loss not decreasing?\""));
    assertTrue(html.indexOf("What was wrong") < html.indexOf("What to type"));
    assertTrue(html.indexOf("What to type") < html.indexOf("The cured run"));
  }

  /** A cure that leaves something to tell is none. */
  @Test
  void theCuredTwinIsHealthy() {
    for (String name : new String[] {"loss-stuck", "never-converges"}) {
      Path page = scratch.resolve(name + ".html");
      String text =
          Outcome.of("demo", name, "--html", page.toString(), "--backend", TestBackend.name())
              .succeeded()
              .out();
      String cured = text.substring(text.indexOf("Cured: "));
      assertFalse(cured.contains(" % sure)"), text);
      assertTrue(text.contains("  Type: ./gradus train --"), text);
    }
  }

  @Test
  void listsTheDemos() {
    String list = Outcome.of("demo").succeeded().out();
    for (String name :
        new String[] {
          "fast-loss", "loss-fluctuates", "validation-stalls", "never-converges", "loss-stuck"
        }) {
      assertTrue(list.contains(name), list);
    }
    Outcome.of("demo", "nonsense").failed(2, "There is no demo nonsense; choose one of fast-loss");
  }
}
