package gradus.layer;

import gradus.autograd.Tensor;
import gradus.autograd.op.ActivationOp;
import gradus.autograd.op.AdaptiveAvgPoolOp;
import gradus.autograd.op.AvgPoolOp;
import gradus.autograd.op.BatchNormOp;
import gradus.autograd.op.ConcatOp;
import gradus.autograd.op.MaxPoolOp;
import gradus.autograd.op.ScaleChannelsOp;
import gradus.autograd.op.ScaleOp;
import gradus.autograd.op.SoftmaxOp;
import gradus.backend.spec.Activation;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.layer.FoldedStep.Value;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a network down as steps and joins neighbours: a batch norm goes into the weights before
 * it, a sum into a convolution before it, a ReLU and then a max-pool into the step before them.
 * Only what nobody else uses is joined.
 */
final class FoldingGraph implements Graph<Value> {
  private final List<FoldedStep> steps = new ArrayList<>();
  private final Map<Parameter, Integer> parameterUses = new HashMap<>();

  /** The steps in order, joined; {@code output} counts as used. */
  List<FoldedStep> join(Value output) {
    output.uses++;
    List<FoldedStep> joined = new ArrayList<>();
    for (FoldedStep step : steps) {
      FoldedStep last = before(step.inputs.get(0));
      if (step instanceof FoldedStep.Sum sum) {
        FoldedStep.Convolution convolution = takeSum(sum);
        if (convolution != null) {
          joined.remove(convolution); // its residual may come later than it did
          joined.add(convolution);
          continue;
        }
      } else if (last != null && take(last, step)) {
        replace(step, last);
        continue;
      }
      joined.add(step);
    }
    return joined;
  }

  /** The step that makes a value nobody else uses, or null. */
  private static FoldedStep before(Value value) {
    return value.uses == 1 ? value.producer : null;
  }

  private static void replace(FoldedStep step, FoldedStep by) {
    by.output = step.output;
    step.output.producer = by;
  }

  /** The convolution that adds the other summand from now on, or null. */
  private static FoldedStep.Convolution takeSum(FoldedStep.Sum sum) {
    for (int i = 0; i < 2; i++) {
      if (before(sum.inputs.get(i)) instanceof FoldedStep.Convolution convolution
          && convolution.takesSum()) {
        convolution.addResidual(sum.inputs.get(1 - i));
        replace(sum, convolution);
        return convolution;
      }
    }
    return null;
  }

  /** Whether a step does the next one's work from now on. */
  private boolean take(FoldedStep step, FoldedStep next) {
    if (next instanceof FoldedStep.Relu && step.takesRelu() && !step.relu) {
      step.relu = true;
      return true;
    }
    if (next instanceof FoldedStep.Norm norm
        && step instanceof FoldedStep.Weighted weighted
        && weighted.takesNorm()
        && isOnlyOwner(weighted)) {
      weighted.fold(norm);
      return true;
    }
    if (next instanceof FoldedStep.MaxPool max
        && step instanceof FoldedStep.Convolution convolution
        && convolution.takesPool()) {
      convolution.pool(max.spec);
      return true;
    }
    return false;
  }

  private boolean isOnlyOwner(FoldedStep.Weighted step) {
    return step.sources().stream().allMatch(source -> parameterUses.get(source) == 1);
  }

  private Value add(FoldedStep step) {
    steps.add(step);
    return step.output;
  }

  private Value plain(List<Value> inputs, FoldedStep.Plain.Function function) {
    return add(new FoldedStep.Plain(inputs, new Value(null), function));
  }

  private void use(Parameter parameter) {
    if (parameter != null) {
      parameterUses.merge(parameter, 1, Integer::sum);
    }
  }

  @Override
  public Value conv2d(Conv2dSpec spec, Value x, Parameter weight, Parameter bias) {
    use(weight);
    use(bias);
    return add(new FoldedStep.Convolution(List.of(x), new Value(null), spec, weight, bias));
  }

  @Override
  public Value linear(LinearSpec spec, Value x, Parameter weight, Parameter bias) {
    use(weight);
    use(bias);
    return add(new FoldedStep.FullyConnected(List.of(x), new Value(null), spec, weight, bias));
  }

  @Override
  public Value batchNorm(
      BatchNormSpec spec,
      Value x,
      Parameter weight,
      Parameter bias,
      Parameter mean,
      Parameter variance) {
    BatchNormOp.Arrays arrays = new BatchNormOp.Arrays(weight, bias, mean, variance);
    return add(new FoldedStep.Norm(List.of(x), new Value(null), spec, arrays));
  }

  @Override
  public Value groupNorm(GroupNormSpec spec, Value x, Parameter weight, Parameter bias) {
    return add(new FoldedStep.ImageNorm(List.of(x), new Value(null), spec, weight, bias));
  }

  @Override
  public Value activation(Activation function, Value x) {
    FoldedStep.Plain.Function apply = in -> ActivationOp.apply(function, in[0]);
    return function.kind() == Activation.Kind.RELU
        ? add(new FoldedStep.Relu(List.of(x), new Value(null), apply))
        : plain(List.of(x), apply);
  }

  @Override
  public Value maxPool(PoolSpec spec, Value x) {
    FoldedStep.Plain.Function apply =
        in -> MaxPoolOp.apply(spec.withBatch(in[0].shape().dim(0)), in[0]);
    return add(new FoldedStep.MaxPool(List.of(x), new Value(null), spec, apply));
  }

  @Override
  public Value avgPool(PoolSpec spec, Value x) {
    return plain(List.of(x), in -> AvgPoolOp.apply(spec.withBatch(in[0].shape().dim(0)), in[0]));
  }

  @Override
  public Value adaptiveAvgPool(AdaptivePoolSpec spec, Value x) {
    return plain(
        List.of(x), in -> AdaptiveAvgPoolOp.apply(spec.withBatch(in[0].shape().dim(0)), in[0]));
  }

  @Override
  public Value flatten(Value x) {
    return add(new FoldedStep.Plain(List.of(x), new Value(x), in -> flat(in[0])));
  }

  private static Tensor flat(Tensor x) {
    int n = x.shape().dim(0);
    return x.reshape(Shape.of(n, Math.toIntExact(x.shape().size() / n)));
  }

  @Override
  public Value softmax(Value x) {
    return plain(List.of(x), in -> SoftmaxOp.apply(in[0]));
  }

  @Override
  public Value scale(float factor, Value x) {
    return plain(List.of(x), in -> ScaleOp.apply(factor, in[0]));
  }

  @Override
  public Value scaleChannels(Value x, Value factors) {
    return plain(List.of(x, factors), in -> ScaleChannelsOp.apply(in[0], in[1]));
  }

  @Override
  public Value add(Value a, Value b) {
    return add(new FoldedStep.Sum(List.of(a, b), new Value(null)));
  }

  @Override
  public Value concat(List<Value> values) {
    return plain(List.copyOf(values), in -> ConcatOp.apply(List.of(in)));
  }
}
