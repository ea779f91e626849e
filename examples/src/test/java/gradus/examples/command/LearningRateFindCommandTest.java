package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningRateFindCommandTest {
  private static Outcome find(String... options) {
    String[] arguments = new String[options.length + 7];
    String[] fixed = {
      "lr-find", "--model", "lenet", "--batch", "16", "--backend", TestBackend.name()
    };
    System.arraycopy(fixed, 0, arguments, 0, fixed.length);
    System.arraycopy(options, 0, arguments, fixed.length, options.length);
    return Outcome.of(arguments);
  }

  @Test
  void printsTheSweepAndARateToTrainWith() {
    String out = find("--min-lr", "1e-5", "--max-lr", "0.2").succeeded().out();
    List<String> rows = out.lines().filter(line -> line.matches(" +\\d+ +\\d.*")).toList();
    assertEquals(25, rows.size(), out);
    assertTrue(rows.get(24).contains("2.00e-01"), out);
    Matcher suggested = Pattern.compile("Suggested: --lr (\\S+)").matcher(out);
    assertTrue(suggested.find(), out);
    double rate = Double.parseDouble(suggested.group(1));
    assertTrue(rate > 1e-5 && rate <= 0.2, out);
  }

  @Test
  void drawsTheSweep(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("sweep.html");
    find("--min-lr", "1e-4", "--max-lr", "0.2", "--html", page.toString()).succeeded();
    String text = Files.readString(page);
    int begin = text.indexOf("id=\"data\">") + "id=\"data\">".length();
    JsonNode data =
        new ObjectMapper().readTree(text.substring(begin, text.indexOf("</script>", begin)));
    assertEquals(100, data.get("points").size());
    assertEquals(0.2, data.at("/points/99/rate").asDouble(), 1e-6);
    assertTrue(data.get("suggestion").isNumber());
    find("--html", folder.resolve("none/sweep.html").toString()).failed(1, "--html");
  }

  @Test
  void computesAsTheRunWould(@TempDir Path folder) {
    String plain = find("--max-lr", "0.2").succeeded().out();
    assertEquals(plain, find("--max-lr", "0.2").succeeded().out());
    for (String[] option :
        new String[][] {
          {"--precision", "bf16"},
          {"--dropout", "0.5"},
          {"--init", "lecun-normal"},
          {"--limit", "1700"},
          {"--long-tail", "2"}
        }) {
      String[] options = Arrays.copyOf(option, option.length + 2);
      options[option.length] = "--max-lr";
      options[option.length + 1] = "0.2";
      assertNotEquals(plain, find(options).succeeded().out(), option[0]);
    }
    String small = find("--batch", "8").succeeded().out();
    assertNotEquals(small, find("--batch", "8", "--accumulate", "2").succeeded().out());
    String run = folder.resolve("run").toString();
    Outcome.of("train", "--model", "lenet", "--limit", "200", "--epochs", "1", "--out", run)
        .succeeded();
    String tuned = find("--from", run, "--freeze", "conv.*").succeeded().out();
    assertTrue(tuned.contains("Loaded 10 arrays of " + run), tuned);
    assertTrue(tuned.contains("Frozen: 4 of 10 parameters"), tuned);
  }

  @Test
  void wrongOptionsAreNamed() {
    find("--limit", "160").failed(1, "10 are in an epoch");
    find("--accumulate", "50").failed(1, "updates are in an epoch");
    find("--accumulate", "0").failed(2, "--accumulate is 0");
    find("--dropout", "1").failed(2, "--dropout is 1.0");
    find("--from", "nowhere").failed(2, "--from nowhere");
    find("--limit", "0").failed(2, "--limit is 0");
    find("--steps", "5").failed(2, "--steps is 5", "100");
    find("--min-lr", "1", "--max-lr", "0.1").failed(2, "--min-lr is 1.0", "the second the larger");
    find("--min-lr", "0").failed(2, "--min-lr is 0.0");
    find("--preview-augmentation", "a.png").failed(2, "belongs to train");
  }
}
