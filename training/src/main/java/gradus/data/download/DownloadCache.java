package gradus.data.download;

import gradus.GradusException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * The folder downloaded data sets are kept in, one folder for each. A file under its final name is
 * whole: it was checked before it got that name.
 */
public final class DownloadCache {
  private final Path root;
  private final HttpDownload download;

  private DownloadCache(Path root, DownloadProgress progress) {
    this.root = root;
    this.download = new HttpDownload(progress);
  }

  /** A cache in a folder, which is made when first needed. */
  public static DownloadCache at(Path root, DownloadProgress progress) {
    return new DownloadCache(root, progress);
  }

  /**
   * The user's cache: {@code -Dgradus.cache=FOLDER}, else the environment's {@code GRADUS_CACHE},
   * else {@code ~/.cache/gradus}.
   */
  public static DownloadCache standard(DownloadProgress progress) {
    String chosen = System.getProperty("gradus.cache", System.getenv("GRADUS_CACHE"));
    Path root =
        chosen != null && !chosen.isBlank()
            ? Path.of(chosen)
            : Path.of(System.getProperty("user.home"), ".cache", "gradus");
    return at(root, progress);
  }

  /**
   * Makes sure that all files are in the folder {@code name}, and returns it.
   *
   * @throws GradusException saying what failed at each source and how to go on without a network
   */
  public Path fetch(String name, List<RemoteFile> files) {
    Path folder = root.resolve(name);
    List<String> names = files.stream().map(RemoteFile::name).toList();
    if (!holdsAll(folder, names)) {
      whileLocked(folder, () -> files.forEach(file -> fetchOne(folder, file, names)));
    }
    return folder;
  }

  /** Makes sure that the members of an archive are in the folder {@code name}, and returns it. */
  public Path fetch(String name, RemoteArchive archive) {
    Path folder = root.resolve(name);
    if (!holdsAll(folder, archive.members())) {
      whileLocked(folder, () -> fetchAndUnpack(folder, archive));
    }
    return folder;
  }

  private static boolean holdsAll(Path folder, List<String> names) {
    return names.stream().map(folder::resolve).allMatch(Files::isRegularFile);
  }

  private void fetchAndUnpack(Path folder, RemoteArchive archive) {
    if (holdsAll(folder, archive.members())) {
      return;
    }
    Path packed = fetchOne(folder, archive.file(), archive.members());
    try {
      unpack(packed, archive, folder);
      Files.delete(packed);
    } catch (IOException e) {
      throw new GradusException("Cannot unpack " + packed + " into " + folder + ": " + e, e);
    }
  }

  /** Two runs started together would write into one file; the second waits, and finds it done. */
  private static void whileLocked(Path folder, Runnable work) {
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid()) {
          work.run();
        }
      }
    } catch (OverlappingFileLockException e) {
      throw new GradusException(
          "This program is already downloading into " + folder + "; wait for that to end.", e);
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write downloads to "
              + folder
              + " ("
              + e
              + "). Choose another place with -Dgradus.cache=FOLDER.",
          e);
    }
  }

  private Path fetchOne(Path folder, RemoteFile file, List<String> expected) {
    Path target = folder.resolve(file.name());
    if (Files.isRegularFile(target)) {
      return target;
    }
    List<String> failures = new ArrayList<>();
    for (var source : file.sources()) {
      try {
        download.fetch(source, file, target);
        return target;
      } catch (IOException e) {
        failures.add("  " + source + ": " + HttpDownload.reason(e));
      }
    }
    throw new GradusException(
        "Cannot download "
            + file.name()
            + ":\n"
            + String.join("\n", failures)
            + "\nWithout a network, put "
            + String.join(", ", expected)
            + " into a folder and name it with --data-dir FOLDER.");
  }

  /** Takes the wanted members by their names; what else the archive holds is never written. */
  private static void unpack(Path packed, RemoteArchive archive, Path folder) throws IOException {
    Set<String> missing = new HashSet<>(archive.members());
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(packed), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(raw))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        String prefix = archive.folder() + "/";
        String name =
            entry.getName().startsWith(prefix) ? entry.getName().substring(prefix.length()) : "";
        if (entry.isFile() && missing.remove(name)) {
          Path part = folder.resolve(name + ".part");
          Files.copy(tar, part, StandardCopyOption.REPLACE_EXISTING);
          moveIntoPlace(part, folder.resolve(name));
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new IOException(
          "the archive has no " + missing.stream().sorted().collect(Collectors.joining(", ")));
    }
  }

  static void moveIntoPlace(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
