package gradus.backend.checked;

import gradus.GradusException;
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

/**
 * Any backend with every call checked: use after free or after return to the pool, wrong types and
 * sizes, destinations that share memory with other arguments, labels out of range. Released memory
 * of floats is filled with NaN, so that reading it shows. A violation is a {@link GradusException}
 * that names the op and the argument.
 *
 * <p>Close it instead of the backend inside; closing tells which buffers leaked and who asked for
 * them.
 */
public final class CheckedBackend implements Backend {
  private final Backend inner;
  private final Handles handles;
  private final BufferPool pool;
  private final Memory memory;
  private final MathOps math;
  private final NnOps nn;
  private final LossOps losses;
  private final FusedOps fused;
  private final OptimizerOps optimizers;

  /** Takes over {@code inner}, which must not be used directly any more. */
  public CheckedBackend(Backend inner) {
    this.inner = inner;
    this.handles = new Handles(inner);
    this.pool = new BufferPool(inner.memory(), handles);
    Checks checks = new Checks(handles, inner.memory());
    this.memory = new CheckedMemory(checks);
    this.math = new CheckedMathOps(inner.math(), checks);
    this.nn = new CheckedNnOps(inner.nn(), checks);
    this.losses = new CheckedLossOps(inner.losses(), checks);
    this.fused = new CheckedFusedOps(inner.fused(), this, checks);
    this.optimizers = new CheckedOptimizerOps(inner.optimizers(), checks);
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public String describe() {
    return inner.describe() + ", every call checked";
  }

  @Override
  public PrecisionSupport support(Precision precision) {
    return inner.support(precision);
  }

  @Override
  public boolean roundsGradients(Precision precision) {
    return inner.roundsGradients(precision);
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

  /**
   * Closes the backend inside.
   *
   * @throws GradusException if a buffer is neither freed nor back in the pool
   */
  @Override
  public void close() {
    String leaks = handles.leaks();
    pool.close();
    inner.close();
    if (!leaks.isEmpty()) {
      throw new GradusException(
          "Closed with memory still in use; free it, or give it back to the pool:" + leaks);
    }
  }
}
