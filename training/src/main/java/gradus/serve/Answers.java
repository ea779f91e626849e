package gradus.serve;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.predict.ClassProbability;
import gradus.predict.Prediction;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The JSON a server answers with. */
final class Answers {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Answers() {}

  /** {@code {"label", "probability", "top": [{"label", "probability"}, ..]}}. */
  static String of(Prediction prediction, int top) {
    ObjectNode root = JSON.createObjectNode();
    root.put("label", prediction.label());
    root.put("probability", prediction.probability());
    ArrayNode list = root.putArray("top");
    for (ClassProbability each : prediction.top(top)) {
      list.addObject().put("label", each.label()).put("probability", each.probability());
    }
    return root.toString();
  }

  /** {@code {"error": {"status", "message", "remedy"}}}. */
  static String of(int status, String message, String remedy) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("error").put("status", status).put("message", message).put("remedy", remedy);
    return root.toString();
  }

  /** {@code {"status": "ok", "classes": [..], "input": [C, H, W], "backend"}}. */
  static String health(List<String> classes, int[] input, String backend) {
    ObjectNode root = JSON.createObjectNode();
    root.put("status", "ok");
    root.set("classes", JSON.valueToTree(classes));
    root.set("input", JSON.valueToTree(input));
    root.put("backend", backend);
    return root.toString();
  }

  /** Sends a text of any type. */
  static void send(Response response, int status, String type, String text, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    Content.Sink.write(response, true, text, callback);
  }

  /** Sends an error; what is left of the request is not waited for. */
  static void send(Response response, Refusal refusal, Callback callback) {
    if (refusal.status() == 503) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
    }
    if (refusal.status() == 408 || !response.getRequest().consumeAvailable()) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close"); // the rest would be in the way
    }
    send(
        response,
        refusal.status(),
        "application/json",
        of(refusal.status(), refusal.getMessage(), refusal.remedy()),
        callback);
  }
}
