package gradus.layer;

import gradus.autograd.Tensor;
import gradus.autograd.op.AddOp;
import gradus.autograd.op.BatchNormOp;
import gradus.autograd.op.Conv2dOp;
import gradus.autograd.op.Conv2dReluMaxPoolOp;
import gradus.autograd.op.GroupNormOp;
import gradus.autograd.op.LinearOp;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** One operation of a {@link FoldedNetwork}, with what was joined to it. */
abstract class FoldedStep {
  /** What flows between two steps. */
  static final class Value {
    /** The value whose memory this one shares: itself, unless it is a view. */
    final Value memory;

    FoldedStep producer;
    int uses;
    int place;
    int lastUse;

    Value(Value viewed) {
      memory = viewed == null ? this : viewed.memory;
    }
  }

  final List<Value> inputs;
  Value output;
  boolean relu;

  FoldedStep(List<Value> inputs, Value output) {
    this.inputs = new ArrayList<>(inputs);
    this.output = output;
    output.producer = this;
    inputs.forEach(input -> input.uses++);
  }

  /** Computes the output from the inputs. */
  abstract Tensor run(Tensor[] x);

  /** Whether a ReLU behind it can be part of it. */
  boolean takesRelu() {
    return false;
  }

  /** Declares the parameters it needs, with the values they have now. */
  void build(FoldedParameters parameters) {}

  long multiplyAdds() {
    return 0;
  }

  /** Whatever has nothing to join. */
  static final class Plain extends FoldedStep {
    interface Function {
      Tensor apply(Tensor[] x);
    }

    private final Function function;

    Plain(List<Value> inputs, Value output, Function function) {
      super(inputs, output);
      this.function = function;
    }

    @Override
    Tensor run(Tensor[] x) {
      return function.apply(x);
    }
  }

  /** A maximum over windows, which a convolution with ReLU takes in. */
  static final class MaxPool extends FoldedStep {
    final PoolSpec spec;
    private final Plain.Function function;

    MaxPool(List<Value> inputs, Value output, PoolSpec spec, Plain.Function function) {
      super(inputs, output);
      this.spec = spec;
      this.function = function;
    }

    @Override
    Tensor run(Tensor[] x) {
      return function.apply(x);
    }
  }

  /** The sum of two values. */
  static final class Sum extends FoldedStep {
    Sum(List<Value> inputs, Value output) {
      super(inputs, output);
    }

    @Override
    boolean takesRelu() {
      return true;
    }

    @Override
    Tensor run(Tensor[] x) {
      return AddOp.apply(relu, x[0], x[1]);
    }
  }

  /** A ReLU, which most steps take in. */
  static final class Relu extends FoldedStep {
    private final Plain.Function function;

    Relu(List<Value> inputs, Value output, Plain.Function function) {
      super(inputs, output);
      this.function = function;
    }

    @Override
    Tensor run(Tensor[] x) {
      return function.apply(x);
    }
  }

  /** A batch norm. */
  static final class Norm extends FoldedStep {
    final BatchNormOp.Arrays source;
    private final BatchNormSpec spec;
    private BatchNormOp.Arrays arrays;

    Norm(List<Value> inputs, Value output, BatchNormSpec spec, BatchNormOp.Arrays source) {
      super(inputs, output);
      this.spec = spec;
      this.source = source;
    }

    float epsilon() {
      return spec.epsilon();
    }

    @Override
    boolean takesRelu() {
      return true;
    }

    @Override
    void build(FoldedParameters parameters) {
      arrays =
          new BatchNormOp.Arrays(
              parameters.copy(source.gamma()),
              parameters.copy(source.beta()),
              parameters.copy(source.runningMean()),
              parameters.copy(source.runningVar()));
    }

    @Override
    Tensor run(Tensor[] x) {
      BatchNormSpec batch = spec.withBatch(x[0].shape().dim(0));
      return relu
          ? BatchNormOp.applyRelu(batch, x[0], null, arrays)
          : BatchNormOp.apply(batch, x[0], arrays);
    }
  }

  /** A group norm: its statistics are those of each image, so that no weights can take it in. */
  static final class ImageNorm extends FoldedStep {
    private final GroupNormSpec spec;
    private final Parameter weightSource;
    private final Parameter biasSource;
    private Parameter weight;
    private Parameter bias;

    ImageNorm(
        List<Value> inputs, Value output, GroupNormSpec spec, Parameter weight, Parameter bias) {
      super(inputs, output);
      this.spec = spec;
      weightSource = weight;
      biasSource = bias;
    }

    @Override
    void build(FoldedParameters parameters) {
      weight = parameters.copy(weightSource);
      bias = parameters.copy(biasSource);
    }

