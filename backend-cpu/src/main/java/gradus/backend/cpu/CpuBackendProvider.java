package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.BackendProvider;
import gradus.kernels.Kernels;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Offers the processor, wherever the kernels' library loads. */
public final class CpuBackendProvider implements BackendProvider {
  static final String NAME = "cpu";

  private static final Logger LOG = System.getLogger(CpuBackendProvider.class.getName());

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
    InstructionSet instructions = InstructionSet.choose();
    return new CpuBackend(
        new CpuContext(
            instructions,
            LayoutChoice.choose(),
            ConvolutionChoice.choose(options.convAccuracy()),
            Bfloat16Products.choose(instructions),
            workingThreads(options.resolvedThreads(), Runtime.getRuntime().availableProcessors())));
  }

  /**
   * How many threads compute where {@code asked} are asked for: those that find a processor, by
   * affinity and a container's quota, because more would take turns and wait for each other. The
   * results have the same bits.
   */
  static int workingThreads(int asked, int processors) {
    if (asked <= processors) {
      return asked;
    }
    LOG.log(
        Level.WARNING,
        "%d compute threads were asked for, but this process may use %s: no more than that will compute, with the same results. If Java counts wrong, say -XX:ActiveProcessorCount=%d."
            .formatted(asked, processors == 1 ? "1 processor" : processors + " processors", asked));
    return processors;
  }
}
