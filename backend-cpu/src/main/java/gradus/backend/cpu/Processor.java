package gradus.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the machine calls its processor. */
final class Processor {
  private static final Path INFO = Path.of("/proc/cpuinfo");

  private Processor() {}

  /** The model name as the system tells it, or the architecture where it does not. */
  static String model() {
    String architecture = System.getProperty("os.arch");
    if (!Files.isReadable(INFO)) {
      return architecture;
    }
    try (Stream<String> lines = Files.lines(INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(architecture);
    } catch (IOException unreadable) {
      return architecture; // a name for people only: nothing depends on it
    }
  }
}
