package gradus.dashboard;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Server-sent events that tell the latest state. A client that is slow misses states in between,
 * and holds up nobody: nothing waits for a write.
 */
final class EventStream implements AutoCloseable {
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();
  private volatile String latest;
  private volatile boolean closed;

  /** Answers with events until one side ends it. */
  void add(Response response, Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream;charset=utf-8");
    Client client = new Client(response, callback);
    clients.add(client);
    client.wake();
  }

  /** A new state, which has no line break. */
  void publish(String state) {
    latest = state;
    clients.forEach(Client::wake);
  }

  @Override
  public void close() {
    closed = true;
    clients.forEach(Client::wake);
  }

  private final class Client implements Callback {
    private final Response response;
    private final Callback whole;
    private boolean writing;
    private boolean stale;
    private boolean last;

    Client(Response response, Callback whole) {
      this.response = response;
      this.whole = whole;
    }

    void wake() {
      synchronized (this) {
        stale = true;
        if (writing || last) {
          return;
        }
        writing = true;
      }
      write();
    }

    private void write() {
      boolean end;
      synchronized (this) {
        stale = false;
        last = closed;
        end = last;
      }
      String state = latest;
      // A comment opens the stream where there is no state yet.
      String text = state == null ? ": no step yet\n\n" : "data: " + state + "\n\n";
      Content.Sink.write(response, end, text, this);
    }

    @Override
    public void succeeded() {
      boolean again;
      synchronized (this) {
        again = stale && !last;
        writing = again;
        if (last) {
          clients.remove(this);
        }
      }
      if (again) {
        write();
      } else if (last) {
        whole.succeeded();
      }
    }

    @Override
    public void failed(Throwable gone) {
      clients.remove(this);
      whole.failed(gone);
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }
}
