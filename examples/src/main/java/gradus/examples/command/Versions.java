package gradus.examples.command;

import gradus.GradusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import picocli.CommandLine.IVersionProvider;

/** What a result may depend on besides the program: versions and the machine. */
final class Versions implements IVersionProvider {
  /** Names and values, for people and for run records. */
  static Map<String, String> all() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("gradus", gradus());
    versions.put("code", code());
    versions.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
    versions.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    versions.put("processor", processor());
    versions.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return versions;
  }

  /** From the jar's manifest; a class folder has none. */
  static String gradus() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  /** The commit it was built from, as {@code git describe} names it. */
  static String code() {
    Properties git = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream("git.properties")) {
      if (in != null) { // sources without a git repository have none
        git.load(in);
      }
    } catch (IOException e) {
      throw new GradusException("Cannot read git.properties in the program's own jar.", e);
    }
    return git.getProperty("git.commit.id.describe", "unknown");
  }

  /** Linux tells its name; elsewhere the architecture must do. */
  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(System.getProperty("os.arch"));
    } catch (IOException | UncheckedIOException notLinux) {
      return System.getProperty("os.arch");
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {"gradus " + gradus() + " (" + code() + ")"};
  }
}
