package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.tck.BackendTck;
import gradus.backend.tck.Feature;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** What the tests of every variant of this backend share. */
abstract class CpuBackendTck extends BackendTck {
  static final Set<Feature> UNSUPPORTED = Set.of(Feature.FLOAT16_STORAGE, Feature.TENSOR_FLOAT32);

  @Override
  public Set<Feature> unsupported() {
    return UNSUPPORTED;
  }

  /** Opens a variant that no property chose. */
  static Backend open(InstructionSet instructions, LayoutChoice layout, BackendOptions options) {
    Bfloat16Products best =
        instructions.tier() <= InstructionSet.best().tier()
            ? Bfloat16Products.best(instructions)
            : Bfloat16Products.FLOAT;
    return open(instructions, best, layout, options);
  }

  /** The same with given products of bfloat16 values. */
  static Backend open(
      InstructionSet instructions,
      Bfloat16Products products,
      LayoutChoice layout,
      BackendOptions options) {
    Assumptions.assumeTrue(
        instructions.tier() <= InstructionSet.best().tier(),
        () -> "this processor has no " + instructions.title());
    Assumptions.assumeTrue(
        products.available(instructions), () -> "this processor has no " + products.title());
    ConvolutionChoice convolutions = ConvolutionChoice.choose(options.convAccuracy());
    return new CpuBackend(
        new CpuContext(instructions, layout, convolutions, products, options.resolvedThreads()));
  }
}
