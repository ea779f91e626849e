package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;

/** The conformance kit with the kernels for any x86-64 and every batch in the plain layout. */
class PlainBaselineTest extends CpuBackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return open(InstructionSet.BASELINE, LayoutChoice.PLAIN, options);
  }
}
