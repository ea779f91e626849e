package gradus.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the machine calls its processor. */
final class Processor {
  private static final Path INFO = Path.of("/proc/cpuinfo");

  private Processor() {}

  /** The model name as the system tells it, or the architecture where it does not. */
  static String model() {
    return info("model name").orElseGet(() -> System.getProperty("os.arch"));
  }

  /** Whether the system counts {@code feature} among the processor's flags. */
  static boolean has(String feature) {
    return info("flags").filter(flags -> List.of(flags.split(" ")).contains(feature)).isPresent();
  }

  private static Optional<String> info(String field) {
    if (!Files.isReadable(INFO)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(INFO)) {
      return lines
          .filter(line -> line.startsWith(field))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException unreadable) {
      return Optional.empty(); // for what people are told only: nothing depends on it
    }
  }
}
