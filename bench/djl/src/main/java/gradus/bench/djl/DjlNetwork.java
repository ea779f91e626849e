package gradus.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import gradus.GradusException;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.layer.Graph;
import gradus.layer.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network of this framework, made of DJL's blocks. Values are numbered in the order they arise; 0
 * is the batch.
 */
final class DjlNetwork extends AbstractBlock implements Graph<Integer> {
  private final List<Operation> operations = new ArrayList<>();
  private final Map<ai.djl.nn.Parameter, float[]> weights = new LinkedHashMap<>();
  private long count;

  /** A block and the value it takes; a null block adds two. */
  private record Operation(Block block, int x, int other) {}

  /** How many numbers are trained. */
  long count() {
    return count;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray[] values = new NDArray[operations.size() + 1];
    values[0] = inputs.head();
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      NDArray first = values[operation.x];
      values[i + 1] =
          operation.block == null
              ? first.add(values[operation.other])
              : operation.block.forward(store, new NDList(first), training).head();
    }
    return new NDList(values[operations.size()]);
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
    Shape[][] values = new Shape[operations.size() + 1][];
    values[0] = shapes;
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      Shape[] first = values[operation.x];
      if (operation.block == null) {
        values[i + 1] = first;
      } else {
        operation.block.initialize(manager, type, first);
        values[i + 1] = operation.block.getOutputShapes(first);
      }
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    Shape[][] values = new Shape[operations.size() + 1][];
    values[0] = shapes;
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      Shape[] first = values[operation.x];
      values[i + 1] = operation.block == null ? first : operation.block.getOutputShapes(first);
    }
    return values[operations.size()];
  }

  private Integer then(Block block, Integer x) {
    operations.add(new Operation(addChildBlock("op" + operations.size(), block), x, 0));
    return operations.size();
  }

  /** Gives initialized blocks the weights of the network they were made from. */
  void copyWeights() {
    weights.forEach((parameter, values) -> parameter.getArray().set(values));
  }

  private <B extends Block> B weighted(B block, Parameter weight, Parameter bias) {
    count += weight.shape().size();
    weights.put(block.getParameters().get("weight"), weight.read());
    if (bias != null) {
      count += bias.shape().size();
      weights.put(block.getParameters().get("bias"), bias.read());
    }
    return block;
  }

  @Override
  public Integer conv2d(Conv2dSpec spec, Integer x, Parameter weight, Parameter bias) {
    Conv2d block =
        Conv2d.builder()
            .setKernelShape(new Shape(spec.r(), spec.s()))
            .setFilters(spec.k())
            .optStride(new Shape(spec.strideH(), spec.strideW()))
            .optPadding(new Shape(spec.padTop(), spec.padLeft()))
            .optBias(bias != null)
            .build();
    return then(weighted(block, weight, bias), x);
  }

  @Override
  public Integer linear(LinearSpec spec, Integer x, Parameter weight, Parameter bias) {
    Linear block = Linear.builder().setUnits(spec.out()).optBias(bias != null).build();
    return then(weighted(block, weight, bias), x);
  }

  @Override
  public Integer batchNorm(
      BatchNormSpec spec,
      Integer x,
      Parameter weight,
      Parameter bias,
      Parameter mean,
      Parameter variance) {
    count += weight.shape().size() + bias.shape().size(); // 1 and 0 at the start, here as there
    return then(BatchNorm.builder().optEpsilon(spec.epsilon()).build(), x);
  }

  @Override
  public Integer groupNorm(GroupNormSpec spec, Integer x, Parameter weight, Parameter bias) {
    throw missing("GroupNorm");
  }

  @Override
  public Integer activation(gradus.backend.spec.Activation function, Integer x) {
    if (!function.equals(gradus.backend.spec.Activation.RELU)) {
      throw missing(function.toString());
    }
    return then(Activation.reluBlock(), x);
  }

  @Override
  public Integer maxPool(PoolSpec spec, Integer x) {
    return then(
        Pool.maxPool2dBlock(
            new Shape(spec.kernelH(), spec.kernelW()),
            new Shape(spec.strideH(), spec.strideW()),
            new Shape(spec.padH(), spec.padW())),
        x);
  }

  @Override
  public Integer adaptiveAvgPool(AdaptivePoolSpec spec, Integer x) {
    if (spec.outH() != 1 || spec.outW() != 1) {
      throw missing("adaptive pooling to more than one pixel");
    }
    return then(Pool.globalAvgPool2dBlock(), x);
  }

  @Override
  public Integer flatten(Integer x) {
    return then(Blocks.batchFlattenBlock(), x);
  }

  @Override
  public Integer add(Integer a, Integer b) {
    operations.add(new Operation(null, a, b));
    return operations.size();
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
        "No workload has had the operation " + operation + " so far: add it to DjlNetwork.");
  }
}
