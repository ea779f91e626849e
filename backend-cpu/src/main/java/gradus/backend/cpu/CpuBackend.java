package gradus.backend.cpu;

import gradus.backend.Backend;
import gradus.backend.BufferPool;
import gradus.backend.FusedOps;
import gradus.backend.LossOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;
import gradus.backend.OptimizerOps;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;

/** The processor: see {@link InstructionSet} and {@link LayoutChoice} for what can be chosen. */
class CpuBackend implements Backend {
  private final CpuContext context;
  private final CpuMemory memory;
  private final BufferPool pool;
  private final MathOps math;
  private final NnOps nn;
  private final LossOps losses;
  private final FusedOps fused;
  private final OptimizerOps optimizers;
  private boolean closed;

  CpuBackend(CpuContext context) {
    this.context = context;
    memory = new CpuMemory(context);
    pool = new BufferPool(memory);
    math = new CpuMathOps(context);
    nn = new CpuNnOps(context);
    losses = new CpuLossOps(context);
    fused = new CpuFusedOps(context, memory, math, nn);
    optimizers = new CpuOptimizerOps(context);
  }

  @Override
  public String name() {
    return CpuBackendProvider.NAME;
  }

  @Override
  public String describe() {
    return "cpu: " + context.describe();
  }

  @Override
  public PrecisionSupport support(Precision precision) {
    if (precision == Precision.TF32) {
      return PrecisionSupport.tensorFloatMissing(name());
    }
    if (precision == Precision.FP16) {
      return PrecisionSupport.halfMissing(name());
    }
    if (precision == Precision.FP32 || context.multipliesBfloat16()) {
      return PrecisionSupport.FULL;
    }
    return new PrecisionSupport(
        true,
        "bf16 saves memory in deep networks, not time: this processor, or the instruction set chosen,"
            + " has no products of bfloat16 (AMX, or avx512_bf16 of AMD) that are faster than those of floats.");
  }

  /** Where tiles take them as they are: other kernels would have to expand them first. */
  @Override
  public boolean roundsGradients(Precision precision) {
    return precision == Precision.BF16 && context.multipliesByTiles();
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

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      pool.close();
      context.close();
    }
  }
}
