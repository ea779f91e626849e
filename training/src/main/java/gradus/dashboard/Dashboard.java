package gradus.dashboard;

import gradus.GradusException;
import gradus.report.RunReport;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Shows the report of a run in a browser while it is trained: the page at {@code /} is that of
 * {@link RunReport}, with a line that follows the steps and curves that grow with each epoch, by
 * server-sent events at {@code /events}.
 *
 * <p>Nothing but these two can be asked for, and nothing can be told. Add it to the trainer behind
 * what writes the run's files, and close it when the run has ended. Watching costs a training step
 * no more than reading a clock.
 */
public final class Dashboard implements TrainingListener, AutoCloseable {
  private static final int MOST_WATCHERS = 50;
  private static final int MOST_THREADS = 8;

  private final Server server;
  private final ServerConnector connector;
  private final EventStream events;
  private final Progress progress = new Progress();

  private Dashboard(Server server, ServerConnector connector, EventStream events) {
    this.server = server;
    this.connector = connector;
    this.events = events;
  }

  /**
   * Starts to listen.
   *
   * @param address port 0 is any free one; whoever reaches the address sees the run
   * @throws GradusException if the address is in use, or not of this machine
   */
  public static Dashboard start(RunReport report, InetSocketAddress address) {
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
    threads.setName("gradus-dashboard");
    threads.setDaemon(true);
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(address.getAddress().getHostAddress());
    connector.setPort(address.getPort());
    connector.setIdleTimeout(0); // an epoch without an event may take hours
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(MOST_WATCHERS, server));
    EventStream events = new EventStream();
    boolean loopback = address.getAddress().isLoopbackAddress();
    server.setHandler(new DashboardPages(report, events, loopback));
    Dashboard dashboard = new Dashboard(server, connector, events);
    try {
      server.start();
    } catch (Exception e) { // whatever the engine throws
      dashboard.close();
      throw new GradusException(
          "The dashboard cannot listen on "
              + address.getAddress().getHostAddress()
              + ":"
              + address.getPort()
              + " ("
              + e.getMessage()
              + "). Choose another port, or an address of this machine.",
          e);
    }
    return dashboard;
  }

  /** Where it listens. */
  public URI uri() {
    String host = connector.getHost();
    String name = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + name + ":" + connector.getLocalPort() + "/");
  }

  @Override
  public void onStart(int epochs) {
    progress.start(epochs);
  }

  @Override
  public void onResume(List<EpochReport> earlier) {
    progress.resume(earlier.size());
  }

  @Override
  public void onStep(StepReport step) {
    String state = progress.step(step);
    if (state != null) {
      events.publish(state);
    }
  }

  @Override
  public void onEpoch(EpochReport epoch) {
    events.publish(progress.epoch(epoch));
  }

  @Override
  public void onEnd(TrainingReport report) {
    events.publish(progress.end());
  }

  /** Stops to listen. Browsers keep what they show. */
  @Override
  public void close() {
    events.close();
    try {
      server.stop();
    } catch (Exception e) { // whatever the engine throws
      throw new GradusException("The dashboard did not stop in good order: " + e.getMessage(), e);
    }
  }
}
