package gradus.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.report.MetricsJsonl;
import gradus.report.RunReport;
import gradus.train.EpochReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DashboardTest {
  private static final EpochReport FIRST = new EpochReport(1, 2, 0.25, 1.5, 0.5, 0.1, 3, 100);

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private MetricsJsonl metrics;
  private Dashboard dashboard;

  @BeforeEach
  void start() {
    Path file = folder.resolve("metrics.jsonl");
    metrics = new MetricsJsonl(file);
    dashboard =
        Dashboard.start(report(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    dashboard.onStart(2);
    metrics.onEpoch(FIRST);
    dashboard.onEpoch(FIRST);
  }

  private RunReport report() {
    return new RunReport(
        "a run",
        folder.resolve("run.json"),
        folder.resolve("metrics.jsonl"),
        folder.resolve("test.json"),
        folder.resolve("pictures.json"));
  }

  @AfterEach
  void stop() {
    dashboard.close();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(dashboard.uri().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** What the server says to a request written by hand. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(dashboard.uri().getHost(), dashboard.uri().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void servesTheReportWithAScriptThatMayAskThisServerAlone()
      throws IOException, InterruptedException {
    HttpResponse<String> page = get("/");
    assertEquals(200, page.statusCode());
    assertEquals("nosniff", page.headers().firstValue("X-Content-Type-Options").orElse(""));
    assertEquals("no-store", page.headers().firstValue("Cache-Control").orElse(""));
    assertTrue(page.body().contains("connect-src 'self'"));
    assertTrue(page.body().contains("default-src 'none'"));
    assertTrue(page.body().contains("new EventSource('/events')"));
    assertTrue(page.body().contains("\"validation_accuracy\":0.5"));
    Path file = folder.resolve("report.html");
    report().write(file);
    String written = Files.readString(file);
    assertFalse(written.contains("EventSource") || written.contains("connect-src"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/metrics.jsonl", "/run.json", "/index.html", "/events/", "/%2e%2e/etc/passwd"})
  void nothingElseCanBeReached(String path) throws IOException, InterruptedException {
    int status = get(path).statusCode();
    assertTrue(status == 404 || status == 400, path + ": " + status);
  }

  @Test
  void refusesOtherMethodsAndOtherNames() throws IOException {
    String end = "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    assertTrue(raw("POST / HTTP/1.1\r\nHost: localhost" + end).startsWith("HTTP/1.1 405"));
    assertTrue(raw("GET / HTTP/1.1\r\nHost: evil.example" + end).startsWith("HTTP/1.1 403"));
    assertTrue(raw("GET / HTTP/1.1\r\nHost: 127.0.0.1" + end).startsWith("HTTP/1.1 200"));
    assertTrue(raw("GET /../run.json HTTP/1.1\r\nHost: localhost" + end).startsWith("HTTP/1.1 4"));
  }

  private static JsonNode next(BufferedReader events) throws IOException {
    String line;
    do {
      line = events.readLine();
    } while (line != null && !line.startsWith("data: "));
    return line == null ? null : new ObjectMapper().readTree(line.substring("data: ".length()));
  }

  private BufferedReader events() throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        client.send(
            HttpRequest.newBuilder(dashboard.uri().resolve("/events")).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    String type = response.headers().firstValue("Content-Type").orElse("");
    assertTrue(type.startsWith("text/event-stream"), type);
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  @Test
  void tellsEpochsAndEndsWithTheRun() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          try (BufferedReader events = events()) {
            assertEquals(1, next(events).get("done").asInt());
            EpochReport second = new EpochReport(2, 1, 0.5, 1.25, 0.75, 0.1, 3, 100);
            metrics.onEpoch(second);
            dashboard.onEpoch(second);
            assertEquals(2, next(events).get("done").asInt());
            dashboard.close();
            JsonNode last = next(events); // the last state once more, or the end
            assertTrue(last == null || last.get("done").asInt() == 2);
          }
        });
  }

  @Test
  void aClientThatNeverReadsHoldsUpNobody() throws IOException {
    URI uri = dashboard.uri();
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket
            .getOutputStream()
            .write(
                "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        silent.add(socket);
      }
      assertTimeoutPreemptively(
          Duration.ofSeconds(30),
          () -> {
            for (int i = 0; i < 100_000; i++) {
              dashboard.onEpoch(FIRST);
            }
            try (BufferedReader events = events()) {
              assertEquals(1, next(events).get("done").asInt());
            }
          });
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void aPortInUseIsNamedWithTheRemedy() {
    InetSocketAddress taken =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), dashboard.uri().getPort());
    GradusException e = assertThrows(GradusException.class, () -> Dashboard.start(report(), taken));
    assertTrue(e.getMessage().contains(Integer.toString(taken.getPort())), e.getMessage());
    assertTrue(e.getMessage().contains("Choose another port"), e.getMessage());
  }
}
