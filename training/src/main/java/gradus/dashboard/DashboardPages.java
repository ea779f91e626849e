package gradus.dashboard;

import gradus.GradusException;
import gradus.report.RunReport;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The page and its events; everything else is refused. */
final class DashboardPages extends Handler.Abstract {
  private static final String TEXT = "text/plain;charset=utf-8";
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private final RunReport report;
  private final EventStream events;
  private final boolean loopback;

  DashboardPages(RunReport report, EventStream events, boolean loopback) {
    this.report = report;
    this.events = events;
    this.loopback = loopback;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put("X-Frame-Options", "DENY");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    // A strange name that leads here is a page of somebody else's that wants to read this one.
    if (loopback && !THIS_MACHINE.contains(Request.getServerName(request))) {
      send(response, 403, TEXT, "Ask for localhost or 127.0.0.1.\n", callback);
    } else if (!request.getMethod().equals("GET")) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET");
      send(response, 405, TEXT, "There is nothing to send here: use GET.\n", callback);
    } else {
      switch (Request.getPathInContext(request)) {
        case "/" -> page(response, callback);
        case "/events" -> events.add(response, callback);
        default -> send(response, 404, TEXT, "There is / and /events, nothing else.\n", callback);
      }
    }
    return true;
  }

  private void page(Response response, Callback callback) {
    String page;
    try {
      page = report.live();
    } catch (GradusException e) {
      send(response, 503, TEXT, e.getMessage() + "\n", callback);
      return;
    }
    send(response, 200, "text/html;charset=utf-8", page, callback);
  }

  private static void send(
      Response response, int status, String type, String text, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    Content.Sink.write(response, true, text, callback);
  }
}
