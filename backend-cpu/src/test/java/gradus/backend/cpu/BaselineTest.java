package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;

/** The conformance kit with the kernels for any x86-64, in lanes. */
class BaselineTest extends CpuBackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return open(InstructionSet.BASELINE, LayoutChoice.LANES, options);
  }
}
