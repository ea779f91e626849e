package gradus.bench.pytorch;

import gradus.GradusException;
import gradus.backend.spec.Activation;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.layer.Graph;
import gradus.layer.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A network of this framework, with its initial weights, as PyTorch runs it. Sums and ReLUs happen
 * in place, as in torchvision's networks. Values are numbered in the order they arise; 0 is the
 * batch.
 */
final class PyTorchNetwork implements Graph<Integer> {
  private final boolean channelsLast;
  private final List<Operation> operations = new ArrayList<>();
  private final TensorVector parameters = new TensorVector();
  private long count;

  private interface Operation {
    Tensor apply(Tensor[] values, boolean training);
  }

  PyTorchNetwork(boolean channelsLast) {
    this.channelsLast = channelsLast;
  }

  /** What an optimizer trains. */
  TensorVector parameters() {
    return parameters;
  }

  /** How many numbers that are. */
  long count() {
    return count;
  }

  /** The logits. */
  Tensor forward(Tensor batch, boolean training) {
    Tensor[] values = new Tensor[operations.size() + 1];
    values[0] = batch;
    for (int i = 0; i < operations.size(); i++) {
      values[i + 1] = operations.get(i).apply(values, training);
    }
    return values[operations.size()];
  }

  private Integer then(Operation operation) {
    operations.add(operation);
    return operations.size();
  }

  private static Tensor tensor(Parameter parameter) {
    long[] shape = new long[parameter.shape().rank()];
    Arrays.setAll(shape, parameter.shape()::dim);
    return Tensor.create(parameter.read(), shape);
  }

  private Tensor trained(Parameter parameter) {
    Tensor tensor = tensor(parameter);
    if (channelsLast && tensor.dim() == 4) {
      tensor = tensor.contiguous(MemoryFormat.ChannelsLast);
    }
    tensor.set_requires_grad(true);
    parameters.push_back(tensor);
    count += tensor.numel();
    return tensor;
  }

  private TensorOptional optional(Parameter parameter) {
    return parameter == null ? new TensorOptional() : new TensorOptional(trained(parameter));
  }

  @Override
  public Integer conv2d(Conv2dSpec spec, Integer x, Parameter weight, Parameter bias) {
    Tensor w = trained(weight);
    TensorOptional b = optional(bias);
    long[] stride = {spec.strideH(), spec.strideW()};
    long[] padding = {spec.padTop(), spec.padLeft()};
    long[] dilation = {spec.dilationH(), spec.dilationW()};
    return then(
        (values, training) ->
            torch.conv2d(values[x], w, b, stride, padding, dilation, spec.groups()));
  }

  @Override
  public Integer linear(LinearSpec spec, Integer x, Parameter weight, Parameter bias) {
    Tensor w = trained(weight);
    TensorOptional b = optional(bias);
    return then((values, training) -> torch.linear(values[x], w, b));
  }

  @Override
  public Integer batchNorm(
      BatchNormSpec spec,
      Integer x,
      Parameter weight,
      Parameter bias,
      Parameter mean,
      Parameter variance) {
    TensorOptional gamma = optional(weight);
    TensorOptional beta = optional(bias);
    TensorOptional runningMean = new TensorOptional(tensor(mean));
    TensorOptional runningVariance = new TensorOptional(tensor(variance));
    return then(
        (values, training) ->
            torch.batch_norm(
                values[x],
                gamma,
                beta,
                runningMean,
                runningVariance,
                training,
                spec.momentum(),
                spec.epsilon(),
                false));
  }

  @Override
  public Integer groupNorm(GroupNormSpec spec, Integer x, Parameter weight, Parameter bias) {
    TensorOptional gamma = optional(weight);
    TensorOptional beta = optional(bias);
    return then(
        (values, training) ->
            torch.group_norm(values[x], spec.groups(), gamma, beta, spec.epsilon(), false));
  }

  @Override
  public Integer activation(Activation function, Integer x) {
    if (!function.equals(Activation.RELU)) {
      throw missing(function.toString());
    }
    return then((values, training) -> torch.relu_(values[x]));
  }

  @Override
  public Integer maxPool(PoolSpec spec, Integer x) {
    long[] kernel = {spec.kernelH(), spec.kernelW()};
    long[] stride = {spec.strideH(), spec.strideW()};
    long[] padding = {spec.padH(), spec.padW()};
    long[] dilation = {1, 1};
    return then(
        (values, training) ->
            torch.max_pool2d(values[x], kernel, stride, padding, dilation, false));
  }

  @Override
  public Integer adaptiveAvgPool(AdaptivePoolSpec spec, Integer x) {
    return then(
        (values, training) -> torch.adaptive_avg_pool2d(values[x], spec.outH(), spec.outW()));
  }

  @Override
  public Integer flatten(Integer x) {
    return then((values, training) -> torch.flatten(values[x], 1, -1));
  }

  @Override
  public Integer add(Integer a, Integer b) {
    return then((values, training) -> values[a].add_(values[b]));
  }

  @Override
  public Integer avgPool(PoolSpec spec, Integer x) {
    throw missing("avgPool");
  }

  @Override
  public Integer softmax(Integer x) {
    throw missing("softmax");
  }

  @Override
  public Integer scale(float factor, Integer x) {
    throw missing("scale");
  }

  @Override
  public Integer scaleChannels(Integer x, Integer factors) {
    throw missing("scaleChannels");
  }

  @Override
  public Integer concat(List<Integer> values) {
    throw missing("concat");
  }

  private static GradusException missing(String operation) {
    return new GradusException(
        "No workload has had the operation " + operation + " so far: add it to PyTorchNetwork.");
  }
}
