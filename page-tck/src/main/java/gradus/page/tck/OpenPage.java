package gradus.page.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A page in a tab of a {@link Browser}, and what it has asked for and complained of so far. */
public final class OpenPage implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VISIBLE_CHARTS =
      "Array.from(document.querySelectorAll('canvas:not(.heat)'))"
          + ".filter((canvas) => canvas.offsetParent !== null).length";
  private static final String CURVES = resource("curves.js");

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final DevTools tools;
  private final String target;
  private final String session;
  private final Screen screen;
  private volatile boolean loaded;

  OpenPage(DevTools tools, String target, Screen screen) {
    this.tools = tools;
    this.target = target;
    this.screen = screen;
    session =
        tools
            .call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .asText();
    tools.listen(session, this::note);
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width", screen.width(),
            "height", screen.height(),
            "deviceScaleFactor", screen.density(),
            "mobile", screen.isPhone()));
    Map<String, String> colours =
        Map.of("name", "prefers-color-scheme", "value", screen.dark() ? "dark" : "light");
    call("Emulation.setEmulatedMedia", Map.of("features", List.of(colours)));
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    return tools.call(session, method, parameters);
  }

  private void note(String event, JsonNode told) {
    switch (event) {
      case "Page.loadEventFired" -> loaded = true;
      case "Network.requestWillBeSent" -> requests.add(told.at("/request/url").asText());
      case "Log.entryAdded" -> complaints.add(told.at("/entry/text").asText());
      case "Runtime.exceptionThrown" ->
          complaints.add(
              told.at("/exceptionDetails/exception/description")
                  .asText(told.at("/exceptionDetails/text").asText()));
      case "Runtime.consoleAPICalled" -> complaints.add(told.get("args").toString());
      default -> {} // of no interest
    }
  }

  void load(URI page) throws InterruptedException {
    JsonNode answer = call("Page.navigate", Map.of("url", page.toString()));
    assertEquals("", answer.path("errorText").asText(), page + " cannot be opened");
    long begun = System.nanoTime();
    while (!loaded) {
      assertTrue(isPatient(begun), page + " is not loaded");
      Thread.sleep(5);
    }
  }

  private static boolean isPatient(long begun) {
    return System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
  }

  /** What a script in the page comes to. */
  public JsonNode evaluate(String script) {
    JsonNode answer = call("Runtime.evaluate", Map.of("expression", script, "returnByValue", true));
    assertTrue(!answer.has("exceptionDetails"), () -> script + ": " + answer);
    return answer.at("/result/value");
  }

  /** Waits until a script in the page comes to true; the page may be loaded anew meanwhile. */
  public void await(String condition) throws InterruptedException {
    long begun = System.nanoTime();
    while (!holds(condition)) {
      assertTrue(isPatient(begun), () -> "in vain: " + condition + "; " + complaints);
      Thread.sleep(20);
    }
  }

  private boolean holds(String condition) {
    Map<String, ?> question = Map.of("expression", condition, "returnByValue", true);
    return call("Runtime.evaluate", question).at("/result/value").asBoolean();
  }

  /** Every curve, line of bars and cloud of dots on the page. */
  public List<Curve> curves() {
    return JSON.convertValue(evaluate(CURVES), new TypeReference<List<Curve>>() {});
  }

  /** The curve of a name in a chart of a name. */
  public Curve curve(String chart, String label) {
    List<Curve> all = curves();
    return all.stream()
        .filter(curve -> curve.chart().equals(chart) && curve.label().equals(label))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + label + " in " + chart + ": " + all));
  }

  /** The text of the elements that a CSS selector finds. */
  public List<String> texts(String selector) {
    JsonNode texts =
        evaluate(
            "Array.from(document.querySelectorAll("
                + JSON.valueToTree(selector)
                + "), (node) => node.innerText ?? node.textContent)");
    return JSON.convertValue(texts, new TypeReference<List<String>>() {});
  }

  /** What the page has asked for over the network, its own address and data URIs included. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** What the console has, exceptions and refusals of the page's policy included. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /**
   * What holds for every page: the console is empty, nothing was asked for but from {@code own},
   * nothing has to be scrolled sideways to be found, every chart has curves, and all are drawn.
   */
  public void requireSound(URI own) {
    assertEquals(List.of(), complaints());
    assertEquals(
        List.of(),
        requests.stream()
            .filter(url -> !url.startsWith("data:") && !url.startsWith(own.toString()))
            .toList());
    int width = evaluate("document.documentElement.scrollWidth").asInt();
    assertTrue(width <= screen.width(), () -> width + " pixels are wider than " + screen);
    assertEquals(
        List.of(),
        JSON.convertValue(evaluate(resource("outside.js")), new TypeReference<List<String>>() {}));
    List<Curve> curves = curves();
    int charts = evaluate(VISIBLE_CHARTS).asInt();
    assertEquals(charts, curves.stream().map(Curve::chart).distinct().count(), "an empty chart");
    curves.forEach(curve -> assertTrue(curve.drawn() > 0.5, () -> "not drawn: " + curve));
  }

  /** The whole page as a PNG. */
  public void screenshot(Path file) throws IOException {
    JsonNode picture =
        call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.write(file, Base64.getDecoder().decode(picture.get("data").asText()));
  }

  @Override
  public void close() {
    tools.forget(session);
    tools.call("", "Target.closeTarget", Map.of("targetId", target));
  }

  private static String resource(String name) {
    try (InputStream in = OpenPage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
