package gradus.serve;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Reads the body of one request as it comes, without a thread that waits for it, and refuses it as
 * soon as it is too large or too slow.
 */
final class RequestBody implements Runnable {
  private final Request request;
  private final ServerLimits limits;
  private final AtomicLong held; // by all requests together
  private final long begun = System.nanoTime();
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private final ByteArrayOutputStream soFar = new ByteArrayOutputStream();
  private long reserved;

  RequestBody(Request request, ServerLimits limits, AtomicLong held) {
    this.request = request;
    this.limits = limits;
    this.held = held;
  }

  /** All of it, or a {@link Refusal}. */
  CompletableFuture<byte[]> read() {
    if (request.getLength() > limits.bodyBytes()) {
      whole.completeExceptionally(tooLarge());
    } else {
      run();
    }
    return whole;
  }

  /** Takes what has arrived and asks to be called when there is more. */
  @Override
  public void run() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        whole.completeExceptionally(refusal(chunk.getFailure()));
        return;
      }
      Refusal refusal = take(chunk);
      boolean last = chunk.isLast();
      chunk.release();
      if (refusal != null) {
        whole.completeExceptionally(refusal);
        return;
      }
      if (last) {
        whole.complete(soFar.toByteArray());
        return;
      }
    }
  }

  /** To be called when the body is no longer needed. */
  void release() {
    held.addAndGet(-reserved);
    reserved = 0;
  }

  private Refusal take(Content.Chunk chunk) {
    int bytes = chunk.remaining();
    if (soFar.size() + bytes > limits.bodyBytes()) {
      return tooLarge();
    }
    // Whoever sends nothing at all meets the connection's own limit, which is as long.
    if (!chunk.isLast() && System.nanoTime() - begun > limits.sendTime().toNanos()) {
      return tooSlow();
    }
    reserved += bytes;
    if (held.addAndGet(bytes) > limits.buffered()) {
      return busy("it holds as many bytes of other requests as it may");
    }
    byte[] copy = new byte[bytes];
    chunk.get(copy, 0, bytes);
    soFar.writeBytes(copy);
    return null;
  }

  private Refusal tooLarge() {
    return new Refusal(
        413,
        "The request is larger than " + limits.bodyBytes() + " bytes.",
        "Send a smaller picture, or start the server with a larger --max-body.");
  }

  private Refusal tooSlow() {
    return new Refusal(
        408,
        "The request did not arrive within " + limits.sendTime().toMillis() + " ms.",
        "Send it faster, or start the server with a longer --send-time.");
  }

  static Refusal busy(String why) {
    return new Refusal(503, "The server is busy: " + why + ".", "Send it again in a second.");
  }

  private Refusal refusal(Throwable failure) {
    return failure instanceof TimeoutException
        ? tooSlow()
        : new Refusal(
            400,
            "The request ended after " + soFar.size() + " bytes, before it was whole.",
            "Send all of it: as many bytes as Content-Length says.");
  }
}
