package gradus.backend.cuda;

import gradus.GradusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * Makes sure the installed libraries have every function this backend calls. A missing one would
 * otherwise end the whole process at its first call, with no exception.
 */
final class SymbolGuard {
  private static final String LIST = "symbols.txt";

  private SymbolGuard() {}

  /** The functions used, as {@code library function}. */
  static List<String> used() {
    try (InputStream in = SymbolGuard.class.getResourceAsStream(LIST)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(LIST + " cannot be read from the jar", e);
    }
  }

  /** Those of one library, which may be absent as a whole. */
  static List<String> usedOf(String library) {
    return used().stream().filter(line -> line.startsWith(library + " ")).toList();
  }

  /** Throws if one of {@code functions}, written as in {@link #used}, is missing. */
  static void check(List<String> functions) {
    List<String> missing = new ArrayList<>();
    String loaded = "";
    for (String line : functions) {
      String library = line.substring(0, line.indexOf(' '));
      String function = line.substring(line.indexOf(' ') + 1);
      if (!library.equals(loaded)) {
        Loader.loadGlobal(library);
        loaded = library;
      }
      if (Loader.addressof(function) == null) {
        missing.add(line);
      }
    }
    if (!missing.isEmpty()) {
      throw new GradusException(
          "The installed CUDA libraries lack "
              + String.join(", ", missing)
              + ": install CUDA 13, cuDNN 9 and, for several GPUs, NCCL 2.");
    }
  }
}
