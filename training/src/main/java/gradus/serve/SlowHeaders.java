package gradus.serve;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Closes connections that send the head of a request byte by byte. The server's own limit is on the
 * time between two bytes, so a byte now and then would keep a connection for hours.
 */
final class SlowHeaders implements Runnable {
  private record Seen(long messages, long bytes) {}

  private final ServerConnector connector;
  private final long periodMillis;
  private Map<Connection, Seen> before = Map.of();

  SlowHeaders(ServerConnector connector, ServerLimits limits) {
    this.connector = connector;
    // A body may take the time to send, and as long again until its silence is noticed.
    this.periodMillis = 2 * limits.sendTime().toMillis();
  }

  /** Looks at every connection now, and again after each period until the connector stops. */
  @Override
  public void run() {
    Map<Connection, Seen> now = new HashMap<>();
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      Connection connection = endPoint.getConnection();
      if (connection == null) {
        continue; // it is just being opened
      }
      Seen seen = new Seen(connection.getMessagesIn(), connection.getBytesIn());
      Seen earlier = before.get(connection);
      if (earlier != null && earlier.messages == seen.messages && earlier.bytes < seen.bytes) {
        endPoint.close(); // bytes, but no request in all that time
      } else {
        now.put(connection, seen);
      }
    }
    before = now;
    connector.getScheduler().schedule(this, periodMillis, TimeUnit.MILLISECONDS);
  }
}