    @Override
    Tensor run(Tensor[] x) {
      return GroupNormOp.apply(spec.withBatch(x[0].shape().dim(0)), x[0], weight, bias);
    }
  }

  /** A layer of weights, the batch norm behind it folded into them. */
  abstract static class Weighted extends FoldedStep {
    private final Parameter weightSource;
    private final Parameter biasSource;
    Parameter weight;
    Parameter bias;
    private Norm norm;

    Weighted(List<Value> inputs, Value output, Parameter weightSource, Parameter biasSource) {
      super(inputs, output);
      this.weightSource = weightSource;
      this.biasSource = biasSource;
    }

    @Override
    boolean takesRelu() {
      return true;
    }

    boolean takesNorm() {
      return norm == null && !relu;
    }

    void fold(Norm behind) {
      norm = behind;
    }

    /** The parameters of the network it was made of. */
    List<Parameter> sources() {
      return biasSource == null ? List.of(weightSource) : List.of(weightSource, biasSource);
    }

    /** {@code w' = w g} and {@code b' = (b - mean) g + beta}, {@code g = gamma / deviation}. */
    @Override
    void build(FoldedParameters parameters) {
      if (norm == null) {
        weight = parameters.copy(weightSource);
        bias = biasSource == null ? null : parameters.copy(biasSource);
        return;
      }
      float[] weights = weightSource.read();
      int filters = weightSource.shape().dim(0);
      float[] biases = biasSource == null ? new float[filters] : biasSource.read();
      float[] gamma = norm.source.gamma().read();
      float[] beta = norm.source.beta().read();
      float[] mean = norm.source.runningMean().read();
      float[] variance = norm.source.runningVar().read();
      int size = weights.length / filters;
      for (int k = 0; k < filters; k++) {
        double gain = gamma[k] / Math.sqrt((double) variance[k] + norm.epsilon());
        for (int i = k * size; i < (k + 1) * size; i++) {
          weights[i] = (float) (weights[i] * gain);
        }
        biases[k] = (float) (((double) biases[k] - mean[k]) * gain + beta[k]);
      }
      weight =
          parameters.declare(
              weightSource.name(), weightSource.shape(), Parameter.Kind.WEIGHT, weights);
      bias =
          parameters.declare(
              biasSource == null ? biasName(weightSource.name()) : biasSource.name(),
              Shape.of(filters),
              Parameter.Kind.BIAS,
              biases);
    }

    private static String biasName(String weightName) {
      return weightName.endsWith("weight")
          ? weightName.substring(0, weightName.length() - "weight".length()) + "bias"
          : weightName + ".bias";
    }
  }

  /** A convolution, with a sum, the ReLU and the max-pool behind it. */
  static final class Convolution extends Weighted {
    private final Conv2dSpec spec;
    private PoolSpec pool;

    Convolution(List<Value> inputs, Value output, Conv2dSpec spec, Parameter w, Parameter b) {
      super(inputs, output, w, b);
      this.spec = spec;
    }

    private boolean addsResidual() {
      return inputs.size() > 1;
    }

    @Override
    boolean takesNorm() {
      return super.takesNorm() && !addsResidual();
    }

    boolean takesSum() {
      return !relu && pool == null && !addsResidual();
    }

    void addResidual(Value residual) {
      inputs.add(residual);
    }

    boolean takesPool() {
      return relu && pool == null && !addsResidual();
    }

    void pool(PoolSpec behind) {
      pool = behind;
    }

    @Override
    Tensor run(Tensor[] x) {
      Conv2dSpec batch = spec.withBatch(x[0].shape().dim(0));
      if (pool != null) {
        return Conv2dReluMaxPoolOp.apply(batch, pool.withBatch(batch.n()), x[0], weight, bias);
      }
      if (addsResidual() && relu) {
        return Conv2dOp.applyAddRelu(batch, x[0], weight, bias, x[1]);
      }
      Tensor y = Conv2dOp.apply(batch, relu, x[0], weight, bias);
      if (!addsResidual()) {
        return y;
      }
      Tensor sum = AddOp.apply(false, y, x[1]);
      y.pass().releaseEarly(y, sum);
      return sum;
    }

    @Override
    long multiplyAdds() {
      return spec.multiplyAdds() / spec.n();
    }
  }

  /** A fully connected layer and the ReLU behind it. */
  static final class FullyConnected extends Weighted {
    private final LinearSpec spec;

    FullyConnected(List<Value> inputs, Value output, LinearSpec spec, Parameter w, Parameter b) {
      super(inputs, output, w, b);
      this.spec = spec;
    }

    @Override
    Tensor run(Tensor[] x) {
      return LinearOp.apply(spec.withBatch(x[0].shape().dim(0)), relu, x[0], weight, bias);
    }

    @Override
    long multiplyAdds() {
      return (long) spec.in() * spec.out();
    }
  }
}
