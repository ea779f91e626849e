package gradus.backend;

/**
 * Numbers on their way from a device to an array, while it computes on; see {@link
 * Memory#copyOutLater}.
 */
@FunctionalInterface
public interface Arrival {
  /** Waits until they are there. They stay: a second time does nothing. */
  void await();
}
