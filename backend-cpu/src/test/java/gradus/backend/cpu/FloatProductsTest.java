package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;

/**
 * The conformance kit where bfloat16 values are multiplied as floats, be there something faster or
 * not.
 */
class FloatProductsTest extends CpuBackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return open(InstructionSet.AVX512, Bfloat16Products.FLOAT, LayoutChoice.LANES, options);
  }
}
