package gradus.data;

import gradus.GradusException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * One array of unsigned bytes in the IDX format of MNIST, plain or gzipped: the magic {@code 00 00
 * 08 rank}, the extents as big-endian 32-bit numbers, the bytes.
 */
final class IdxFile {
  /** Deflate cannot shrink by more than this, so a header that claims more is a lie. */
  private static final long MAX_COMPRESSION = 1032;

  private final int[] extents;
  private final byte[] bytes;

  private IdxFile(int[] extents, byte[] bytes) {
    this.extents = extents;
    this.bytes = bytes;
  }

  /** The size along one dimension, outermost first. */
  int extent(int dimension) {
    return extents[dimension];
  }

  /** The content, row-major; not a copy. */
  byte[] bytes() {
    return bytes;
  }

  /**
   * Reads a file whole.
   *
   * @throws GradusException naming the file and the offset of what is wrong
   */
  static IdxFile read(Path file, int rank) {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      boolean compressed = isCompressed(raw);
      InputStream in = compressed ? new GZIPInputStream(raw, 1 << 16) : raw;
      long limit = Files.size(file) * (compressed ? MAX_COMPRESSION : 1);
      return read(in, file, rank, limit);
    } catch (NoSuchFileException e) {
      throw new GradusException("There is no file " + file + ".", e);
    } catch (EOFException | ZipException e) {
      throw new GradusException(
          file + " is a damaged gzip file (" + e.getMessage() + "); download it again.", e);
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + ": " + e, e);
    }
  }

  private static boolean isCompressed(InputStream in) throws IOException {
    in.mark(2);
    boolean result = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return result;
  }

  private static IdxFile read(InputStream in, Path file, int rank, long limit) throws IOException {
    byte[] magic = header(in, 4, 0, file);
    if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8 || magic[3] != rank) {
      throw new GradusException(
          String.format(
              "%s, offset 0: the magic number is %02x%02x%02x%02x, but an IDX file of unsigned bytes"
                  + " with %d extents begins with 000008%02x. Is it the right file?",
              file, magic[0], magic[1], magic[2], magic[3], rank, rank));
    }
    int[] extents = new int[rank];
    long size = 1;
    for (int d = 0; d < rank; d++) {
      int offset = 4 + 4 * d;
      byte[] b = header(in, 4, offset, file);
      extents[d] = (b[0] & 0xff) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | (b[3] & 0xff);
      if (extents[d] < 1) {
        throw new GradusException(
            file
                + ", offset "
                + offset
                + ": extent "
                + d
                + " is "
                + (extents[d] & 0xffffffffL)
                + "; it must be 1 to "
                + Integer.MAX_VALUE
                + ".");
      }
      // At most 2^31 * 2^31 before the check, so the product cannot overflow.
      size *= extents[d];
      if (size > Integer.MAX_VALUE - 16 || size > limit) {
        throw new GradusException(
            file
                + ": the extents "
                + Arrays.toString(Arrays.copyOf(extents, d + 1))
                + " ask for "
                + size
                + " bytes or more, which a file of this length cannot hold:"
                + " it is truncated, or its header is damaged. Download it again.");
      }
    }
    int start = 4 + 4 * rank;
    byte[] bytes = in.readNBytes((int) size);
    if (bytes.length < size) {
      throw new GradusException(
          file
              + " is truncated: the data should end at offset "
              + (start + size)
              + ", but the file ends at "
              + (start + bytes.length)
              + ". Download it again.");
    }
    if (in.read() >= 0) {
      throw new GradusException(
          file
              + " goes on after offset "
              + (start + size)
              + ", where its header says it should end. Download it again.");
    }
    return new IdxFile(extents, bytes);
  }

  private static byte[] header(InputStream in, int count, int offset, Path file)
      throws IOException {
    byte[] result = in.readNBytes(count);
    if (result.length < count) {
      throw new GradusException(
          file
              + " is truncated: the file ends at offset "
              + (offset + result.length)
              + ", inside its header. Download it again.");
    }
    return result;
  }
}
