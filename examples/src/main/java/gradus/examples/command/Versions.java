package gradus.examples.command;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.IVersionProvider;

/** What a result may depend on besides the program: versions and the machine. */
final class Versions implements IVersionProvider {
  /** Names and values, for people and for run records. */
  static Map<String, String> all() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("gradus", gradus());
    versions.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
    versions.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    versions.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return versions;
  }

  /** From the jar's manifest; a class folder has none. */
  static String gradus() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"gradus " + gradus()};
  }
}
