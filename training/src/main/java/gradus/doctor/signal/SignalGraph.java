package gradus.doctor.signal;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.autograd.op.ActivationOp;
import gradus.autograd.op.AdaptiveAvgPoolOp;
import gradus.autograd.op.AddOp;
import gradus.autograd.op.AvgPoolOp;
import gradus.autograd.op.BatchNormOp;
import gradus.autograd.op.ConcatOp;
import gradus.autograd.op.Conv2dOp;
import gradus.autograd.op.GroupNormOp;
import gradus.autograd.op.LinearOp;
import gradus.autograd.op.MaxPoolOp;
import gradus.autograd.op.ScaleChannelsOp;
import gradus.autograd.op.ScaleOp;
import gradus.autograd.op.SoftmaxOp;
import gradus.backend.Buffer;
import gradus.backend.spec.Activation;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.layer.Graph;
import gradus.layer.Layer;
import gradus.layer.Parameter;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.util.List;
import java.util.function.ObjIntConsumer;

/**
 * Runs a network operation by operation, without fusing any, and shows every value. Batch norm uses
 * the statistics of the batch, as in training, and leaves the running ones alone; a frozen one uses
 * these, unless told otherwise. Dropout does nothing.
 */
final class SignalGraph implements Graph<Tensor> {
  private final Pass pass;
  private final boolean alwaysByBatch;
  private final ObjIntConsumer<Tensor> observer;
  private int operations;

  /**
   * @param pass an evaluating one
   * @param alwaysByBatch whether frozen batch norms use the statistics of the batch, too
   * @param observer gets each value with the place of its operation in {@link Structure}
   */
  SignalGraph(Pass pass, boolean alwaysByBatch, ObjIntConsumer<Tensor> observer) {
    this.pass = pass;
    this.alwaysByBatch = alwaysByBatch;
    this.observer = observer;
  }

  private Tensor seen(Tensor y) {
    observer.accept(y, operations++);
    return y;
  }

  @Override
  public Tensor conv2d(Conv2dSpec s, Tensor x, Parameter weight, Parameter bias) {
    Conv2dSpec spec =
        new Conv2dSpec(
            x.shape().dim(0),
            s.c(),
            s.h(),
            s.w(),
            s.k(),
            s.r(),
            s.s(),
            s.strideH(),
            s.strideW(),
            s.padTop(),
            s.padLeft(),
            s.padBottom(),
            s.padRight(),
            s.dilationH(),
            s.dilationW(),
            s.groups());
    return seen(Conv2dOp.apply(spec, false, x, weight, bias));
  }

  @Override
  public Tensor linear(LinearSpec s, Tensor x, Parameter weight, Parameter bias) {
    LinearSpec spec = new LinearSpec(x.shape().dim(0), s.in(), s.out());
    return seen(LinearOp.apply(spec, false, x, weight, bias));
  }

  @Override
  public Tensor batchNorm(
      BatchNormSpec s,
      Tensor x,
      Parameter weight,
      Parameter bias,
      Parameter mean,
      Parameter variance) {
    BatchNormSpec spec =
        new BatchNormSpec(x.shape().dim(0), s.c(), s.h(), s.w(), s.momentum(), s.epsilon());
    BatchNormOp.Arrays arrays = new BatchNormOp.Arrays(weight, bias, mean, variance);
    if (arrays.areFrozen() && !alwaysByBatch) {
      return seen(BatchNormOp.apply(spec, x, arrays));
    }
    Buffer[] own = new Buffer[4]; // running and saved statistics that nobody reads
    for (int i = 0; i < own.length; i++) {
      own[i] = pass.takeBuffer(Shape.of(s.c()), DType.F32, Placement.DENSE);
      pass.backend().memory().zero(own[i]);
    }
    Tensor y = pass.allocate(x.shape());
    pass.backend()
        .nn()
        .batchNormTraining(
            spec,
            x.buffer(),
            weight.value(),
            bias.value(),
            own[0],
            own[1],
            y.buffer(),
            own[2],
            own[3]);
    for (Buffer buffer : own) {
      pass.giveBack(buffer);
    }
    return seen(y);
  }

  @Override
  public Tensor groupNorm(GroupNormSpec spec, Tensor x, Parameter weight, Parameter bias) {
    return seen(GroupNormOp.apply(spec.withBatch(x.shape().dim(0)), x, weight, bias));
  }

  @Override
  public Tensor activation(Activation function, Tensor x) {
    return seen(ActivationOp.apply(function, x));
  }

  @Override
  public Tensor maxPool(PoolSpec spec, Tensor x) {
    return seen(MaxPoolOp.apply(forBatch(spec, x), x));
  }

  @Override
  public Tensor avgPool(PoolSpec spec, Tensor x) {
    return seen(AvgPoolOp.apply(forBatch(spec, x), x));
  }

  private static PoolSpec forBatch(PoolSpec s, Tensor x) {
    return new PoolSpec(
        x.shape().dim(0),
        s.c(),
        s.h(),
        s.w(),
        s.kernelH(),
        s.kernelW(),
        s.strideH(),
        s.strideW(),
        s.padH(),
        s.padW(),
        s.countPadding());
  }

  @Override
  public Tensor adaptiveAvgPool(AdaptivePoolSpec s, Tensor x) {
    AdaptivePoolSpec spec =
        new AdaptivePoolSpec(x.shape().dim(0), s.c(), s.h(), s.w(), s.outH(), s.outW());
    return seen(AdaptiveAvgPoolOp.apply(spec, x));
  }

  @Override
  public Tensor flatten(Tensor x) {
    int n = x.shape().dim(0);
    return seen(x.reshape(Shape.of(n, Math.toIntExact(x.shape().size() / n))));
  }

  @Override
  public Tensor softmax(Tensor x) {
    return seen(SoftmaxOp.apply(x));
  }

  @Override
  public Tensor scale(float factor, Tensor x) {
    return seen(ScaleOp.apply(factor, x));
  }

  @Override
  public Tensor scaleChannels(Tensor x, Tensor factors) {
    return seen(ScaleChannelsOp.apply(x, factors));
  }

  @Override
  public Tensor add(Tensor a, Tensor b) {
    return seen(AddOp.apply(false, a, b));
  }

  @Override
  public Tensor concat(List<Tensor> values) {
    return seen(ConcatOp.apply(values));
  }

  @Override
  public Tensor opaque(Layer layer, Tensor x) {
    return seen(layer.forward(x));
  }
}
