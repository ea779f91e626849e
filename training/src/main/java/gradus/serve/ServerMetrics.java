package gradus.serve;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What a server counts, in Prometheus' text format. */
final class ServerMetrics {
  static final String TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25
  };
  private static final double[] IMAGES = {1, 2, 4, 8, 16, 32, 64, 128};

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.builder().build();
  private final Counter requests =
      Counter.builder()
          .name("gradus_requests")
          .help("Answered requests for a prediction, by status.")
          .labelNames("status")
          .register(registry);
  private final Histogram seconds =
      Histogram.builder()
          .name("gradus_request_seconds")
          .help("From the headers of a request for a prediction to its answer.")
          .classicOnly()
          .classicUpperBounds(SECONDS)
          .register(registry);
  private final Histogram batchSizes =
      Histogram.builder()
          .name("gradus_batch_images")
          .help("Pictures predicted together.")
          .classicOnly()
          .classicUpperBounds(IMAGES)
          .register(registry);

  /** Also shows what it is not told of. */
  void watch(IntSupplier queueLength, LongSupplier heldBytes, LongSupplier backendBytes) {
    gauge("gradus_queue_length", "Pictures that wait for a batch.", queueLength::getAsInt);
    gauge("gradus_held_bytes", "Bytes of requests in memory.", heldBytes);
    gauge("gradus_backend_bytes", "Bytes the backend has allocated.", backendBytes);
  }

  private void gauge(String name, String help, LongSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call((double) value.getAsLong()))
        .register(registry);
  }

  void answered(int status, long nanos) {
    requests.labelValues(Integer.toString(status)).inc();
    seconds.observe(nanos * 1e-9);
  }

  void batch(int images) {
    batchSizes.observe(images);
  }

  String text() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(bytes, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
