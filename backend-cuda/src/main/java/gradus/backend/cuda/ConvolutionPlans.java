package gradus.backend.cuda;

import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.DType;
import gradus.tensor.Precision;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plans of one convolution, best first: with factors as rounded as they may be, and with
 * tensors as they lie. What cuDNN has no algorithm for it has in float32, channels first.
 */
final class ConvolutionPlans implements AutoCloseable {
  /** How tensors of the convolution lie where they are; weights are always channels first. */
  final ImageLayout imagesX;

  final ImageLayout imagesW;
  final ImageLayout imagesY;

  private final Conv2dSpec spec;
  private final ConvolutionAlgorithms algorithms;
  private final List<Kind> kinds = new ArrayList<>();
  private final Map<Kind, Optional<ConvolutionPlan>> plans = new HashMap<>();
  private final Map<ConvolutionPass, ConvolutionChoices> choices =
      new EnumMap<>(ConvolutionPass.class);

  private record Kind(DType type, boolean tensorFloat, boolean channelsLast) {}

  ConvolutionPlans(Conv2dSpec spec, ConvolutionAlgorithms algorithms, boolean channelsLast) {
    this.spec = spec;
    this.algorithms = algorithms;
    imagesX = new ImageLayout(spec.c(), spec.h(), spec.w(), channelsLast);
    imagesW = new ImageLayout(spec.c() / spec.groups(), spec.r(), spec.s(), false);
    imagesY = new ImageLayout(spec.k(), spec.outH(), spec.outW(), channelsLast);
    DType rounded = spec.factors().activations();
    if (rounded != DType.F32 && spec.groups() == 1) { // groups stay in float32, as on the CPU
      addKinds(rounded, false, channelsLast);
    }
    if (spec.factors() == Precision.TF32) {
      addKinds(DType.F32, true, channelsLast);
    }
    addKinds(DType.F32, false, channelsLast);
  }

  private void addKinds(DType type, boolean tensorFloat, boolean channelsLast) {
    if (channelsLast) {
      kinds.add(new Kind(type, tensorFloat, true));
    }
    kinds.add(new Kind(type, tensorFloat, false));
  }

  /** By what a pass can be made. */
  ConvolutionChoices of(ConvolutionPass pass) {
    ConvolutionChoices known = choices.get(pass);
    return known != null ? known : ask(pass);
  }

  private ConvolutionChoices ask(ConvolutionPass pass) {
    Iterator<Kind> next = kinds.iterator();
    ConvolutionChoices made =
        new ConvolutionChoices(
            pass,
            spec,
            () -> next.hasNext() ? Optional.of(of(pass, next.next())) : Optional.empty(),
            () -> algorithms.none(pass, spec));
    choices.put(pass, made);
    return made;
  }

  /** What was refused may be asked for again: there may be more memory then. */
  void forget(ConvolutionPass pass) {
    choices.remove(pass);
  }

  private List<ConvolutionChoice> of(ConvolutionPass pass, Kind kind) {
    return plans
        .computeIfAbsent(kind, this::plan)
        .map(
            plan ->
                algorithms.offered(pass, plan).stream()
                    .map(algorithm -> new ConvolutionChoice(plan, algorithm))
                    .toList())
        .orElse(List.of());
  }

  /** Empty where cuDNN does not describe such tensors, as those of 2^31 elements and more. */
  private Optional<ConvolutionPlan> plan(Kind kind) {
    try {
      return Optional.of(new ConvolutionPlan(spec, kind.type, kind.tensorFloat, kind.channelsLast));
    } catch (CudnnRefusal refusal) {
      CudaStatus.forget();
      if (refusal.didNothing()) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  @Override
  public void close() {
    plans.values().forEach(plan -> plan.ifPresent(ConvolutionPlan::close));
  }
}
