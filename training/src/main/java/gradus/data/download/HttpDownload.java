package gradus.data.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Fetches one file over HTTP: into {@code NAME.part}, going on where an earlier attempt stopped;
 * then its sum is checked; only then it gets its name.
 */
final class HttpDownload {
  private static final int CONNECT_MILLIS = 15_000;
  private static final int READ_MILLIS = 30_000;
  private static final long REPORT_NANOS = 100_000_000L;

  private final DownloadProgress progress;

  HttpDownload(DownloadProgress progress) {
    this.progress = progress;
  }

  void fetch(URI source, RemoteFile file, Path target) throws IOException {
    Path part = target.resolveSibling(file.name() + ".part");
    transfer(source, file.name(), part);
    check(part, file, target);
  }

  private static void check(Path part, RemoteFile file, Path target) throws IOException {
    String sum = md5(part);
    if (!sum.equalsIgnoreCase(file.md5())) {
      long bytes = Files.size(part);
      // Going on from a wrong beginning would never end well.
      Files.delete(part);
      throw new IOException(
          "the MD5 sum of the "
              + bytes
              + " bytes received is "
              + sum
              + ", but should be "
              + file.md5());
    }
    DownloadCache.moveIntoPlace(part, target);
  }

  private void transfer(URI source, String name, Path part) throws IOException {
    long have = Files.isRegularFile(part) ? Files.size(part) : 0;
    HttpURLConnection connection = (HttpURLConnection) source.toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    connection.setRequestProperty("User-Agent", "gradus");
    if (have > 0) {
      connection.setRequestProperty("Range", "bytes=" + have + "-");
    }
    try {
      int status = connection.getResponseCode();
      if (status == 416) {
        // Nothing is left to send: what is here is the whole file, or will fail its check.
        return;
      }
      if (status != 200 && status != 206) {
        throw new IOException("the server answered " + status);
      }
      long start = status == 206 ? have : 0;
      long length = connection.getContentLengthLong();
      receive(connection, name, part, start, length < 0 ? -1 : start + length);
    } finally {
      connection.disconnect();
    }
  }

  private void receive(HttpURLConnection connection, String name, Path part, long start, long total)
      throws IOException {
    long bytes = start;
    long reported = System.nanoTime();
    progress.update(name, bytes, total);
    StandardOpenOption how =
        start > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
    try (InputStream in = connection.getInputStream();
        OutputStream out =
            Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how)) {
      byte[] chunk = new byte[1 << 16];
      int n;
      while ((n = in.read(chunk)) > 0) {
        out.write(chunk, 0, n);
        bytes += n;
        if (System.nanoTime() - reported > REPORT_NANOS) {
          reported = System.nanoTime();
          progress.update(name, bytes, total);
        }
      }
    }
    progress.update(name, bytes, total);
    if (total >= 0 && bytes < total) {
      throw new IOException(
          "the connection ended after "
              + bytes
              + " of "
              + total
              + " bytes; the next attempt goes on from there");
    }
  }

  private static String md5(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has MD5.", e);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[1 << 16];
      int n;
      while ((n = in.read(chunk)) > 0) {
        digest.update(chunk, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** What an I/O error means, in words. */
  static String reason(IOException e) {
    if (e instanceof UnknownHostException) {
      return "the host is unknown: is there a network?";
    }
    if (e instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    if (e instanceof ConnectException || e instanceof NoRouteToHostException) {
      return "no connection (" + e.getMessage() + ")";
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
