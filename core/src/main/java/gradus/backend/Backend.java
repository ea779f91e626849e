package gradus.backend;

import gradus.tensor.Precision;
import java.util.List;
import java.util.stream.Stream;

/**
 * One opened device: its memory and its kernels. Kernels write into destinations the caller
 * allocated and never allocate; arguments were checked by {@code core} before the call. A backend
 * is driven by one thread at a time; two backends may be open in one JVM.
 */
public interface Backend extends AutoCloseable {
  /** The name it was asked for by: {@code cpu}, {@code cuda}, {@code reference}. */
  String name();

  /** One line for logs and run records: device, instruction set, library versions, threads. */
  String describe();

  /** Whether it trains in a precision; only float32 unless the backend says more. */
  default PrecisionSupport support(Precision precision) {
    return PrecisionSupport.float32Alone(name(), precision);
  }

  /**
   * Whether steps in {@code precision} keep gradients of activations in it, too, as PyTorch's
   * autocast does: those of the results of convolutions, batch norms, max-pools and, for maps,
   * activation functions, whose kernels then read and write them so.
   */
  default boolean roundsGradients(Precision precision) {
    return false;
  }

  /** Allocation and copies. */
  Memory memory();

  /** The recycled buffers of this backend. */
  BufferPool pool();

  /** Elementwise arithmetic and reductions. */
  MathOps math();

  /** Convolution, linear layers, pooling, normalisation, dropout. */
  NnOps nn();

  /** Losses with their gradients. */
  LossOps losses();

  /** Ops made of others, which a backend may answer with one kernel. */
  FusedOps fused();

  /** Parameter updates. */
  OptimizerOps optimizers();

  /**
   * What moves numbers between this backend, which leads, and others: through the memory of the
   * host, unless this one knows a shorter way. The caller closes it before the backends.
   */
  default Collective collective(List<Backend> others) {
    return new HostCollective(Stream.concat(Stream.of(this), others.stream()).toList());
  }

  /** Gives all memory and threads back. Tensors of this backend must not be used afterwards. */
  @Override
  void close();
}
