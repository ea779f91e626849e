package gradus.examples.command;

import gradus.GradusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The pictures that files and folders on a command line stand for. */
final class PictureFiles {
  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "jpe", "png", "gif", "bmp", "webp");

  private PictureFiles() {}

  /**
   * Files as they are, whatever their names; of folders every file below them that is named as a
   * picture, in the order of the names.
   *
   * @throws GradusException if a folder cannot be read, or has no picture
   */
  static List<Path> in(List<Path> paths) {
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (!Files.isDirectory(path)) {
        files.add(path);
        continue;
      }
      List<Path> below = below(path);
      if (below.isEmpty()) {
        throw new GradusException(
            "There is no picture in the folder " + path + " (JPEG, PNG, GIF, BMP or WebP).");
      }
      files.addAll(below);
    }
    return files;
  }

  private static List<Path> below(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(PictureFiles::isNamedAsPicture)
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new GradusException("Cannot read the folder " + folder + ": " + e, e);
    }
  }

  private static boolean isNamedAsPicture(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return !name.startsWith(".")
        && dot >= 0
        && ENDINGS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }
}
