package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
  @TempDir static Path scratch;
  private static Path picture;
  private static String run;

  @BeforeAll
  static void train() throws IOException {
    picture = scratch.resolve("a.png");
    TestPictures.write(picture, true, 1001);
    run = scratch.resolve("run").toString();
    Outcome.of(
            "train",
            "--data",
            "folder",
            "--data-dir",
            TestPictures.folder(scratch, 20).toString(),
            "--image-size",
            "8",
            "--model",
            "simplecnn",
            "--batch",
            "8",
            "--epochs",
            "8",
            "--out",
            run,
            "--backend",
            TestBackend.name())
        .succeeded();
  }

  /** Starts the program as a person does, and stops it as an operating system does. */
  @Test
  @Timeout(120)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no kill -TERM")
  void answersUntilItIsToldToStopAndThenWhatHasBegun() throws Exception {
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "gradus.examples.Gradus",
                "serve",
                run,
                "--port",
                "0",
                "--backend",
                TestBackend.name())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = program.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      assertTrue(line != null && line.startsWith("Serving " + run + " on http://"), line);
      URI server = URI.create(line.replaceAll(".* on (\\S+) .*", "$1"));
      assertEquals("127.0.0.1", server.getHost());
      byte[] content = Files.readAllBytes(picture);
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(server.resolve("/predict"))
                      .POST(BodyPublishers.ofByteArray(content))
                      .build(),
                  BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals("high", new ObjectMapper().readTree(answer.body()).get("label").asText());
      try (Socket begun = new Socket(server.getHost(), server.getPort())) {
        OutputStream out = begun.getOutputStream();
        String head =
            "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: " + content.length + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(content, 0, 20);
        out.flush();
        awaitHeld(server, 20);
        new ProcessBuilder("kill", "-TERM", Long.toString(program.pid())).start().waitFor();
        line = output.readLine();
        while (line != null && !line.startsWith("Stopping")) {
          line = output.readLine();
        }
        assertTrue(line != null, "it says that it stops");
        out.write(Arrays.copyOfRange(content, 20, content.length));
        out.flush();
        String last = new String(begun.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(last.startsWith("HTTP/1.1 200 "), last);
        assertTrue(last.contains("\"label\":\"high\""), last);
      }
      assertEquals("Stopped.", output.readLine());
      assertEquals(null, output.readLine());
      assertTrue(program.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, program.exitValue());
    } finally {
      program.destroyForcibly();
    }
  }

  private static void awaitHeld(URI server, int bytes) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest metrics = HttpRequest.newBuilder(server.resolve("/metrics")).build();
    while (!client
        .send(metrics, BodyHandlers.ofString())
        .body()
        .contains("gradus_held_bytes " + bytes + ".0")) {
      Thread.sleep(10);
    }
  }

  @Test
  void impossibleSettingsAreRefused() {
    Outcome.of("serve").failed(2, "RUN");
    Outcome.of("serve", run, "--port", "70000").failed(2, "--port is 70000");
    Outcome.of("serve", run, "--max-body", "0").failed(2, "--max-body is 0");
    Outcome.of("serve", run, "--max-pixels", "0").failed(2, "--max-pixels is 0");
    Outcome.of("serve", run, "--send-time", "0").failed(2, "--send-time is 0");
    Outcome.of("serve", run, "--queue", "0").failed(2, "--queue is 0");
    Outcome.of("serve", run, "--host", "no such host").failed(2, "no such address");
    Outcome.of("serve", scratch.resolve("nowhere").toString()).failed(1, "nowhere");
  }
}
