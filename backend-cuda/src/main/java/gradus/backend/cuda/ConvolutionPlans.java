package gradus.backend.cuda;

import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.DType;

/**
 * The plans of one convolution: in bfloat16 or float16 where its factors may be rounded to that and
 * cuDNN has an algorithm, in float32 otherwise.
 */
final class ConvolutionPlans implements AutoCloseable {
  private final ConvolutionAlgorithms algorithms;
  private final ConvolutionPlan preferred;
  private ConvolutionPlan floats; // null while none was needed

  ConvolutionPlans(Conv2dSpec spec, ConvolutionAlgorithms algorithms) {
    this.algorithms = algorithms;
    // Groups stay in float32, as on the CPU.
    DType type = spec.groups() == 1 ? spec.factors().activations() : DType.F32;
    preferred = new ConvolutionPlan(spec, type);
  }

  /** The one to use, with an algorithm for the pass. */
  ConvolutionPlan with(ConvolutionPass pass) {
    if (preferred.algorithm(pass) != null) {
      return preferred;
    }
    if (floats != null && floats.algorithm(pass) != null) {
      return floats;
    }
    return choose(pass);
  }

  private ConvolutionPlan choose(ConvolutionPass pass) {
    preferred.take(pass, algorithms.choose(pass, preferred));
    if (preferred.algorithm(pass) != null) {
      return preferred;
    }
    if (preferred.type == DType.F32) {
      throw algorithms.none(pass, preferred);
    }
    if (floats == null) {
      floats = new ConvolutionPlan(preferred.spec, DType.F32);
    }
    floats.take(pass, algorithms.choose(pass, floats));
    if (floats.algorithm(pass) == null) {
      throw algorithms.none(pass, floats);
    }
    return floats;
  }

  @Override
  public void close() {
    preferred.close();
    if (floats != null) {
      floats.close();
    }
  }
}
