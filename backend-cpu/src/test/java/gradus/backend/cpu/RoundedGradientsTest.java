package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.tck.Feature;
import gradus.backend.tck.MixedPrecisionContract;
import gradus.tensor.Precision;
import java.util.Set;

/** Steps that keep gradients in bfloat16, be there tiles to take them so or not. */
class RoundedGradientsTest implements MixedPrecisionContract {
  @Override
  public Backend open(BackendOptions options) {
    InstructionSet instructions = InstructionSet.best();
    return new CpuBackend(
        new CpuContext(
            instructions,
            LayoutChoice.AUTO,
            ConvolutionChoice.choose(options.convAccuracy()),
            Bfloat16Products.FLOAT,
            options.resolvedThreads())) {
      @Override
      public boolean roundsGradients(Precision precision) {
        return precision == Precision.BF16;
      }
    };
  }

  @Override
  public Set<Feature> unsupported() {
    return CpuBackendTck.UNSUPPORTED;
  }
}
