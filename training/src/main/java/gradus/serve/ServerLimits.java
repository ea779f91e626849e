package gradus.serve;

import gradus.GradusException;
import gradus.data.image.ImageDecoder;
import java.time.Duration;

/**
 * What a {@link PredictionServer} takes from strangers. Whatever is beyond is refused with a status
 * and a reason, before it costs memory or time.
 *
 * @param bodyBytes the largest request, 413 beyond; 10 MiB
 * @param pixels the largest picture, 413 beyond, told from its header; 20 million
 * @param sendTime how long a request may take to arrive, 408 beyond; 10 seconds
 * @param queue how many pictures may wait, 503 beyond; 256
 * @param buffered the bytes of all requests held at once, 503 beyond; a quarter of the heap
 * @param connections how many there may be; more wait to be accepted; 1024
 * @param batch the most pictures predicted together; 32
 * @param linger how long a batch waits for more pictures where several came before; 2 ms
 */
public record ServerLimits(
    int bodyBytes,
    long pixels,
    Duration sendTime,
    int queue,
    long buffered,
    int connections,
    int batch,
    Duration linger) {
  /** What is said at each of them. */
  public static final ServerLimits DEFAULT =
      new ServerLimits(
          10 << 20,
          20_000_000,
          Duration.ofSeconds(10),
          256,
          Runtime.getRuntime().maxMemory() / 4,
          1024,
          32,
          Duration.ofMillis(2));

  /** Refuses limits that let nothing through. */
  public ServerLimits {
    if (bodyBytes < 1
        || pixels < 1
        || pixels > ImageDecoder.MAX_PIXELS
        || sendTime.toMillis() < 1
        || queue < 1
        || buffered < 1
        || connections < 1
        || batch < 1
        || linger.isNegative()
        || linger.toMillis() > 100) {
      throw new GradusException(
          "These limits of a server let nothing through, or too much: body "
              + bodyBytes
              + " bytes, pixels "
              + pixels
              + " (at most "
              + ImageDecoder.MAX_PIXELS
              + "), time to send "
              + sendTime
              + ", queue "
              + queue
              + ", buffered "
              + buffered
              + " bytes, connections "
              + connections
              + ", batch "
              + batch
              + ", linger "
              + linger
              + " (at most 100 ms).");
    }
  }

  /** With another largest request. */
  public ServerLimits withBodyBytes(int value) {
    return new ServerLimits(value, pixels, sendTime, queue, buffered, connections, batch, linger);
  }

  /** With another largest picture. */
  public ServerLimits withPixels(long value) {
    return new ServerLimits(
        bodyBytes, value, sendTime, queue, buffered, connections, batch, linger);
  }

  /** With another time to arrive. */
  public ServerLimits withSendTime(Duration value) {
    return new ServerLimits(bodyBytes, pixels, value, queue, buffered, connections, batch, linger);
  }

  /** With another length of the queue. */
  public ServerLimits withQueue(int value) {
    return new ServerLimits(
        bodyBytes, pixels, sendTime, value, buffered, connections, batch, linger);
  }

  /** With another number of bytes held at once. */
  public ServerLimits withBuffered(long value) {
    return new ServerLimits(bodyBytes, pixels, sendTime, queue, value, connections, batch, linger);
  }
}
