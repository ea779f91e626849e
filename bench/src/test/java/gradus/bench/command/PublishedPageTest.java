package gradus.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No number of docs/performance.md is written by hand. */
class PublishedPageTest {
  private static final Path DOCS = Path.of("../docs");

  @Test
  void thePageInDocsIsWhatTheResultsMakeIt() throws IOException {
    List<Path> results = PageCommand.published(Path.of("."));
    if (results.isEmpty()) {
      assertFalse(
          Files.exists(DOCS.resolve("performance.md")),
          "docs/performance.md has no measurements in bench/results that it could be made of");
      return;
    }
    Map<String, String> files = PageCommand.content(results, "performance.md");
    for (Map.Entry<String, String> file : files.entrySet()) {
      assertEquals(
          file.getValue(),
          Files.readString(DOCS.resolve(file.getKey())),
          file.getKey() + " is out of date: run bench/run.sh page");
    }
  }
}
