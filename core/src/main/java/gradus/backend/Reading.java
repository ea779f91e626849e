package gradus.backend;

/** A number on its way from a device, which computes on meanwhile; see {@link Memory#readLater}. */
@FunctionalInterface
public interface Reading {
  /** The number. Waits for it the first time. */
  float value();
}
