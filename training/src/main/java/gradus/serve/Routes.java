package gradus.serve;

import gradus.predict.Predictor;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Which path is what; everything else is 404, and the wrong method 405. */
final class Routes extends Handler.Abstract.NonBlocking {
  private final PredictHandler predict;
  private final Predictor predictor;
  private final ServerMetrics metrics;
  private final UploadPage page = UploadPage.load();

  Routes(PredictHandler predict, Predictor predictor, ServerMetrics metrics) {
    this.predict = predict;
    this.predictor = predictor;
    this.metrics = metrics;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    String path = Request.getPathInContext(request);
    switch (path) {
      case "/predict" -> {
        if (isAllowed(request, response, "POST", callback)) {
          return predict.handle(request, response, callback);
        }
      }
      case "/" -> {
        if (isAllowed(request, response, "GET", callback)) {
          response.getHeaders().put("Content-Security-Policy", page.contentSecurityPolicy());
          Answers.send(response, 200, "text/html;charset=utf-8", page.html(), callback);
        }
      }
      case "/health" -> {
        if (isAllowed(request, response, "GET", callback)) {
          Answers.send(response, 200, "application/json", health(), callback);
        }
      }
      case "/metrics" -> {
        if (isAllowed(request, response, "GET", callback)) {
          Answers.send(response, 200, ServerMetrics.TYPE, metrics.text(), callback);
        }
      }
      default ->
          Answers.send(
              response,
              new Refusal(
                  404,
                  "There is nothing at this path.",
                  "POST a picture to /predict, or look at /, /health or /metrics."),
              callback);
    }
    return true;
  }

  private String health() {
    return Answers.health(
        predictor.card().classes(), predictor.card().input().toArray(), predictor.backend());
  }

  private static boolean isAllowed(
      Request request, Response response, String method, Callback callback) {
    boolean allowed =
        request.getMethod().equals(method)
            || (method.equals("GET") && request.getMethod().equals("HEAD"));
    if (!allowed) {
      response.getHeaders().put(HttpHeader.ALLOW, method.equals("GET") ? "GET, HEAD" : method);
      Answers.send(
          response,
          new Refusal(405, "This path does not take that method.", "Use " + method + "."),
          callback);
    }
    return allowed;
  }
}
