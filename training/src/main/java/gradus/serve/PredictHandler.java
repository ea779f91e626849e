package gradus.serve;

import gradus.data.image.Image;
import gradus.data.image.UnreadableImageException;
import gradus.predict.BatchingPredictor;
import gradus.predict.Prediction;
import gradus.predict.Predictor;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * Answers one posted picture: the body is read as it comes, the picture decoded on one of a few
 * threads, and predicted together with others. Nothing of it blocks a thread of the server.
 */
final class PredictHandler extends Handler.Abstract.NonBlocking {
  private static final System.Logger LOG = System.getLogger(PredictHandler.class.getName());
  private static final int DEFAULT_TOP = 3;

  private final Predictor predictor;
  private final BatchingPredictor batches;
  private final Executor decoders;
  private final ServerLimits limits;
  private final ServerMetrics metrics;
  private final AtomicLong heldBytes = new AtomicLong();

  PredictHandler(
      Predictor predictor,
      BatchingPredictor batches,
      Executor decoders,
      ServerLimits limits,
      ServerMetrics metrics) {
    this.predictor = predictor;
    this.batches = batches;
    this.decoders = decoders;
    this.limits = limits;
    this.metrics = metrics;
    metrics.watch(batches::queueLength, heldBytes::get, predictor::backendBytes);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    long begun = System.nanoTime();
    RequestBody body = new RequestBody(request, limits, heldBytes);
    String contentType = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    int top;
    try {
      top = top(request);
    } catch (Refusal refusal) {
      refuse(response, refusal, begun, callback);
      return true;
    }
    var unused = // whatever becomes of it, the client has been told
        body.read()
            .thenApplyAsync(bytes -> image(bytes, contentType), decoders)
            .thenCompose(batches::submit)
            .whenComplete(
                (prediction, failure) -> {
                  body.release();
                  if (failure == null) {
                    answer(response, prediction, top, begun, callback);
                  } else {
                    refuse(response, refusal(failure), begun, callback);
                  }
                });
    return true;
  }

  private static int top(Request request) {
    Fields.Field field = Request.extractQueryParameters(request).get("top");
    if (field == null) {
      return DEFAULT_TOP;
    }
    try {
      int top = Integer.parseInt(field.getValue());
      if (top >= 1) {
        return top;
      }
    } catch (NumberFormatException e) {
      LOG.log(System.Logger.Level.DEBUG, "not a number", e);
    }
    throw new Refusal(
        400,
        "top is \"" + field.getValue() + "\", but must be a whole number from 1.",
        "Ask for /predict?top=5, or leave it out for " + DEFAULT_TOP + ".");
  }

  private Image image(byte[] body, String contentType) {
    byte[] file = UploadedImage.in(body, contentType);
    if (file.length == 0) {
      throw new Refusal(
          400, "The request has no picture: it is empty.", "curl --data-binary @FILE sends one.");
    }
    return predictor.read(file);
  }

  private void answer(
      Response response, Prediction prediction, int top, long begun, Callback callback) {
    metrics.answered(200, System.nanoTime() - begun);
    Answers.send(response, 200, "application/json", Answers.of(prediction, top), callback);
  }

  private void refuse(Response response, Refusal refusal, long begun, Callback callback) {
    metrics.answered(refusal.status(), System.nanoTime() - begun);
    Answers.send(response, refusal, callback);
  }

  private static Refusal refusal(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof Refusal refusal) {
      return refusal;
    }
    if (cause instanceof RejectedExecutionException) {
      return RequestBody.busy("too many pictures wait already");
    }
    if (cause instanceof UnreadableImageException unreadable) {
      return switch (unreadable.reason()) {
        case NOT_AN_IMAGE ->
            new Refusal(
                415,
                unreadable.getMessage(),
                "Send the bytes of a JPEG, PNG, GIF, BMP or WebP file.");
        case DAMAGED -> new Refusal(400, unreadable.getMessage(), "Send a whole picture.");
        case TOO_LARGE ->
            new Refusal(
                413,
                unreadable.getMessage(),
                "Scale it down, or start the server with larger --max-pixels.");
      };
    }
    LOG.log(System.Logger.Level.ERROR, "A request for a prediction failed", cause);
    return new Refusal(
        500, "The server failed: " + cause.getMessage(), "Look at the messages of the server.");
  }
}
