package gradus.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.predict.Prediction;
import gradus.predict.TinyClassifier;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PredictionServerTest {
  private static final byte[] PICTURE =
      TinyClassifier.file(TinyClassifier.picture(20, 13, 1), "png");
  private static final ServerLimits SMALL =
      ServerLimits.DEFAULT
          .withBodyBytes(100_000)
          .withPixels(1_000_000)
          .withSendTime(Duration.ofMillis(600));

  private final TinyClassifier tiny = new TinyClassifier();
  private final HttpClient client = HttpClient.newHttpClient();
  private PredictionServer server = start(SMALL);

  @AfterEach
  void close() {
    tiny.release(); // where a test has failed while it held it
    server.close();
    assertEquals(0, tiny.backend().pool().lent());
    tiny.close();
  }

  private PredictionServer start(ServerLimits limits) {
    return PredictionServer.start(
        tiny.predictor(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits);
  }

  private void restart(ServerLimits limits) {
    server.close();
    server = start(limits);
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(server.uri().resolve(path)).timeout(Duration.ofSeconds(60));
  }

  private HttpResponse<String> post(String path, BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = to(path).POST(body);
    return client.send(
        headers.length == 0 ? request.build() : request.headers(headers).build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> post(byte[] body) throws IOException, InterruptedException {
    return post("/predict", BodyPublishers.ofByteArray(body));
  }

  private CompletableFuture<HttpResponse<String>> postLater(byte[] body) {
    return client.sendAsync(
        to("/predict").POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(to(path).GET().build(), BodyHandlers.ofString());
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  /** One JSON object with the status, a message that has this part, and a remedy. */
  private static void assertError(int status, String part, HttpResponse<String> response)
      throws IOException {
    assertEquals(status, response.statusCode(), response.body());
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElseThrow());
    assertError(status, part, response.body());
  }

  private static void assertError(int status, String part, String body) throws IOException {
    JsonNode error = json(body).get("error");
    assertEquals(status, error.get("status").asInt());
    assertTrue(error.get("message").asText().contains(part), body);
    assertFalse(error.get("remedy").asText().isBlank(), body);
  }

  /** The error in a raw answer. */
  private static void assertRawError(int status, String part, String answer) throws IOException {
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    assertError(status, part, answer.substring(answer.indexOf("\r\n\r\n") + 4));
  }

  private void assertStillAnswers() throws IOException, InterruptedException {
    assertEquals(200, post(PICTURE).statusCode());
  }

  @Test
  void answersWhatThePredictorSays() throws Exception {
    Prediction wanted = tiny.predictor().predict(PICTURE);
    HttpResponse<String> response = post("/predict?top=2", BodyPublishers.ofByteArray(PICTURE));
    assertEquals(200, response.statusCode(), response.body());
    JsonNode answer = json(response.body());
    assertEquals(wanted.label(), answer.get("label").asText());
    assertEquals(wanted.probability(), answer.get("probability").asDouble(), 1e-6);
    assertEquals(2, answer.get("top").size());
    assertEquals(wanted.top(2).get(1).label(), answer.get("top").get(1).get("label").asText());
    assertEquals(3, json(post(PICTURE).body()).get("top").size());
  }

  @Test
  void takesAFormToo() throws Exception {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes(ascii("--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n"));
    form.writeBytes(ascii("--XX\r\nContent-Disposition: form-data; name=\"image\"; "));
    form.writeBytes(ascii("filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n"));
    form.writeBytes(PICTURE);
    form.writeBytes(ascii("\r\n--XX--\r\n"));
    String type = "multipart/form-data; boundary=XX";
    HttpResponse<String> response =
        post("/predict", BodyPublishers.ofByteArray(form.toByteArray()), "Content-Type", type);
    assertEquals(200, response.statusCode(), response.body());
    assertEquals(post(PICTURE).body(), response.body());
    byte[] torn = Arrays.copyOf(form.toByteArray(), 100);
    assertError(
        400, "form", post("/predict", BodyPublishers.ofByteArray(torn), "Content-Type", type));
    byte[] noFile =
        ascii("--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--XX--\r\n");
    assertError(
        400,
        "no file among its 1 parts",
        post("/predict", BodyPublishers.ofByteArray(noFile), "Content-Type", type));
    assertError(
        400,
        "form",
        post(
            "/predict",
            BodyPublishers.ofByteArray(PICTURE),
            "Content-Type",
            "multipart/form-data"));
  }

  @Test
  void tellsHowItIs() throws Exception {
    JsonNode health = json(get("/health").body());
    assertEquals("ok", health.get("status").asText());
    assertEquals("b", health.get("classes").get(1).asText());
    assertEquals(8, health.get("input").get(2).asInt());
    post(PICTURE);
    post(PICTURE);
    post(ascii("no picture"));
    String metrics = get("/metrics").body();
    for (String line :
        List.of(
            "gradus_requests_total{status=\"200\"} 2.0",
            "gradus_requests_total{status=\"415\"} 1.0",
            "gradus_request_seconds_count 3",
            "gradus_batch_images_bucket{le=\"1.0\"} 2",
            "gradus_queue_length 0.0",
            "gradus_held_bytes 0.0")) {
      assertTrue(metrics.lines().anyMatch(line::equals), () -> line + " in\n" + metrics);
    }
  }

  @Test
  void showsAPageThatLoadsNothing() throws Exception {
    HttpResponse<String> page = get("/");
    assertEquals(200, page.statusCode());
    assertTrue(page.headers().firstValue("Content-Type").orElseThrow().startsWith("text/html"));
    assertTrue(page.body().contains("type=\"file\""));
    assertFalse(page.body().contains("http://") || page.body().contains("https://"));
    String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'"), policy);
    assertTrue(policy.matches(".*script-src 'sha256-[\\w+/=]{44}'.*"), policy);
    HttpRequest head = to("/").method("HEAD", BodyPublishers.noBody()).build();
    assertEquals(200, client.send(head, BodyHandlers.ofString()).statusCode());
  }

  @Test
  void otherPathsAndMethodsAreRefused() throws Exception {
    assertError(404, "nothing at this path", get("/favicon.ico"));
    assertError(400, "Bad Request", get("/../../etc/passwd"));
    HttpResponse<String> method = get("/predict");
    assertError(405, "method", method);
    assertEquals("POST", method.headers().firstValue("Allow").orElseThrow());
    assertError(405, "method", post("/health", BodyPublishers.noBody()));
    assertError(400, "top is \"0\"", post("/predict?top=0", BodyPublishers.noBody()));
    assertError(400, "top is \"x\"", post("/predict?top=x", BodyPublishers.noBody()));
    assertStillAnswers();
  }

  @Test
  void whatIsNoPictureIsRefused() throws Exception {
    assertError(400, "empty", post(new byte[0]));
    assertError(415, "no JPEG, PNG, GIF, BMP or WebP", post(ascii("no picture")));
    assertError(400, "damaged", post(Arrays.copyOf(PICTURE, PICTURE.length / 2)));
    byte[] jpeg = TinyClassifier.file(TinyClassifier.picture(200, 200, 2), "jpeg");
    assertEquals(200, post(jpeg).statusCode());
    assertError(400, "truncated", post(Arrays.copyOf(jpeg, jpeg.length / 2)));
    assertStillAnswers();
  }

  @Test
  void aPictureOfTooManyPixelsIsRefusedBeforeItIsDecoded() throws Exception {
    byte[] bomb = PICTURE.clone();
    ByteBuffer header = ByteBuffer.wrap(bomb);
    header.putInt(16, 60_000).putInt(20, 60_000); // 3.6 thousand million pixels
    CRC32 check = new CRC32();
    check.update(bomb, 12, 17);
    header.putInt(29, (int) check.getValue());
    assertError(413, "60000 x 60000 pixels; at most 1000000", post(bomb));
    assertStillAnswers();
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    try (RawClient raw = new RawClient(server.uri())) {
      raw.send("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n");
      assertRawError(413, "larger than 100000 bytes", raw.all()); // without having sent it
    }
    byte[] large = new byte[100_001];
    BodyPublisher unknownLength =
        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large));
    assertError(413, "larger than 100000 bytes", post("/predict", unknownLength));
    assertError(415, "no JPEG", post(new byte[100_000]));
    assertStillAnswers();
  }

  @Test
  void aSlowBodyIsRefused() throws Exception {
    try (RawClient silent = new RawClient(server.uri());
        RawClient slow = new RawClient(server.uri())) {
      String head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
      silent.send(head + "abc");
      slow.send(head);
      assertStillAnswers();
      while (!slow.hasAnswer()) { // a byte now and then, so that it is never idle
        slow.send("x");
        Thread.sleep(100);
      }
      assertRawError(408, "did not arrive within 600 ms", slow.all());
      assertRawError(408, "did not arrive within 600 ms", silent.all());
    }
    assertStillAnswers();
  }

  @Test
  void aSlowHeadIsCutOff() throws Exception {
    long begun = System.nanoTime();
    try (RawClient slow = new RawClient(server.uri())) {
      slow.send("POST /predict HTTP/1.1\r\nX: ");
      assertThrows(
          IOException.class,
          () -> {
            while (true) {
              slow.send("x");
              Thread.sleep(50);
            }
          });
    }
    double seconds = (System.nanoTime() - begun) * 1e-9;
    assertTrue(seconds < 10, seconds + " s"); // two periods of 1.2 s, and some room
    assertStillAnswers();
  }

  @Test
  void aRequestThatEndsEarlyHarmsNobody() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (RawClient raw = new RawClient(server.uri())) {
        raw.send("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
        raw.send(Arrays.copyOf(PICTURE, 50 + i));
        if (i % 2 == 0) {
          String answer = raw.endOutput().all();
          assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 400 "), answer);
        }
      }
    }
    assertStillAnswers();
    awaitNothingHeld();
  }

  private void awaitNothingHeld() throws IOException, InterruptedException {
    while (!get("/metrics").body().contains("gradus_held_bytes 0.0")) {
      Thread.sleep(10);
    }
  }

  @Test
  void whatIsNoHttpIsRefused() throws Exception {
    try (RawClient raw = new RawClient(server.uri())) {
      String answer = raw.send("\u0001\u0002 nonsense\r\n\r\n").all();
      assertRawError(400, "", answer);
      assertTrue(answer.contains("Connection: close"), answer);
    }
    try (RawClient raw = new RawClient(server.uri())) {
      String head = "GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(20_000) + "\r\n\r\n";
      assertRawError(431, "", raw.send(head).all());
    }
    assertStillAnswers();
  }

  @Test
  void aFullQueueIsRefusedAndAskedToComeBack() throws Exception {
    restart(SMALL.withQueue(1));
    tiny.hold();
    List<CompletableFuture<HttpResponse<String>>> accepted = new ArrayList<>();
    accepted.add(postLater(PICTURE));
    tiny.awaitHeld();
    accepted.add(postLater(PICTURE));
    while (!get("/metrics").body().contains("gradus_queue_length 1.0")) {
      Thread.sleep(1);
    }
    HttpResponse<String> refused = post(PICTURE);
    assertError(503, "busy", refused);
    assertEquals("1", refused.headers().firstValue("Retry-After").orElseThrow());
    assertEquals(200, get("/health").statusCode());
    tiny.release();
    for (CompletableFuture<HttpResponse<String>> each : accepted) {
      assertEquals(200, each.get(60, TimeUnit.SECONDS).statusCode());
    }
    assertStillAnswers();
  }

  @Test
  void moreBytesThanItMayHoldAreRefused() throws Exception {
    restart(SMALL.withBuffered(5_000).withSendTime(Duration.ofSeconds(30)));
    String head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n";
    try (RawClient first = new RawClient(server.uri());
        RawClient second = new RawClient(server.uri())) {
      first.send(head).send(new byte[4_000]);
      while (!get("/metrics").body().contains("gradus_held_bytes 4000.0")) {
        Thread.sleep(1);
      }
      second.send(head).send(new byte[4_000]);
      second.endOutput();
      assertRawError(503, "as many bytes", second.all());
    }
    awaitNothingHeld();
    assertStillAnswers();
  }

  @Test
  void stoppingAnswersWhatHasBegun() throws Exception {
    tiny.hold();
    List<CompletableFuture<HttpResponse<String>>> begun = new ArrayList<>();
    begun.add(postLater(PICTURE));
    tiny.awaitHeld();
    for (int i = 1; i < 8; i++) {
      begun.add(postLater(PICTURE));
    }
    while (!get("/metrics").body().contains("gradus_queue_length 7.0")) {
      Thread.sleep(1);
    }
    URI address = server.uri();
    Thread stopping = new Thread(server::close);
    stopping.start();
    stopping.join(300);
    assertTrue(stopping.isAlive(), "it waits for the requests that have begun");
    assertThrows(ConnectException.class, () -> new RawClient(address).close());
    tiny.release();
    stopping.join();
    for (CompletableFuture<HttpResponse<String>> each : begun) {
      assertEquals(200, each.get(60, TimeUnit.SECONDS).statusCode());
    }
  }

  @Test
  void anAddressInUseIsNamed() {
    InetSocketAddress taken =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.uri().getPort());
    GradusException refused =
        assertThrows(
            GradusException.class, () -> PredictionServer.start(tiny.predictor(), taken, SMALL));
    assertTrue(
        refused.getMessage().contains("Cannot listen on 127.0.0.1:" + taken.getPort()),
        refused.getMessage());
  }

  @Test
  void limitsThatLetNothingThroughAreRefused() {
    assertThrows(GradusException.class, () -> SMALL.withBodyBytes(0));
    assertThrows(GradusException.class, () -> SMALL.withPixels(1L << 40));
    assertThrows(GradusException.class, () -> SMALL.withQueue(0));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
