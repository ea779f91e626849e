package gradus.backend;

import java.util.Optional;

/**
 * Finds out whether a backend can run here, and opens it. Found by {@link java.util.ServiceLoader}.
 */
public interface BackendProvider {
  /** The name users choose it by: {@code cpu}, {@code cuda}, {@code reference}. */
  String name();

  /** Among the backends that can run here, the highest rank is the default. */
  int rank();

  /**
   * Why it cannot run here, in plain words with the remedy; empty when it can. Cheap, and never
   * throws.
   */
  Optional<String> unavailableReason();

  /** A new instance. Callers close it. */
  Backend open(BackendOptions options);
}
