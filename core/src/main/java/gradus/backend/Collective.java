package gradus.backend;

/**
 * Moves numbers between several open backends of one process, such as the GPUs of a machine: what
 * data-parallel training needs between backward and the optimizer's step.
 *
 * <p>Its members are counted from 0, and member 0 leads. All make the same calls in the same order,
 * each from the thread that drives its backend, with a dense float32 buffer of that backend and of
 * the same size as the others'. A call may return before it has happened; but for {@link
 * #beginReduce} it happens in order with the kernels of its backend. The sums of one run have the
 * bits of those of another.
 */
public interface Collective extends AutoCloseable {
  /** Gives all members what the leader has in {@code buffer}. */
  void broadcast(int member, Buffer buffer);

  /**
   * Begins to add what the others have in {@code part} to what the leader has; theirs stays as it
   * is. It happens after everything asked of this backend before, and may happen beside what is
   * asked next, which must leave the part alone until {@link #finishReduce}.
   */
  void beginReduce(int member, Buffer part);

  /** What is asked of this backend next happens after all that was begun. */
  void finishReduce(int member);

  /** Adds what the others have in {@code buffer} to what the leader has; theirs stays as it is. */
  default void reduce(int member, Buffer buffer) {
    beginReduce(member, buffer);
    finishReduce(member);
  }

  /**
   * Ends it for all, because a member has failed: those that wait for others, or call from now on,
   * get a {@link gradus.GradusException}, and what devices still do together ends, with undefined
   * numbers. Safe from any thread.
   */
  void abort();

  /** One line for logs and run records: by what, and between how many. */
  String describe();

  @Override
  void close();
}
