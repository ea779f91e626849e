package gradus.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes files as torch.save does, true ones and others. */
final class TorchBytes {
  private TorchBytes() {}

  /** Bytes of a pickle, for which every character stands for one. */
  static byte[] latin(String pickle) {
    return pickle.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** {@code {"w": tensor}}, of a storage "0". */
  static byte[] pickle(
      String storageClass, long elements, long offset, List<Long> sizes, List<Long> strides) {
    return latin(
        "\u0080\u0002}("
            + text("w")
            + "ctorch._utils\n_rebuild_tensor_v2\n(("
            + text("storage")
            + "ctorch\n"
            + storageClass
            + "\n"
            + text("0")
            + text("cpu")
            + number(elements)
            + "tQ"
            + number(offset)
            + numbers(sizes)
            + numbers(strides)
            + "\u0089ccollections\nOrderedDict\n)RtRu.");
  }

  static String text(String value) {
    return "X" + (char) value.length() + "\0\0\0" + value;
  }

  static String number(long value) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return "\u008a\u0008" + new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String numbers(List<Long> values) {
    StringBuilder tuple = new StringBuilder("(");
    values.forEach(value -> tuple.append(number(value)));
    return tuple.append('t').toString();
  }

  /** An archive of files below {@code m/}, which are not compressed. */
  static void write(Path file, Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        ZipEntry stored = new ZipEntry("m/" + entry.getKey());
        CRC32 sum = new CRC32();
        sum.update(entry.getValue());
        stored.setMethod(ZipEntry.STORED);
        stored.setSize(entry.getValue().length);
        stored.setCrc(sum.getValue());
        zip.putNextEntry(stored);
        zip.write(entry.getValue());
      }
    }
  }

  /** A file of the format before the archive, with one storage. */
  static byte[] legacy(byte[] pickle, String machine, String keys, long count, byte[] numbers)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(
        latin(
            "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019."
                + "\u0080\u0002M\u00e9\u0003."
                + machine));
    out.write(pickle);
    out.write(latin(keys));
    out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(count).array());
    out.write(numbers);
    return out.toByteArray();
  }
}
