package gradus.bench.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts one peer for one task and reads what it tells. */
public final class PeerProcess {
  private static final int SHOWN_LINES = 25;

  private final Path home;
  private final double warmUpSeconds;
  private final double seconds;

  /**
   * For peers built below {@code home}, the folder of this module.
   *
   * @param warmUpSeconds before anything is timed
   * @param seconds that are timed
   */
  public PeerProcess(Path home, double warmUpSeconds, double seconds) {
    this.home = home;
    this.warmUpSeconds = warmUpSeconds;
    this.seconds = seconds;
  }

  /**
   * What the peer measured.
   *
   * @param isa best, or avx2 to hold it to
   */
  public StepTimes run(Peer peer, Task task, String isa) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        peer.command(
            java,
            classPath(peer),
            isa,
            List.of(ContenderProcess.arguments(task, warmUpSeconds, seconds)));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(peer.environment(task.threads(), isa));
    try {
      Process process = builder.start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      return parse(peer, task, out, exit);
    } catch (IOException e) {
      throw new GradusException("Cannot start " + peer + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GradusException("Interrupted while " + peer + " was measured.", e);
    }
  }

  private static StepTimes parse(Peer peer, Task task, String out, int exit) {
    String line =
        out.lines().filter(l -> l.startsWith(ContenderProcess.PREFIX)).findFirst().orElse(null);
    if (exit != 0 || line == null) {
      List<String> lines = out.lines().toList();
      throw new GradusException(
          peer
              + " failed with exit code "
              + exit
              + " at "
              + task
              + ":\n"
              + String.join(
                  "\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())));
    }
    try {
      return new ObjectMapper()
          .readValue(line.substring(ContenderProcess.PREFIX.length()), StepTimes.class);
    } catch (JsonProcessingException e) {
      throw new GradusException(peer + " printed what cannot be read: " + line, e);
    }
  }

  private String classPath(Peer peer) {
    if (peer.isGradus()) {
      return System.getProperty("java.class.path");
    }
    Path libraries = peer.libraries(home);
    if (!Files.isDirectory(libraries)) {
      throw new GradusException(
          peer
              + " has not been built: there is no "
              + libraries
              + ". Build it with: mvn -Ppeers -pl bench/"
              + home.relativize(libraries).getName(0)
              + " -am package");
    }
    try (Stream<Path> jars = Files.list(libraries)) {
      return jars.map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator));
    } catch (IOException e) {
      throw new GradusException("Cannot read " + libraries + ": " + e.getMessage(), e);
    }
  }
}
