package gradus.data.npy;

import gradus.GradusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The bytes of one array: magic, version, length of the header, the header as the text of a Python
 * dictionary, the elements. Versions 1.0 and 2.0; format: {@code numpy/lib/format.py}.
 */
final class NpyFormat {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 16;
  private static final int MAX_RANK = 32;

  private static final Pattern KEYS = Pattern.compile("'(\\w+)'\\s*:");
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");

  private NpyFormat() {}

  /**
   * Reads an array.
   *
   * @param limit the most bytes its elements can have, known from the file's size
   * @param where what to call it in errors
   */
  static NpyArray read(InputStream in, long limit, String where) throws IOException {
    byte[] start = exactly(in, 8, where);
    if (!Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw new GradusException(where + " is no NumPy array: it does not begin with \\x93NUMPY.");
    }
    if (start[6] != 1 && start[6] != 2) {
      throw new GradusException(
          where
              + " is of version "
              + start[6]
              + "."
              + start[7]
              + " of the npy format; 1.0 and 2.0 are read.");
    }
    int headerBytes;
    if (start[6] == 1) {
      headerBytes = little(exactly(in, 2, where)).getShort() & 0xffff;
    } else {
      headerBytes = little(exactly(in, 4, where)).getInt();
    }
    if (headerBytes < 0 || headerBytes > MAX_HEADER) {
      throw new GradusException(
          where
              + ": its header claims "
              + (headerBytes & 0xffffffffL)
              + " bytes; at most "
              + MAX_HEADER
              + " are read.");
    }
    String header = new String(exactly(in, headerBytes, where), StandardCharsets.ISO_8859_1);
    requireKeys(header, where);
    String descr = group(DESCR, header, where);
    NpyType type = type(descr, where);
    int[] shape = shape(group(SHAPE, header, where), where);
    byte[] elements = new byte[0];
    long bytes = bytes(shape, type, limit, where);
    if (bytes > 0) {
      elements = exactly(in, (int) bytes, where);
    }
    if (in.read() >= 0) {
      throw new GradusException(
          where + " goes on after the " + bytes + " bytes that its header announces.");
    }
    ByteOrder order = descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    if (group(ORDER, header, where).equals("True")) {
      elements = rowMajor(elements, shape, type.bytes());
    }
    return new NpyArray(type, shape, ByteBuffer.wrap(elements).order(order));
  }

  private static void requireKeys(String header, String where) {
    Matcher keys = KEYS.matcher(header);
    int count = 0;
    while (keys.find()) {
      count++;
    }
    String text = header.strip();
    if (count != 3 || !text.startsWith("{") || !text.endsWith("}")) {
      throw damaged(header, where);
    }
  }

  private static String group(Pattern pattern, String header, String where) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw damaged(header, where);
    }
    return matcher.group(1);
  }

  private static GradusException damaged(String header, String where) {
    String shown = header.length() > 200 ? header.substring(0, 200) + "..." : header;
    return new GradusException(
        where
            + ": its header is \""
            + shown.strip()
            + "\", but must be a dictionary of descr, fortran_order and shape. Only plain arrays"
            + " of numbers are read.");
  }

  private static NpyType type(String descr, String where) {
    if (descr.matches("[<>|=]?[a-z]\\d")) {
      String name = descr.substring(descr.length() - 2);
      for (NpyType type : NpyType.values()) {
        if (type.toString().equals(name)) {
          return type;
        }
      }
    }
    throw new GradusException(
        where
            + ": its elements are \""
            + descr
            + "\"; f4, f8, u1, i4 and i8 are read. Convert it with array.astype in Python.");
  }

  private static int[] shape(String text, String where) {
    int[] shape;
    try {
      shape =
          Pattern.compile(",")
              .splitAsStream(text)
              .map(String::strip)
              .filter(extent -> !extent.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
    } catch (NumberFormatException e) {
      throw new GradusException(
          where + ": the shape is (" + text + "); extents must be 0 to " + Integer.MAX_VALUE + ".",
          e);
    }
    if (shape.length > MAX_RANK) {
      throw new GradusException(
          where + ": the array has " + shape.length + " dimensions; at most 32 are possible.");
    }
    return shape;
  }

  private static long bytes(int[] shape, NpyType type, long limit, String where) {
    if (Arrays.stream(shape).anyMatch(extent -> extent == 0)) {
      return 0;
    }
    long bytes = type.bytes();
    for (int extent : shape) {
      // At most 2^31 * 2^31 before the check, so the product cannot overflow.
      bytes *= extent;
      if (bytes > Integer.MAX_VALUE - 16 || bytes > limit) {
        throw new GradusException(
            where
                + ": the shape "
                + Arrays.toString(shape)
                + " asks for "
                + bytes
                + " bytes or more, but "
                + (bytes > limit
                    ? "the file cannot hold them: it is truncated or damaged."
                    : "at most 2 GiB are read; split the array."));
      }
    }
    return bytes;
  }

  /** Fortran order has the first index change fastest. */
  private static byte[] rowMajor(byte[] elements, int[] shape, int bytes) {
    int count = elements.length / bytes;
    byte[] result = new byte[elements.length];
    int[] index = new int[shape.length];
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int d = 0; d < shape.length; d++) {
      strides[d] = stride;
      stride *= shape[d];
    }
    int from = 0;
    for (int to = 0; to < count; to++) {
      System.arraycopy(elements, from * bytes, result, to * bytes, bytes);
      for (int d = shape.length - 1; d >= 0; d--) {
        from += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        from -= shape[d] * strides[d];
        index[d] = 0;
      }
    }
    return result;
  }

  /** Writes version 1.0, little-endian, in C order, as NumPy itself does. */
  static void write(NpyArray array, OutputStream out) throws IOException {
    String shape =
        Arrays.stream(array.shape()).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    String tuple = array.shape().length == 1 ? "(" + shape + ",)" : "(" + shape + ")";
    boolean little = array.data().order() == ByteOrder.LITTLE_ENDIAN;
    String mark = array.type() == NpyType.U1 ? "|" : little ? "<" : ">";
    String header =
        "{'descr': '"
            + mark
            + array.type()
            + "', 'fortran_order': False, 'shape': "
            + tuple
            + ", }";
    // The elements begin at a multiple of 64 bytes.
    int length = (MAGIC.length + 4 + header.length() + 1 + 63) / 64 * 64 - MAGIC.length - 4;
    header += " ".repeat(length - header.length() - 1) + "\n";
    out.write(MAGIC);
    out.write(new byte[] {1, 0, (byte) length, (byte) (length >> 8)});
    out.write(header.getBytes(StandardCharsets.ISO_8859_1));
    out.write(array.data().array());
  }

  private static byte[] exactly(InputStream in, int count, String where) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new GradusException(
          where + " is truncated: " + (count - bytes.length) + " bytes are missing at its end.");
    }
    return bytes;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
