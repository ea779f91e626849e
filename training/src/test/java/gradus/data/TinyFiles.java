package gradus.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Writes small data sets in the formats of the large ones. */
final class TinyFiles {
  private TinyFiles() {}

  static byte[] idx(byte[] content, int... extents) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeInt(0x0800 | extents.length);
      for (int extent : extents) {
        out.writeInt(extent);
      }
      out.write(content);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  static byte[] randomBytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A training pair of {@code n} images of 4 x 5 pixels with labels 0, 1, 2, ... */
  static void mnist(Path folder, int n) throws IOException {
    byte[] labels = new byte[n];
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 10);
    }
    Files.write(folder.resolve("train-images-idx3-ubyte"), idx(randomBytes(n * 20, 1), n, 4, 5));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), idx(labels, n));
  }

  /** In memory: {@code n} RGB images of 6 x 7 pixels, 3 classes. */
  static Dataset inMemory(int n) {
    byte[] labels = new byte[n];
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 3);
    }
    return new PackedImages(
        "tiny", java.util.List.of("a", "b", "c"), 3, 6, 7, randomBytes(n * 3 * 6 * 7, 5), labels);
  }
}
