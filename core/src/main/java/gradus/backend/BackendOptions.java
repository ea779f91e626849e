package gradus.backend;

import gradus.GradusException;

/**
 * What a user may ask of a backend when it is opened.
 *
 * @param threads compute threads; 0 means one per processor. Processors are those that this process
 *     may use, by affinity and a container's quota; the cpu backend computes with no more threads
 *     than these, and warns
 * @param device which device of several, from 0
 * @param convAccuracy which algorithms convolutions may use; a backend that has one alone ignores
 *     it
 * @param graphs whether a device may start a sequence of kernels that repeats as a whole (a CUDA
 *     graph), which takes the host less time and gives the same bits; others ignore it
 * @param memoryFormat how a GPU lays images out; a backend that has one layout alone ignores it
 */
public record BackendOptions(
    int threads, int device, ConvAccuracy convAccuracy, boolean graphs, MemoryFormat memoryFormat) {
  /** One thread per processor, the first device, graphs, channels first. */
  public static final BackendOptions DEFAULT =
      new BackendOptions(0, 0, ConvAccuracy.FAST, true, MemoryFormat.CHANNELS_FIRST);

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
    return new BackendOptions(count, device, convAccuracy, graphs, memoryFormat);
  }

  /** The same options for another device. */
  public BackendOptions withDevice(int number) {
    return new BackendOptions(threads, number, convAccuracy, graphs, memoryFormat);
  }

  /** The same options with another choice of algorithms for convolutions. */
  public BackendOptions withConvAccuracy(ConvAccuracy accuracy) {
    return new BackendOptions(threads, device, accuracy, graphs, memoryFormat);
  }

  /** The same options with or without graphs. */
  public BackendOptions withGraphs(boolean value) {
    return new BackendOptions(threads, device, convAccuracy, value, memoryFormat);
  }

  /** The same options with another layout of images. */
  public BackendOptions withMemoryFormat(MemoryFormat format) {
    return new BackendOptions(threads, device, convAccuracy, graphs, format);
  }

  /** How many threads to start: {@link #threads}, or one per processor when that is 0. */
  public int resolvedThreads() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
