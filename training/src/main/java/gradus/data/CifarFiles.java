package gradus.data;

import gradus.GradusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The binary files of CIFAR: records of one or two label bytes and the planes of a {@code
 * [3,32,32]} image, without any header.
 */
final class CifarFiles {
  private static final int CHANNELS = 3;
  private static final int SIDE = 32;
  private static final int PIXELS = CHANNELS * SIDE * SIDE;

  private CifarFiles() {}

  /**
   * Reads files into one data set.
   *
   * @param labelBytes label bytes at the start of each record; the last of them is the class
   */
  static Dataset read(String name, List<Path> files, int labelBytes, List<String> classNames) {
    int recordBytes = labelBytes + PIXELS;
    long records = 0;
    for (Path file : files) {
      records += countRecords(file, recordBytes);
    }
    if (records * PIXELS > Integer.MAX_VALUE - 16) {
      throw new GradusException(
          name + ": " + records + " images do not fit into one array; use fewer files.");
    }
    byte[] pixels = new byte[(int) records * PIXELS];
    byte[] labels = new byte[(int) records];
    int first = 0;
    for (Path file : files) {
      first += read(file, labelBytes, classNames.size(), pixels, labels, first);
    }
    return new PackedImages(name, classNames, CHANNELS, SIDE, SIDE, pixels, labels);
  }

  private static long countRecords(Path file, int recordBytes) {
    long bytes;
    try {
      bytes = Files.size(file);
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + ": " + e, e);
    }
    if (bytes == 0 || bytes % recordBytes != 0) {
      throw new GradusException(
          file
              + " is truncated or of another format: its "
              + bytes
              + " bytes are no whole number of "
              + recordBytes
              + "-byte records; the last whole one ends at offset "
              + bytes / recordBytes * recordBytes
              + ". Download it again.");
    }
    return bytes / recordBytes;
  }

  private static int read(
      Path file, int labelBytes, int classes, byte[] pixels, byte[] labels, int first) {
    int recordBytes = labelBytes + PIXELS;
    int count = 0;
    try (InputStream in = Files.newInputStream(file)) {
      while (true) {
        byte[] chunk = in.readNBytes(recordBytes * 256);
        if (chunk.length == 0) {
          break;
        }
        for (int at = 0; at < chunk.length; at += recordBytes) {
          if (chunk.length - at < recordBytes || first + count == labels.length) {
            throw new GradusException(file + " changed while it was read; try again.");
          }
          int label = chunk[at + labelBytes - 1] & 0xff;
          if (label >= classes) {
            throw new GradusException(
                file
                    + ", offset "
                    + ((long) count * recordBytes + labelBytes - 1)
                    + ": the label is "
                    + label
                    + ", but there are only "
                    + classes
                    + " classes. Is it the binary version of this data set?");
          }
          labels[first + count] = (byte) label;
          System.arraycopy(chunk, at + labelBytes, pixels, (first + count) * PIXELS, PIXELS);
          count++;
        }
      }
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + ": " + e, e);
    }
    return count;
  }

  /**
   * The files of these names, in {@code folder} or in {@code folder/inner}, as the archive has it.
   */
  static List<Path> find(Path folder, String inner, List<String> names) {
    for (Path place : List.of(folder, folder.resolve(inner))) {
      List<Path> files = names.stream().map(place::resolve).toList();
      if (files.stream().allMatch(Files::isRegularFile)) {
        return files;
      }
    }
    throw new GradusException(
        "Not all of "
            + String.join(", ", names)
            + " are in "
            + folder.toAbsolutePath()
            + " or in "
            + inner
            + " below it. They come from the binary version of the data set.");
  }
}
