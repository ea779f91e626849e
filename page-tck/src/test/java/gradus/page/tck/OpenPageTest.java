package gradus.page.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a page is found out; otherwise the tests of pages would mean nothing. */
class OpenPageTest {
  @TempDir static Path folder;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    browser = Browser.start(folder);
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  private static URI page(String body) throws IOException {
    String head =
        "<!DOCTYPE html><meta charset=\"utf-8\">"
            + "<meta name=\"viewport\" content=\"width=device-width\">";
    return Files.writeString(Files.createTempFile(folder, "page", ".html"), head + body).toUri();
  }

  private static String defect(String body) throws IOException, InterruptedException {
    URI page = page(body);
    try (OpenPage open = browser.open(page, Screen.PHONE)) {
      return assertThrows(AssertionError.class, () -> open.requireSound(page)).getMessage();
    }
  }

  @Test
  void aSoundPageHasNoDefect() throws IOException, InterruptedException {
    URI page = page("<p>Hello");
    for (Screen screen : Screen.all()) {
      try (OpenPage open = browser.open(page, screen)) {
        open.requireSound(page);
        assertEquals(List.of("Hello"), open.texts("p"));
        assertEquals(screen.width(), open.evaluate("innerWidth").asInt());
        assertEquals(
            screen.dark(),
            open.evaluate("matchMedia('(prefers-color-scheme: dark)').matches").asBoolean());
      }
    }
  }

  @Test
  void aRequestIsADefect() throws IOException, InterruptedException {
    URI page = page("<p>Hello");
    try (OpenPage open = browser.open(page, Screen.DESKTOP)) {
      open.evaluate("void fetch('http://127.0.0.1:1/a.png', {mode: 'no-cors'}).catch(() => 0)");
      open.await("true");
      assertTrue(open.requests().contains("http://127.0.0.1:1/a.png"), open.requests().toString());
      assertThrows(AssertionError.class, () -> open.requireSound(page));
    }
  }

  @Test
  void aComplaintIsADefect() throws IOException, InterruptedException {
    assertTrue(defect("<script>console.warn('odd')</script>").contains("odd"));
    assertTrue(defect("<script>nothing()</script>").contains("nothing is not defined"));
    String policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
    assertTrue(defect(policy + "<script>1</script>").contains("Content Security Policy"));
  }

  @Test
  void whatIsTooWideIsADefect() throws IOException, InterruptedException {
    String wide = "<div style=\"width: 500px\">wide</div>";
    assertTrue(defect(wide).contains("pixels are wider than 390-light"));
    assertTrue(defect("<div style=\"overflow: hidden\">" + wide + "</div>").contains("DIV: wide"));
    URI page = page("<div style=\"overflow: auto\">" + wide + "</div>");
    try (OpenPage open = browser.open(page, Screen.PHONE)) {
      open.requireSound(page);
    }
  }

  @Test
  void anEmptyChartIsADefect() throws IOException, InterruptedException {
    String none = "<script>const Chart = {getChart: () => undefined}</script><canvas></canvas>";
    assertTrue(defect(none).contains("an empty chart"));
  }
}
