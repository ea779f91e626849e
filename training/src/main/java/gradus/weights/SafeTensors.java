package gradus.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors in a <a href="https://github.com/huggingface/safetensors">safetensors</a> file: the
 * length of a JSON header, the header, the numbers in little-endian order.
 *
 * <p>The whole header is checked when the file is opened, so that a truncated or manipulated file
 * is refused before anything is loaded; numbers are read from the mapped file when asked for, and
 * must be finite unless {@link NonFinite#ALLOW} is given. F32, F64, F16, BF16, I64 and I32 are
 * read, as float32; F32 is written.
 */
public final class SafeTensors implements StoredWeights {
  /** The largest header the format allows, 100 million bytes. */
  static final long MAX_HEADER_BYTES = 100_000_000L;

  private static final int CHUNK_VALUES = 1 << 18;

  private final Path file;
  private final FileChannel channel;
  private final SafeTensorsHeader header;
  private final long dataStart;
  private final NonFinite nonFinite;

  /** What to do about infinite values and NaN. */
  public enum NonFinite {
    /** They are an error: no trained network has them. */
    REFUSE,
    /** They are handed on. */
    ALLOW
  }

  private SafeTensors(
      Path file,
      FileChannel channel,
      SafeTensorsHeader header,
      long dataStart,
      NonFinite nonFinite) {
    this.file = file;
    this.channel = channel;
    this.header = header;
    this.dataStart = dataStart;
    this.nonFinite = nonFinite;
  }

  /** Opens a file whose values must all be finite. */
  public static SafeTensors open(Path file) {
    return open(file, NonFinite.REFUSE);
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws GradusException naming the file and the tensor that is wrong
   */
  public static SafeTensors open(Path file, NonFinite nonFinite) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        return open(file, channel, nonFinite);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new GradusException("There is no weight file " + file.toAbsolutePath() + ".", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static SafeTensors open(Path file, FileChannel channel, NonFinite nonFinite)
      throws IOException {
    long fileBytes = channel.size();
    if (fileBytes < Long.BYTES) {
      throw new GradusException(
          file
              + " has "
              + fileBytes
              + " bytes; a safetensors file begins with 8 for its header's length.");
    }
    long headerBytes = readFully(file, channel, 0, Long.BYTES).getLong(0);
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
      refuseOthers(file, channel, (int) Math.min(fileBytes, TorchFile.BEGINNING_BYTES));
      throw new GradusException(
          file
              + ": the header would have "
              + Long.toUnsignedString(headerBytes)
              + " bytes; 2 to "
              + MAX_HEADER_BYTES
              + " are allowed. Is it a safetensors file?");
    }
    long dataBytes = fileBytes - Long.BYTES - headerBytes;
    if (dataBytes < 0) {
      throw new GradusException(
          file
              + " is truncated: its header should end at byte "
              + (Long.BYTES + headerBytes)
              + ", but the file has "
              + fileBytes
              + ".");
    }
    byte[] json = readFully(file, channel, Long.BYTES, (int) headerBytes).array();
    SafeTensorsHeader header = SafeTensorsHeader.parse(file, json, dataBytes);
    return new SafeTensors(file, channel, header, Long.BYTES + headerBytes, nonFinite);
  }

  private static void refuseOthers(Path file, FileChannel channel, int beginning)
      throws IOException {
    if (TorchFile.isOne(readFully(file, channel, 0, beginning).array())) {
      throw new GradusException(
          file
              + " is a file of torch.save, which does not say what network its weights are for:"
              + " ./gradus import makes a folder of it that does, and train --from starts with it.");
    }
  }

  private static ByteBuffer readFully(Path file, FileChannel channel, long position, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new GradusException(file + " became shorter while it was read; try again.");
      }
    }
    return buffer;
  }

  /** The names of the tensors, in the header's order. */
  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.entries().keySet());
  }

  /** The shape of a tensor. */
  @Override
  public Shape shape(String name) {
    return entry(name).shape();
  }

  /** The number format a tensor is stored in, like {@code F32} or {@code BF16}. */
  public String storedType(String name) {
    return entry(name).type().name();
  }

  /** The texts stored beside the tensors. */
  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /** A tensor's values in a fresh array. */
  @Override
  public Weight read(String name) {
    Shape shape = shape(name);
    FloatBuffer values = FloatBuffer.allocate((int) shape.size());
    read(name, values);
    return new Weight(shape, values);
  }

  /**
   * Copies a tensor's values to {@code destination}, row-major, from index 0 on.
   *
   * @throws GradusException if there is no such tensor, no room, or a value is not finite
   */
  public void read(String name, FloatBuffer destination) {
    TensorEntry entry = entry(name);
    int count = (int) entry.shape().size();
    if (destination.capacity() < count) {
      throw new GradusException(
          file
              + ": the tensor '"
              + name
              + "' of shape "
              + entry.shape()
              + " has "
              + count
              + " values, but there is room for "
              + destination.capacity()
              + ".");
    }
    try {
      new StoredValues(file, channel, nonFinite)
          .read(name, entry.type(), dataStart + entry.begin(), count, destination);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private TensorEntry entry(String name) {
    TensorEntry entry = header.entries().get(name);
    if (entry == null) {
      throw new GradusException(
          file + " has no tensor '" + name + "'; it has " + header.entries().keySet() + ".");
    }
    return entry;
  }

  /** Closes the file. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static GradusException unreadable(Path file, IOException e) {
    return new GradusException("Cannot read the weight file " + file + ": " + e, e);
  }

  /**
   * Writes tensors as F32, in the map's order; the file appears whole or not at all.
   *
   * @param metadata texts to store beside them
   * @throws GradusException if the file cannot be written
   */
  public static void write(Path file, Map<String, Weight> weights, Map<String, String> metadata) {
    try {
      AtomicFile.write(
          file,
          channel -> {
            writeFully(channel, encodeHeader(weights, metadata));
            ByteBuffer chunk =
                ByteBuffer.allocate(CHUNK_VALUES * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (Weight weight : weights.values()) {
              writeValues(channel, chunk, weight);
            }
          });
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write the weights to "
              + file.toAbsolutePath()
              + " ("
              + e
              + "). Is there room, and may you write there?",
          e);
    }
  }

  private static ByteBuffer encodeHeader(Map<String, Weight> weights, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = new JsonFactory().createGenerator(json)) {
      out.writeStartObject();
      if (!metadata.isEmpty()) {
        out.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          out.writeStringField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
      }
      long offset = 0;
      for (Map.Entry<String, Weight> entry : weights.entrySet()) {
        offset = writeEntry(out, entry.getKey(), entry.getValue().shape(), offset);
      }
      out.writeEndObject();
    }
    // Spaces after the JSON bring the data to a multiple of 8, so that it can be mapped as numbers.
    int padded = (json.size() + 7) / 8 * 8;
    ByteBuffer header =
        ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded);
    header.put(json.toByteArray());
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static long writeEntry(JsonGenerator out, String name, Shape shape, long offset)
      throws IOException {
    if (name.equals("__metadata__")) {
      throw new GradusException("A tensor cannot be called __metadata__ in a safetensors file.");
    }
    long end = offset + shape.size() * Float.BYTES;
    out.writeObjectFieldStart(name);
    out.writeStringField("dtype", StoredType.F32.name());
    out.writeFieldName("shape");
    out.writeArray(shape.toArray(), 0, shape.rank());
    out.writeFieldName("data_offsets");
    out.writeArray(new long[] {offset, end}, 0, 2);
    out.writeEndObject();
    return end;
  }

  private static void writeValues(FileChannel channel, ByteBuffer chunk, Weight weight)
      throws IOException {
    int count = (int) weight.shape().size();
    for (long first = 0; first < count; first += CHUNK_VALUES) {
      int values = (int) Math.min(CHUNK_VALUES, count - first);
      chunk.clear().limit(values * Float.BYTES);
      chunk.asFloatBuffer().put(0, weight.values(), (int) first, values);
      writeFully(channel, chunk);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
