package gradus.tensor;

/** Whether a backend may lay a tensor out as it likes. */
public enum Placement {
  /**
   * The first dimension is the batch, N. The backend chooses the physical layout, as a pure
   * function of the shape, so that all tensors of one pass agree; only {@code copyIn} and {@code
   * copyOut} see both sides.
   */
  BATCH,
  /**
   * Row-major, no padding: parameters, gradients of parameters, running statistics, labels,
   * scalars.
   */
  DENSE
}
