package gradus.backend.cuda;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;

/**
 * The folders JavaCPP was told to look into. Libraries of CUDA open others when they need them, by
 * name alone: where nobody else knows the folder they find what is loaded already.
 */
final class LibraryFolders {
  private static final String PATH =
      System.getProperty("org.bytedeco.javacpp.platform.linkpath", "");

  private LibraryFolders() {}

  /** Loads what lies there under names such as {@code libcudnn_*.so.9}. */
  static void load(String names) {
    for (String folder : PATH.split(File.pathSeparator, -1)) {
      if (!folder.isEmpty() && Files.isDirectory(Path.of(folder))) {
        load(Path.of(folder), names);
      }
    }
  }

  private static void load(Path folder, String names) {
    try (DirectoryStream<Path> libraries = Files.newDirectoryStream(folder, names)) {
      for (Path library : libraries) {
        Loader.loadGlobal(library.toAbsolutePath().toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be listed", e);
    }
  }
}
