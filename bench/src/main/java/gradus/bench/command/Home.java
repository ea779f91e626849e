package gradus.bench.command;

import java.nio.file.Path;

/** Where this module lies; run.sh tells it. */
final class Home {
  private Home() {}

  /** Its folder. */
  static Path path() {
    return Path.of(System.getProperty("gradus.bench.home", ".")).toAbsolutePath().normalize();
  }
}
