package gradus.backend.cuda;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.BufferPool;
import gradus.backend.Collective;
import gradus.backend.FusedOps;
import gradus.backend.LossOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;
import gradus.backend.OptimizerOps;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * One NVIDIA GPU. Tensors are float32, or bfloat16 or float16 where mixed precision has them so,
 * [N,C,H,W] row by row or channels last.
 */
final class CudaBackend implements Backend {
  private static final Logger LOG = System.getLogger(CudaBackend.class.getName());

  private final CudaContext context;
  private final CudaMemory memory;
  private final BufferPool pool;
  private final MathOps math;
  private final CudaNnOps nn;
  private final LossOps losses;
  private final FusedOps fused;
  private final OptimizerOps optimizers;
  private boolean closed;

  CudaBackend(CudaContext context) {
    this.context = context;
    Copies copies = new Copies(context);
    memory = new CudaMemory(context, copies);
    pool = new BufferPool(memory);
    context.whenShort(pool::trim);
    Reductions reductions = new Reductions(context);
    CudaBatchNorm batchNorm = new CudaBatchNorm(context);
    math = new CudaMathOps(context, copies, reductions);
    Bias bias = new Bias(context);
    nn = new CudaNnOps(context, bias, batchNorm);
    losses = new CudaLossOps(context, reductions);
    fused = new CudaFusedOps(context, memory, math, nn, bias, batchNorm);
    optimizers = new CudaOptimizerOps(context);
  }

  @Override
  public String name() {
    return CudaBackendProvider.NAME;
  }

  @Override
  public String describe() {
    return "cuda: " + context.describe() + (context.channelsLast() ? ", channels last" : "");
  }

  @Override
  public PrecisionSupport support(Precision precision) {
    return context.support(precision);
  }

  @Override
  public boolean roundsGradients(Precision precision) {
    return precision.isMixed();
  }

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public BufferPool pool() {
    return pool;
  }

  @Override
  public MathOps math() {
    return math;
  }

  @Override
  public NnOps nn() {
    return nn;
  }

  @Override
  public LossOps losses() {
    return losses;
  }

  @Override
  public FusedOps fused() {
    return fused;
  }

  @Override
  public OptimizerOps optimizers() {
    return optimizers;
  }

  /** How many sequences of kernels have been started as a graph. */
  long graphLaunches() {
    return context.graphLaunches();
  }

  /** Through NCCL between GPUs, where it is installed. */
  @Override
  public Collective collective(List<Backend> others) {
    List<CudaContext> contexts = new ArrayList<>(List.of(context));
    for (Backend other : others) {
      if (other instanceof CudaBackend gpu) {
        contexts.add(gpu.context);
      }
    }
    long devices = contexts.stream().map(CudaContext::device).distinct().count();
    if (devices == 1 + others.size()) {
      try {
        return NcclCollective.open(contexts);
      } catch (LinkageError missing) {
        warnOfTheHost("NCCL does not load: install NVIDIA's package libnccl2", missing);
      } catch (GradusException unusable) {
        if (devices > 1) {
          throw unusable;
        }
        CudaStatus.forget();
        // One GPU has nothing to tell others, and may be on a machine without a network, as NCCL
        // needs one even so.
        warnOfTheHost("NCCL cannot be used", unusable);
      }
    }
    return Backend.super.collective(others);
  }

  private static void warnOfTheHost(String what, Throwable why) {
    LOG.log(
        Level.WARNING,
        "{0} ({1}). Until then what GPUs tell each other goes through the memory of the host",
        what,
        CudaProbe.rootMessage(why));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        context.synchronize();
        pool.close();
      } finally {
        context.close();
      }
    }
  }
}
