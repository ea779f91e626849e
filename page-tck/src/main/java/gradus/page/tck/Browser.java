package gradus.page.tck;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Debian's chromium without a window. Close it before its folder is removed. */
public final class Browser implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final DevTools tools;

  private Browser(Process process, DevTools tools) {
    this.process = process;
    this.tools = tools;
  }

  /**
   * Starts it; where there is none, the test is skipped with that reason.
   *
   * @param folder an empty one for what it keeps while it runs
   */
  public static Browser start(Path folder) throws IOException, InterruptedException {
    String program =
        Arrays.stream(System.getenv("PATH").split(":", -1))
            .map(place -> Path.of(place, "chromium"))
            .filter(Files::isExecutable)
            .map(Path::toString)
            .findFirst()
            .orElse(null);
    assumeTrue(program != null, "chromium is not installed");
    Path log = folder.resolve("browser.log");
    Process process =
        new ProcessBuilder(
                program,
                "--headless",
                "--no-sandbox", // which needs rights that a container does not give
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-features=NetworkTimeServiceQuerying",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder.resolve("profile"),
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      return new Browser(process, new DevTools(address(process, folder, log)));
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Where it takes commands: it writes port and path into a file as soon as it does. */
  private static URI address(Process process, Path folder, Path log)
      throws IOException, InterruptedException {
    Path file = folder.resolve("profile/DevToolsActivePort");
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
      assertTrue(process.isAlive(), () -> "the browser ended: " + read(log));
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() == 2) {
        return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
      }
      Thread.sleep(20);
    }
    throw new AssertionError("the browser takes no commands: " + read(log));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Opens a page and waits until it is loaded. */
  public OpenPage open(URI page, Screen screen) throws InterruptedException {
    String target =
        tools
            .call("", "Target.createTarget", Map.of("url", "about:blank"))
            .get("targetId")
            .asText();
    OpenPage tab = new OpenPage(tools, target, screen);
    tab.load(page);
    return tab;
  }

  @Override
  public void close() {
    tools.call("", "Browser.close", Map.of()); // it ends its helpers, which write into the folder
    tools.close();
    end(process);
  }

  private static void end(Process process) {
    try {
      if (process.waitFor(10, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
