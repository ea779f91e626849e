package gradus.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file so that its name never stands for half of it: to a temporary file beside it, which
 * is synced to the disk and then renamed. A crash or a full disk leaves the previous file whole.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** What writes the content. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it to an empty file. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Creates or replaces {@code file}; its folder must exist.
   *
   * @throws IOException if writing failed; then nothing of the attempt is left
   */
  public static void write(Path file, Content content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    // Not createTempFile: that makes files only their owner may read, whatever the user's umask
    // says.
    Path temporary = folder.resolve(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      try {
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      }
      syncFolder(folder);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Creates or replaces {@code file} with these bytes. */
  public static void write(Path file, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    write(
        file,
        channel -> {
          while (left.hasRemaining()) {
            channel.write(left);
          }
        });
  }

  /**
   * The rename itself must reach the disk too. Windows cannot open a folder, and needs no such
   * help.
   */
  private static void syncFolder(Path folder) throws IOException {
    if (!System.getProperty("os.name").startsWith("Windows")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
