package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.tck.BackendTck;
import org.junit.jupiter.api.Assumptions;

/** What the tests of every variant of this backend share. */
abstract class CpuBackendTck extends BackendTck {
  /** Opens a variant that no property chose. */
  static Backend open(InstructionSet instructions, LayoutChoice layout, BackendOptions options) {
    Assumptions.assumeTrue(
        instructions.tier() <= InstructionSet.best().tier(),
        () -> "this processor has no " + instructions.title());
    ConvolutionChoice convolutions = ConvolutionChoice.choose(options.convAccuracy());
    return new CpuBackend(
        new CpuContext(instructions, layout, convolutions, options.resolvedThreads()));
  }
}
