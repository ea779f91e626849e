package gradus.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * A page that needs no network: a template with its style, its script, the chart library and the
 * data put into it. Template {@code NAME.html}, {@code NAME.css} and {@code NAME.js} lie beside a
 * class; in the template <code>{{policy}}</code>, <code>{{style}}</code>, <code>{{library}}</code>,
 * <code>{{script}}</code> and <code>{{data}}</code> are the places.
 *
 * <p>Data stands in a block of JSON that no browser runs, and the script shows it as text. A policy
 * in the page lets the browser run the two scripts by their hashes, and load nothing at all.
 */
public final class Page {
  private static final String LIBRARY = "chart.js";
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  private Page() {}

  /** The page {@code name} beside {@code owner} that shows {@code data}. */
  public static String fill(Class<?> owner, String name, JsonNode data) {
    return fill(owner, name, data, text(owner, name + ".js"), "");
  }

  /** The same with a script {@code PART.js} that the page's own uses. */
  static String fillWith(Class<?> owner, String name, String part, JsonNode data) {
    return fill(owner, name, data, script(owner, name, part), "");
  }

  /**
   * The same with another script {@code LIVE.js} behind the page's own, which may ask the page's
   * server for more; its place is <code>{{live}}</code>.
   */
  static String fillLive(Class<?> owner, String name, String part, JsonNode data, String live) {
    return fill(owner, name, data, script(owner, name, part), text(owner, live + ".js"));
  }

  private static String script(Class<?> owner, String name, String part) {
    return text(owner, part + ".js") + text(owner, name + ".js");
  }

  private static String fill(
      Class<?> owner, String name, JsonNode data, String script, String live) {
    String style = text(owner, name + ".css");
    String library = library();
    String policy =
        "default-src 'none'; img-src data:; style-src "
            + hash(style)
            + "; script-src "
            + hash(library)
            + " "
            + hash(script)
            + (live.isEmpty() ? "" : " " + hash(live) + "; connect-src 'self'")
            + "; base-uri 'none'; form-action 'none'";
    Map<String, String> parts =
        Map.of(
            "policy", policy,
            "style", style,
            "library", library,
            "script", script,
            "live", live.isEmpty() ? "" : "<script>" + live + "</script>",
            "data", inScript(data));
    // In one go: a part that holds the name of a place must not be filled in turn.
    StringBuilder page = new StringBuilder();
    String template = text(owner, name + ".html");
    int end = 0;
    for (var place = PLACE.matcher(template); place.find(); end = place.end()) {
      page.append(template, end, place.start()).append(parts.get(place.group(1)));
    }
    return page.append(template, end, template.length()).toString();
  }

  /** JSON in which nothing can end the script element it stands in, nor begin another. */
  private static String inScript(JsonNode data) {
    return data.toString().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
  }

  /** The build puts the library on the class path, as a WebJar that names its own version. */
  private static String library() {
    Properties about = new Properties();
    try (InputStream properties =
        open(Page.class, "/META-INF/maven/org.webjars.npm/" + LIBRARY + "/pom.properties")) {
      about.load(properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = about.getProperty("version");
    String script =
        text(
            Page.class,
            "/META-INF/resources/webjars/" + LIBRARY + "/" + version + "/dist/chart.umd.min.js");
    // Debuggers would look for the map beside the page.
    int map = script.indexOf("//# sourceMappingURL=");
    return map < 0 ? script : script.substring(0, map);
  }

  private static String text(Class<?> owner, String resource) {
    try (InputStream in = open(owner, resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(Class<?> owner, String resource) {
    InputStream in = owner.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException(resource + " is not on the class path of " + owner);
    }
    return in;
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
