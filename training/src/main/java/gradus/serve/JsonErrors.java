package gradus.serve;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What the HTTP engine itself refuses, such as a malformed request line, as JSON like the rest. */
final class JsonErrors extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      String message,
      Throwable cause,
      Callback callback) {
    String remedy =
        switch (code) {
          case HttpStatus.SERVICE_UNAVAILABLE_503 -> "The server is stopping: ask another one.";
          case HttpStatus.REQUEST_TIMEOUT_408 -> "Send the request faster.";
          case HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431, HttpStatus.URI_TOO_LONG_414 ->
              "Send fewer and shorter headers; the picture belongs into the body.";
          default -> code >= 500 ? "Look at the messages of the server." : "Send valid HTTP/1.1.";
        };
    response.getHeaders().put(HttpHeader.CONNECTION, "close"); // what follows cannot be trusted
    String reason = message == null ? HttpStatus.getMessage(code) : message;
    Answers.send(response, code, "application/json", Answers.of(code, reason, remedy), callback);
  }
}
