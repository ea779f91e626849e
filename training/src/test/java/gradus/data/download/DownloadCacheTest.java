package gradus.data.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import gradus.GradusException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DownloadCacheTest {
  @TempDir Path folder;
  private final byte[] content = new byte[300_000];
  private final List<String> ranges = new ArrayList<>();
  private final List<Long> progress = new ArrayList<>();
  private HttpServer server;
  private DownloadCache cache;

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(content);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/good", exchange -> answer(exchange, content, content.length));
    server.createContext("/short", exchange -> answer(exchange, content, 100_000));
    server.createContext("/wrong", exchange -> answer(exchange, new byte[300_000], 300_000));
    server.start();
    cache = DownloadCache.at(folder, (file, bytes, total) -> progress.add(bytes));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** Announces all of {@code body} but hangs up after {@code sent} bytes; understands ranges. */
  private void answer(HttpExchange exchange, byte[] body, int sent) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range);
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (from >= body.length) {
      exchange.sendResponseHeaders(416, -1);
      exchange.close();
      return;
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length - from);
    exchange.getResponseBody().write(body, from, Math.min(sent, body.length - from));
    exchange.getResponseBody().flush();
    exchange.close();
  }

  private URI at(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private RemoteFile file(URI... sources) {
    return new RemoteFile("data.gz", List.of(sources), md5(content));
  }

  private Path target() {
    return folder.resolve("set/data.gz");
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void bringsAFileOnce() throws IOException {
    Path where = cache.fetch("set", List.of(file(at("/good"))));
    assertEquals(folder.resolve("set"), where);
    assertArrayEquals(content, Files.readAllBytes(target()));
    assertEquals(List.of(".lock", "data.gz"), names(where));
    assertEquals(0L, progress.get(0));
    assertEquals(300_000L, progress.get(progress.size() - 1));
    cache.fetch("set", List.of(file(at("/good"))));
    assertEquals(1, ranges.size());
  }

  @Test
  void aWrongSumIsRefusedAndForgotten() throws IOException {
    GradusException e = failure(file(at("/wrong")));
    assertTrue(e.getMessage().contains(md5(content)), e.getMessage());
    assertTrue(e.getMessage().contains("--data-dir"), e.getMessage());
    assertEquals(List.of(".lock"), names(folder.resolve("set")));
  }

  @Test
  void aBrokenTransferGoesOnWhereItStopped() throws IOException {
    GradusException e = failure(file(at("/short")));
    assertTrue(e.getMessage().contains("/short"), e.getMessage());
    assertFalse(Files.exists(target()));
    long kept = Files.size(folder.resolve("set/data.gz.part"));
    assertEquals(100_000, kept);
    cache.fetch("set", List.of(file(at("/good"))));
    assertArrayEquals(content, Files.readAllBytes(target()));
    assertEquals("bytes=100000-", ranges.get(ranges.size() - 1));
  }

  @Test
  void aWholePartIsOnlyChecked() throws IOException {
    Files.createDirectories(folder.resolve("set"));
    Files.write(folder.resolve("set/data.gz.part"), content);
    cache.fetch("set", List.of(file(at("/good"))));
    assertArrayEquals(content, Files.readAllBytes(target()));
  }

  @Test
  void anotherSourceIsTried() throws IOException {
    cache.fetch("set", List.of(file(at("/missing"), at("/wrong"), at("/good"))));
    assertArrayEquals(content, Files.readAllBytes(target()));
  }

  @Test
  void aMissingFileAndAMissingServerAreExplained() throws IOException {
    int unused;
    try (ServerSocket socket = new ServerSocket(0)) {
      unused = socket.getLocalPort();
    }
    URI nobody = URI.create("http://127.0.0.1:" + unused + "/data.gz");
    URI unknown = URI.create("http://no-such-host.invalid/data.gz");
    String message = failure(file(at("/missing"), nobody, unknown)).getMessage();
    assertTrue(message.contains("the server answered 404"), message);
    assertTrue(message.contains("no connection"), message);
    assertTrue(message.contains("is there a network?"), message);
    assertTrue(message.contains("put data.gz into a folder"), message);
  }

  @Test
  void takesOnlyTheWantedMembersOfAnArchive() throws IOException {
    byte[] archive = archive("batches/a.bin", "batches/b.bin", "batches/readme", "../evil.bin");
    server.createContext("/set.tar.gz", exchange -> answer(exchange, archive, archive.length));
    RemoteArchive remote =
        new RemoteArchive(
            at("/set.tar.gz").toString(), md5(archive), "batches", List.of("a.bin", "b.bin"));
    Path where = cache.fetch("set", remote);
    assertEquals(List.of(".lock", "a.bin", "b.bin"), names(where));
    assertEquals("batches/b.bin", Files.readString(where.resolve("b.bin")));
    assertEquals(List.of("set"), names(folder));
    cache.fetch("set", remote);
    assertEquals(1, ranges.size());
  }

  @Test
  void anArchiveWithoutItsMembersIsAnError() throws IOException {
    byte[] archive = archive("batches/a.bin");
    server.createContext("/set.tar.gz", exchange -> answer(exchange, archive, archive.length));
    RemoteArchive remote =
        new RemoteArchive(
            at("/set.tar.gz").toString(), md5(archive), "batches", List.of("a.bin", "b.bin"));
    String message =
        assertThrows(GradusException.class, () -> cache.fetch("set", remote)).getMessage();
    assertTrue(message.contains("no b.bin"), message);
  }

  @Test
  void aFolderThatCannotBeMadeIsExplained() throws IOException {
    Files.writeString(folder.resolve("set"), "in the way");
    String message = failure(file(at("/good"))).getMessage();
    assertTrue(message.contains("-Dgradus.cache"), message);
  }

  private GradusException failure(RemoteFile file) {
    return assertThrows(GradusException.class, () -> cache.fetch("set", Arrays.asList(file)));
  }

  private static byte[] archive(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      for (String name : names) {
        byte[] member = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(member.length);
        tar.putArchiveEntry(entry);
        tar.write(member);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
