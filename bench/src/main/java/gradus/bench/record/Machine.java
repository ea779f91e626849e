package gradus.bench.record;

import gradus.GradusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/** What this machine and this code call themselves. */
public final class Machine {
  private final Path home;
  private final Clock clock;

  /** The machine, and the code of the repository {@code home} lies in. */
  public Machine(Path home, Clock clock) {
    this.home = home;
    this.clock = clock;
  }

  /** Here and now. */
  public Origin origin() {
    return new Origin(
        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
        commit(),
        processor("model name").orElse(System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.version().toString());
  }

  /** avx512, avx2 or baseline: what Gradus takes by itself, by the processor's flags. */
  public static String bestInstructionSet() {
    String flags = " " + processor("flags").orElse("") + " ";
    if (flags.contains(" avx512f ") && flags.contains(" avx512vl ")) {
      return "avx512";
    }
    return flags.contains(" avx2 ") && flags.contains(" fma ") ? "avx2" : "baseline";
  }

  private static Optional<String> processor(String field) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith(field))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }

  private String commit() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=10")
              .directory(home.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (InputStream out = git.getInputStream()) {
        String name = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
        return git.waitFor() == 0 ? name : "unknown";
      }
    } catch (IOException noGit) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GradusException("Interrupted while asking git for the commit.", e);
    }
  }
}
