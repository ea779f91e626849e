package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.BackendProvider;
import gradus.kernels.Kernels;
import java.util.Optional;

/** Offers the processor, wherever the kernels' library loads. */
public final class CpuBackendProvider implements BackendProvider {
  static final String NAME = "cpu";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int rank() {
    return 50;
  }

  @Override
  public Optional<String> unavailableReason() {
    try {
      Kernels.bestTier();
      return Optional.empty();
    } catch (LinkageError broken) {
      return Optional.of(
          "its native library does not load on %s %s (%s). It is built for linux x86_64 alone: build the module gradus-native on this machine with g++."
              .formatted(
                  System.getProperty("os.name"), System.getProperty("os.arch"), reason(broken)));
    }
  }

  private static String reason(Throwable broken) {
    Throwable root = broken;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new CpuBackend(
        new CpuContext(
            InstructionSet.choose(),
            LayoutChoice.choose(),
            ConvolutionChoice.choose(options.convAccuracy()),
            options.resolvedThreads()));
  }
}
