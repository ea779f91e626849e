package gradus.backend;

import gradus.GradusException;

/**
 * What a user may ask of a backend when it is opened.
 *
 * @param threads compute threads; 0 means one per processor
 * @param device which device of several, from 0
 */
public record BackendOptions(int threads, int device) {
  /** One thread per processor, the first device. */
  public static final BackendOptions DEFAULT = new BackendOptions(0, 0);

  /** Checks the ranges. */
  public BackendOptions {
    if (threads < 0 || threads > 1024) {
      throw new GradusException(
          "threads is " + threads + ", but must be from 1 to 1024, or 0 for one per processor.");
    }
    if (device < 0) {
      throw new GradusException("device is " + device + ", but devices count from 0.");
    }
  }

  /** The same options with another number of compute threads. */
  public BackendOptions withThreads(int count) {
    return new BackendOptions(count, device);
  }

  /** How many threads to start: {@link #threads}, or one per processor when that is 0. */
  public int resolvedThreads() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
