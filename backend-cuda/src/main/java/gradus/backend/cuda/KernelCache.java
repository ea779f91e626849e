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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/**
 * Compiled kernels on disk, one file per source, options and compiler: the module and, behind it,
 * its SHA-256. A folder that cannot be used costs a compilation at every start, not the run; a file
 * that was damaged, as by a loss of power, costs one compilation.
 */
final class KernelCache {
  private static final Logger LOG = System.getLogger(KernelCache.class.getName());

  private static final int DIGEST_BYTES = 32;

  private final Path folder;

  KernelCache(Path folder) {
    this.folder = folder;
  }

  /** The module compiled from these, from the folder or else by {@code compile}. */
  byte[] get(String source, List<String> options, String compiler, Supplier<byte[]> compile) {
    Path file = folder.resolve(hash(source, options, compiler) + ".kernels");
    if (Files.isRegularFile(file)) {
      try {
        byte[] kept = Files.readAllBytes(file);
        byte[] module = Arrays.copyOf(kept, Math.max(0, kept.length - DIGEST_BYTES));
        if (Arrays.equals(kept, sealed(module))) {
          return module;
        }
        LOG.log(Level.WARNING, "Cached kernels are damaged, compiling again: {0}", file);
      } catch (IOException unreadable) {
        LOG.log(
            Level.WARNING,
            "Cached kernels cannot be read, compiling again: {0}",
            unreadable.toString());
      }
    }
    byte[] module = compile.get();
    try {
      store(file, sealed(module));
    } catch (IOException unwritable) {
      LOG.log(
          Level.WARNING,
          "Compiled kernels cannot be kept ({0}): choose a writable folder with -Dgradus.cuda.cache.",
          unwritable.toString());
    }
    return module;
  }

  /** Under its final name a file is always whole, whoever else writes it. */
  private void store(Path file, byte[] content) throws IOException {
    Files.createDirectories(folder);
    Path unfinished = Files.createTempFile(folder, "kernels", ".tmp");
    try {
      Files.write(unfinished, content);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static byte[] sealed(byte[] module) {
    byte[] sealed = Arrays.copyOf(module, module.length + DIGEST_BYTES);
    System.arraycopy(sha256().digest(module), 0, sealed, module.length, DIGEST_BYTES);
    return sealed;
  }

  private static String hash(String source, List<String> options, String compiler) {
    String key = compiler + '\0' + String.join("\0", options) + '\0' + source;
    return HexFormat.of().formatHex(sha256().digest(key.getBytes(StandardCharsets.UTF_8)));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
