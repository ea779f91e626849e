package gradus.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No number of docs/performance.md is written by hand. */
class PublishedPageTest {
  private static final Path DOCS = Path.of("../docs");

  @Test
  void thePagesInDocsAreWhatTheResultsMakeThem() throws IOException {
    Map<String, List<Path>> pages = PageCommand.published(Path.of("."));
    try (Stream<Path> docs = Files.list(DOCS)) {
      List<String> found =
          docs.map(file -> file.getFileName().toString())
              .filter(name -> name.matches("performance.*\\.md"))
              .sorted()
              .toList();
      assertEquals(
          List.copyOf(pages.keySet()), found, "pages, each of which bench/results is to make");
    }
    for (Map.Entry<String, List<Path>> page : pages.entrySet()) {
      Map<String, String> files = PageCommand.content(page.getValue(), page.getKey());
      for (Map.Entry<String, String> file : files.entrySet()) {
        assertEquals(
            file.getValue(),
            Files.readString(DOCS.resolve(file.getKey())),
            file.getKey() + " is out of date: run bench/run.sh page");
      }
    }
  }
}
