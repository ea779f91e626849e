package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Decoded images of one size in a file that is mapped into memory: a header of {@value
 * #HEADER_BYTES} bytes (magic, key, count, channels, height, width, checksum of the pixels), and
 * the pixels {@code [N,C,H,W]}. Any number of threads may read.
 */
final class StoredImages {
  private static final long MAGIC = 0x4752414449310a1aL;
  private static final int KEY_BYTES = 32;
  private static final int HEADER_BYTES = 64;
  private static final int CHUNK_BYTES = 1 << 30;

  /** Decoded together before they are written, so that memory stays small. */
  private static final int GROUP = 256;

  private final int channels;
  private final int height;
  private final int width;
  private final int perChunk;
  private final MappedByteBuffer[] chunks;

  private StoredImages(
      int channels, int height, int width, int perChunk, MappedByteBuffer[] chunks) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.perChunk = perChunk;
    this.chunks = chunks;
  }

  /** Why a file cannot be used. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String reason) {
      super(reason);
    }
  }

  /**
   * Maps a file and checks all of it.
   *
   * @param key 64 hexadecimal digits that say what must be in it
   * @throws UnusableException if there is none, it is of another key, or it is damaged
   */
  static StoredImages open(Path file, String key, int count) throws UnusableException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      while (header.hasRemaining() && channel.read(header) >= 0) {}
      if (header.hasRemaining()) {
        throw new UnusableException("it is truncated");
      }
      header.flip();
      byte[] storedKey = new byte[KEY_BYTES];
      boolean known = header.getLong() == MAGIC;
      header.get(storedKey);
      int n = header.getInt();
      int channels = header.getInt();
      int height = header.getInt();
      int width = header.getInt();
      int checksum = header.getInt();
      if (!known || !HexFormat.of().formatHex(storedKey).equals(key) || n != count) {
        throw new UnusableException("it is of other pictures");
      }
      if (channels < 1 || channels > 4 || height < 1 || width < 1) {
        throw new UnusableException("its header is damaged");
      }
      long imageBytes = (long) channels * height * width;
      if (imageBytes > CHUNK_BYTES || channel.size() != HEADER_BYTES + n * imageBytes) {
        throw new UnusableException("its length is wrong");
      }
      int perChunk = (int) (CHUNK_BYTES / imageBytes);
      MappedByteBuffer[] chunks = new MappedByteBuffer[(n + perChunk - 1) / perChunk];
      CRC32C crc = new CRC32C();
      for (int c = 0; c < chunks.length; c++) {
        int images = Math.min(perChunk, n - c * perChunk);
        chunks[c] =
            channel.map(
                FileChannel.MapMode.READ_ONLY,
                HEADER_BYTES + (long) c * perChunk * imageBytes,
                images * imageBytes);
        crc.update(chunks[c].duplicate());
      }
      if ((int) crc.getValue() != checksum) {
        throw new UnusableException("its checksum is wrong");
      }
      return new StoredImages(channels, height, width, perChunk, chunks);
    } catch (NoSuchFileException e) {
      throw new UnusableException("there is none");
    } catch (IOException e) {
      throw new UnusableException("it cannot be read (" + e + ")");
    }
  }

  /**
   * Writes a file; it appears whole or not at all.
   *
   * @param images the image of each number; asked for by many threads
   */
  static void write(Path file, String key, int count, IntFunction<Image> images) {
    Image first = images.apply(0);
    try {
      AtomicFile.write(
          file,
          channel -> {
            channel.write(ByteBuffer.allocate(HEADER_BYTES), 0);
            channel.position(HEADER_BYTES);
            CRC32C crc = new CRC32C();
            for (int begin = 0; begin < count; begin += GROUP) {
              Image[] group =
                  IntStream.range(begin, Math.min(count, begin + GROUP))
                      .parallel()
                      .mapToObj(images)
                      .toArray(Image[]::new);
              byte[] pixels = new byte[group.length * first.size()];
              for (int i = 0; i < group.length; i++) {
                requireLike(first, group[i]);
                group[i].writeLevels(pixels, i * first.size());
              }
              crc.update(pixels);
              writeAll(channel, ByteBuffer.wrap(pixels));
            }
            ByteBuffer header =
                ByteBuffer.allocate(HEADER_BYTES)
                    .putLong(MAGIC)
                    .put(HexFormat.of().parseHex(key))
                    .putInt(count)
                    .putInt(first.channels())
                    .putInt(first.height())
                    .putInt(first.width())
                    .putInt((int) crc.getValue())
                    .rewind();
            channel.position(0);
            writeAll(channel, header);
          });
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write decoded pictures to "
              + file
              + " ("
              + e
              + "). Is there room for "
              + count * (long) first.size()
              + " bytes, and may you write there?",
          e);
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void requireLike(Image first, Image image) {
    if (!image.isBytes() || !image.toString().equals(first.toString())) {
      throw new GradusException(
          "Only byte images of one size can be kept in a file, but one is "
              + image
              + " and the first is "
              + first
              + ": give a transform that makes them alike, such as Resize.exact.");
    }
  }

  /** A copy of one image. */
  Image get(int index) {
    byte[] pixels = new byte[channels * height * width];
    chunks[index / perChunk].get(index % perChunk * pixels.length, pixels);
    return Image.ofBytes(channels, height, width, pixels);
  }
}
