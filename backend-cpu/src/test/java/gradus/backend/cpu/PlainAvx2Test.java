package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;

/** The conformance kit with the kernels for AVX2 and every batch in the plain layout. */
class PlainAvx2Test extends CpuBackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return open(InstructionSet.AVX2, LayoutChoice.PLAIN, options);
  }
}
