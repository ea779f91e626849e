package gradus.serve;

import gradus.GradusException;
import gradus.predict.BatchingPredictor;
import gradus.predict.Predictor;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A predictor behind HTTP. {@code POST /predict} takes a picture as its body, or as the file of a
 * form, and answers {@code {"label", "probability", "top": [..]}}; errors are {@code {"error":
 * {"status", "message", "remedy"}}}. {@code GET /health}, {@code GET /metrics} (Prometheus) and a
 * page to try it at {@code GET /}.
 *
 * <p>Nothing keeps strangers out: let it listen on the loopback address, or put a proxy that does
 * in front of it. Within its {@link ServerLimits} it can be neither filled nor stalled.
 */
public final class PredictionServer implements AutoCloseable {
  private static final int MOST_THREADS = 32;
  private static final int HEADER_BYTES = 8192;
  private static final Duration STOPPING = Duration.ofSeconds(30);

  private final Server server;
  private final ServerConnector connector;
  private final BatchingPredictor batches;
  private final ExecutorService decoders;

  private PredictionServer(
      Server server,
      ServerConnector connector,
      BatchingPredictor batches,
      ExecutorService decoders) {
    this.server = server;
    this.connector = connector;
    this.batches = batches;
    this.decoders = decoders;
  }

  /**
   * Starts to listen. The predictor stays its owner's to close, later than the server.
   *
   * @param address port 0 is any free one
   * @throws GradusException if the address is in use, or not of this machine
   */
  public static PredictionServer start(
      Predictor predictor, InetSocketAddress address, ServerLimits limits) {
    predictor.maxPixels(limits.pixels()).batchSize(limits.batch());
    ServerMetrics metrics = new ServerMetrics();
    BatchingPredictor batches =
        new BatchingPredictor(
            predictor, limits.batch(), limits.queue(), limits.linger(), metrics::batch);
    ExecutorService decoders = decoders(limits);
    PredictHandler predict = new PredictHandler(predictor, batches, decoders, limits, metrics);
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 2);
    threads.setName("gradus-http");
    Server server = new Server(threads);
    ServerConnector connector = connector(server, address, limits);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(limits.connections(), server));
    server.setErrorHandler(new JsonErrors());
    server.setHandler(new GracefulHandler(new Routes(predict, predictor, metrics)));
    server.setStopTimeout(STOPPING.toMillis());
    PredictionServer started = new PredictionServer(server, connector, batches, decoders);
    try {
      server.start();
      new SlowHeaders(connector, limits).run();
    } catch (Exception e) { // whatever the engine throws
      started.close();
      throw new GradusException(
          "Cannot listen on "
              + address.getAddress().getHostAddress()
              + ":"
              + address.getPort()
              + " ("
              + e.getMessage()
              + "). Choose another port, or an address of this machine.",
          e);
    }
    return started;
  }

  private static ExecutorService decoders(ServerLimits limits) {
    int threads = Runtime.getRuntime().availableProcessors();
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(limits.queue()),
        task -> {
          Thread thread = new Thread(task, "gradus-decode-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  private static ServerConnector connector(
      Server server, InetSocketAddress address, ServerLimits limits) {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(address.getAddress().getHostAddress());
    connector.setPort(address.getPort());
    connector.setIdleTimeout(limits.sendTime().toMillis());
    return connector;
  }

  /** Where it listens. */
  public URI uri() {
    String host = connector.getHost();
    String name = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + name + ":" + connector.getLocalPort() + "/");
  }

  /**
   * Takes no further request, and waits until those that have begun are answered, 30 seconds at
   * most.
   */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) { // whatever the engine throws
      throw new GradusException("The server did not stop in good order: " + e.getMessage(), e);
    } finally {
      decoders.shutdown();
      batches.close();
    }
  }
}
