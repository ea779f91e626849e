package gradus.backend.cuda;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/**
 * Compiled kernels on disk, one file per source, options and compiler. A folder that cannot be used
 * costs a compilation at every start, not the run.
 */
final class KernelCache {
  private static final Logger LOG = System.getLogger(KernelCache.class.getName());

  private final Path folder;

  KernelCache(Path folder) {
    this.folder = folder;
  }

  /** The module compiled from these, from the folder or else by {@code compile}. */
  byte[] get(String source, List<String> options, String compiler, Supplier<byte[]> compile) {
    Path file = folder.resolve(hash(source, options, compiler) + ".cubin");
    if (Files.isRegularFile(file)) {
      try {
        return Files.readAllBytes(file);
      } catch (IOException unreadable) {
        LOG.log(
            Level.WARNING,
            "Cached kernels cannot be read, compiling again: {0}",
            unreadable.toString());
      }
    }
    byte[] module = compile.get();
    try {
      store(file, module);
    } catch (IOException unwritable) {
      LOG.log(
          Level.WARNING,
          "Compiled kernels cannot be kept ({0}): choose a writable folder with -Dgradus.cuda.cache.",
          unwritable.toString());
    }
    return module;
  }

  /** Under its final name a file is always whole, whoever else writes it. */
  private void store(Path file, byte[] module) throws IOException {
    Files.createDirectories(folder);
    Path unfinished = Files.createTempFile(folder, "kernels", ".tmp");
    try {
      Files.write(unfinished, module);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static String hash(String source, List<String> options, String compiler) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String key = compiler + '\0' + String.join("\0", options) + '\0' + source;
      return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
