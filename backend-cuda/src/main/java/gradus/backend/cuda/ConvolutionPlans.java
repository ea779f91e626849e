package gradus.backend.cuda;

import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.DType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The plans of one convolution, best first: in bfloat16 or float16 where its factors may be rounded
 * to that, and with tensors as they lie. What cuDNN has no algorithm for it has in float32,
 * channels first.
 */
final class ConvolutionPlans implements AutoCloseable {
  /** How tensors of the convolution lie where they are; weights are always channels first. */
  final ImageLayout imagesX;

  final ImageLayout imagesW;
  final ImageLayout imagesY;

  private final Conv2dSpec spec;
  private final ConvolutionAlgorithms algorithms;
  private final List<ConvolutionPlan> plans = new ArrayList<>();
  private final List<Kind> kinds = new ArrayList<>();
  private final Map<ConvolutionPass, ConvolutionPlan> chosen = new EnumMap<>(ConvolutionPass.class);

  private record Kind(DType type, boolean channelsLast) {}

  ConvolutionPlans(Conv2dSpec spec, ConvolutionAlgorithms algorithms, boolean channelsLast) {
    this.spec = spec;
    this.algorithms = algorithms;
    imagesX = new ImageLayout(spec.c(), spec.h(), spec.w(), channelsLast);
    imagesW = new ImageLayout(spec.c() / spec.groups(), spec.r(), spec.s(), false);
    imagesY = new ImageLayout(spec.k(), spec.outH(), spec.outW(), channelsLast);
    // Groups stay in float32, as on the CPU.
    DType preferred = spec.groups() == 1 ? spec.factors().activations() : DType.F32;
    addKinds(preferred, channelsLast);
    if (preferred != DType.F32) {
      addKinds(DType.F32, channelsLast);
    }
  }

  private void addKinds(DType type, boolean channelsLast) {
    if (channelsLast) {
      kinds.add(new Kind(type, true));
    }
    kinds.add(new Kind(type, false));
  }

  /** The one to use, with an algorithm for the pass. */
  ConvolutionPlan with(ConvolutionPass pass) {
    ConvolutionPlan plan = chosen.get(pass);
    return plan != null ? plan : choose(pass);
  }

  private ConvolutionPlan choose(ConvolutionPass pass) {
    for (int i = 0; i < kinds.size(); i++) {
      if (i == plans.size()) {
        plans.add(new ConvolutionPlan(spec, kinds.get(i).type, kinds.get(i).channelsLast));
      }
      ConvolutionPlan plan = plans.get(i);
      plan.take(pass, algorithms.choose(pass, plan));
      if (plan.algorithm(pass) != null) {
        chosen.put(pass, plan);
        return plan;
      }
    }
    throw algorithms.none(pass, spec);
  }

  @Override
  public void close() {
    plans.forEach(ConvolutionPlan::close);
  }
}
