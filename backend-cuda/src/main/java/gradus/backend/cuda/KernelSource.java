package gradus.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The CUDA C++ text of all kernels, put together in the order in which files need each other. */
final class KernelSource {
  private static final String FOLDER = "/gradus/kernels/cuda/";
  private static final List<String> FILES =
      List.of(
          "common.cuh",
          "elementwise.cu",
          "reduction.cu",
          "channels.cu",
          "pooling.cu",
          "batch_norm.cu",
          "group_norm.cu",
          "softmax.cu",
          "losses.cu",
          "optimizers.cu");

  private KernelSource() {}

  /** One compilation unit; its messages name the file and line they mean. */
  static String text() {
    StringBuilder text = new StringBuilder();
    for (String file : FILES) {
      text.append("#line 1 \"").append(file).append("\"\n").append(read(file));
    }
    return text.toString();
  }

  private static String read(String file) {
    try (InputStream in = KernelSource.class.getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing from the jar of gradus-native");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read from the jar", e);
    }
  }
}
