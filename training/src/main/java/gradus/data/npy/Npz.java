package gradus.data.npy;

import gradus.GradusException;
import gradus.files.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Named arrays in one file, as {@code numpy.savez} and {@code savez_compressed} write them.
 *
 * <pre>{@code
 * try (Npz file = Npz.open(Path.of("mnist.npz"))) {
 *   NpyArray images = file.read("x_train");
 * }
 * Npz.write(Path.of("out.npz"), Map.of("labels", NpyArray.of(new int[] {1, 0, 2}, 3)));
 * }</pre>
 */
public final class Npz implements AutoCloseable {
  private static final String ENDING = ".npy";

  /** Deflate cannot shrink by more than this, so a header that claims more is a lie. */
  private static final long MAX_COMPRESSION = 1032;

  private final Path file;
  private final ZipFile zip;
  private final List<String> names;

  private Npz(Path file, ZipFile zip, List<String> names) {
    this.file = file;
    this.zip = zip;
    this.names = names;
  }

  /**
   * Opens a file; arrays are read when they are asked for.
   *
   * @throws GradusException naming the file if it is no .npz
   */
  public static Npz open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new GradusException("There is no file " + file + ".");
    }
    try {
      ZipFile zip = new ZipFile(file.toFile());
      List<String> names = new ArrayList<>();
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (entry.getName().endsWith(ENDING)) {
          names.add(entry.getName().substring(0, entry.getName().length() - ENDING.length()));
        }
      }
      return new Npz(file, zip, List.copyOf(names));
    } catch (NoSuchFileException e) {
      throw new GradusException("There is no file " + file + ".", e);
    } catch (IOException | IllegalArgumentException e) {
      throw new GradusException(
          file + " is no .npz file, or is truncated (" + e.getMessage() + ").", e);
    }
  }

  /** The names of the arrays, in the file's order. */
  public List<String> names() {
    return names;
  }

  /**
   * Reads one array.
   *
   * @throws GradusException if there is none of this name, or it is damaged or of a type that is
   *     not read
   */
  public NpyArray read(String name) {
    ZipEntry entry = zip.getEntry(name + ENDING);
    if (entry == null || !names.contains(name)) {
      throw new GradusException(file + " has no array \"" + name + "\", only " + names + ".");
    }
    String where = file + ", array " + name;
    try (InputStream in = zip.getInputStream(entry)) {
      long limit = Math.min(Files.size(file), Math.max(0, entry.getCompressedSize()));
      return NpyFormat.read(in, limit * MAX_COMPRESSION, where);
    } catch (IOException | IllegalArgumentException e) {
      throw new GradusException(where + " cannot be read: " + e, e);
    }
  }

  /**
   * Writes arrays, compressed; the file appears whole or not at all.
   *
   * @throws GradusException if it cannot be written
   */
  public static void write(Path file, Map<String, NpyArray> arrays) {
    try {
      AtomicFile.write(
          file,
          channel -> {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            ZipOutputStream zip = new ZipOutputStream(out);
            for (Map.Entry<String, NpyArray> array : arrays.entrySet()) {
              zip.putNextEntry(new ZipEntry(array.getKey() + ENDING));
              NpyFormat.write(array.getValue(), zip);
              zip.closeEntry();
            }
            zip.finish();
            out.flush();
          });
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write " + file + " (" + e + "). Is there room, and may you write there?", e);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new GradusException("Cannot close " + file + ": " + e, e);
    }
  }
}
