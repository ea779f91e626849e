package gradus.backend.reference;

import gradus.backend.Backend;
import gradus.backend.BufferPool;
import gradus.backend.FusedOps;
import gradus.backend.LossOps;
import gradus.backend.MathOps;
import gradus.backend.NnOps;
import gradus.backend.OptimizerOps;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;

/**
 * The slow, obvious backend in plain Java. It computes in double precision on the calling thread;
 * what it answers is right by definition.
 */
public final class ReferenceBackend implements Backend {
  private final ReferenceMemory memory = new ReferenceMemory();
  private final BufferPool pool = new BufferPool(memory);
  private final MathOps math = new ReferenceMathOps();
  private final NnOps nn = new ReferenceNnOps();
  private final LossOps losses = new ReferenceLossOps();
  private final FusedOps fused = new ReferenceFusedOps(memory, math, nn);
  private final OptimizerOps optimizers = new ReferenceOptimizerOps();

  @Override
  public String name() {
    return ReferenceBackendProvider.NAME;
  }

  @Override
  public String describe() {
    return "reference: plain Java, double precision, 1 thread, Java " + Runtime.version().feature();
  }

  @Override
  public PrecisionSupport support(Precision precision) {
    return PrecisionSupport.FULL;
  }

  @Override
  public boolean roundsGradients(Precision precision) {
    return precision.isMixed();
  }

  @Override
  public ReferenceMemory memory() {
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
    pool.close();
  }
}
