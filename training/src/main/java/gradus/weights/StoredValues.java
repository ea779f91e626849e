package gradus.weights;

import gradus.GradusException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** Reads little-endian numbers from mapped stretches of a file, as float32. */
final class StoredValues {
  /** One mapping holds at most 1 GiB, since a ByteBuffer ends at 2. */
  private static final int MAPPED_VALUES = 1 << 27;

  private final Path file;
  private final FileChannel channel;
  private final SafeTensors.NonFinite nonFinite;

  StoredValues(Path file, FileChannel channel, SafeTensors.NonFinite nonFinite) {
    this.file = file;
    this.channel = channel;
    this.nonFinite = nonFinite;
  }

  /** Copies values that lie one after the other from byte {@code start} on. */
  void read(String tensor, StoredType type, long start, int count, FloatBuffer destination)
      throws IOException {
    for (long first = 0; first < count; first += MAPPED_VALUES) {
      int values = (int) Math.min(MAPPED_VALUES, count - first);
      ByteBuffer mapped = map(start + first * type.bytes(), (long) values * type.bytes());
      for (int i = 0; i < values; i++) {
        put(tensor, type.read(mapped, i * type.bytes()), (int) first + i, destination);
      }
    }
  }

  /** Copies values that lie {@code strides} apart, counted in values, in row-major order. */
  void read(
      String tensor,
      StoredType type,
      long start,
      List<Long> sizes,
      List<Long> strides,
      FloatBuffer destination)
      throws IOException {
    long[] size = sizes.stream().mapToLong(Long::longValue).toArray();
    long[] stride = strides.stream().mapToLong(Long::longValue).toArray();
    long count = 1;
    long last = 0;
    for (int d = 0; d < size.length; d++) {
      count *= size[d];
      last += (size[d] - 1) * stride[d];
    }
    long bytes = (last + 1) * type.bytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new GradusException(
          file
              + ": the tensor '"
              + tensor
              + "' is a view with gaps over "
              + bytes
              + " bytes; views are read up to "
              + Integer.MAX_VALUE
              + ". Save it with tensor.contiguous().");
    }
    ByteBuffer mapped = map(start, bytes);
    long[] index = new long[size.length];
    long position = 0;
    for (int i = 0; i < count; i++) {
      put(tensor, type.read(mapped, (int) position * type.bytes()), i, destination);
      for (int d = size.length - 1; d >= 0; d--) {
        position += stride[d];
        if (++index[d] < size[d]) {
          break;
        }
        position -= index[d] * stride[d];
        index[d] = 0;
      }
    }
  }

  private ByteBuffer map(long start, long bytes) throws IOException {
    return channel.map(FileChannel.MapMode.READ_ONLY, start, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void put(String tensor, float value, int index, FloatBuffer destination) {
    if (!Float.isFinite(value) && nonFinite == SafeTensors.NonFinite.REFUSE) {
      throw new GradusException(
          file
              + ": the tensor '"
              + tensor
              + "' has the value "
              + value
              + " at position "
              + index
              + ". The run that wrote it had diverged; use an earlier file.");
    }
    destination.put(index, value);
  }
}
