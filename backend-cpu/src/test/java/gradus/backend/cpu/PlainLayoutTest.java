package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;

/** The conformance kit with every batch in the plain layout. */
class PlainLayoutTest extends CpuBackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return open(InstructionSet.choose(), LayoutChoice.PLAIN, options);
  }
}
