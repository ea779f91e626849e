package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;

/** The conformance kit with every batch in the lanes layout. */
class LanesLayoutTest extends CpuBackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return open(InstructionSet.choose(), LayoutChoice.LANES, options);
  }
}
