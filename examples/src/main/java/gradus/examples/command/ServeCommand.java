package gradus.examples.command;

import gradus.backend.Backend;
import gradus.predict.Predictor;
import gradus.serve.PredictionServer;
import gradus.serve.ServerLimits;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts a trained model behind HTTP. */
@Command(
    name = "serve",
    sortOptions = false,
    description = {
      "Answers pictures over HTTP with their classes: curl --data-binary @FILE localhost:8080/predict",
      "Also: a page to try it (/), /health, and /metrics for Prometheus. Ctrl-C or SIGTERM ends it",
      "when the requests that have begun are answered."
    })
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The folder of a run, or a weight file.")
  private Path run;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Where to listen; 0 for any free port. Default: ${DEFAULT-VALUE}")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = {
        "The address to listen on. Default: ${DEFAULT-VALUE}, which only this machine reaches."
      })
  private String host;

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      defaultValue = "10",
      description = "The largest request, in MiB. Default: ${DEFAULT-VALUE}")
  private int maxBody;

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      defaultValue = "20000000",
      description = "The most pixels of a picture. Default: ${DEFAULT-VALUE}")
  private long maxPixels;

  @Option(
      names = "--send-time",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long a request may take to arrive. Default: ${DEFAULT-VALUE}")
  private int sendTime;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "256",
      description = "How many pictures may wait; more are answered 503. Default: ${DEFAULT-VALUE}")
  private int queue;

  @Mixin private OwnNetworkChoice own;

  @Mixin private BackendChoice backendChoice;

  @Override
  public Integer call() throws InterruptedException {
    ServerLimits limits = limits();
    InetSocketAddress address = new InetSocketAddress(host(), port);
    EngineLog.quiet();
    PrintWriter err = spec.commandLine().getErr();
    CountDownLatch end = new CountDownLatch(1);
    try (Backend backend = backendChoice.open();
        Predictor predictor = own.read(run).predictor(run, backend);
        Interrupts interrupts =
            new Interrupts(
                end::countDown, err, "Stopping; requests that have begun are answered first.");
        PredictionServer server = PredictionServer.start(predictor, address, limits)) {
      warnUnlessLoopback(address.getAddress());
      PrintWriter out = spec.commandLine().getOut();
      out.println("Serving " + run + " on " + server.uri() + " (Ctrl-C ends it)");
      out.flush();
      while (interrupts.exitCode() == 0) {
        end.await();
      }
    }
    spec.commandLine().getOut().println("Stopped.");
    return 0; // to be stopped is what a server is there for
  }

  private InetAddress host() {
    try {
      return InetAddress.getAllByName(host)[0];
    } catch (UnknownHostException e) {
      throw new UsageException("--host is " + host + ", but there is no such address.");
    }
  }

  private ServerLimits limits() {
    UsageException.unless(
        port >= 0 && port <= 65535, "--port is " + port + ", but must be from 0 to 65535.");
    UsageException.unless(
        maxBody >= 1 && maxBody <= 1024,
        "--max-body is " + maxBody + ", but must be from 1 to 1024 MiB.");
    UsageException.unless(
        maxPixels >= 1 && maxPixels <= 100_000_000,
        "--max-pixels is " + maxPixels + ", but must be from 1 to 100000000.");
    UsageException.unless(
        sendTime >= 1 && sendTime <= 3600,
        "--send-time is " + sendTime + ", but must be from 1 to 3600 seconds.");
    UsageException.unless(
        queue >= 1 && queue <= 100_000, "--queue is " + queue + ", but must be from 1 to 100000.");
    return ServerLimits.DEFAULT
        .withBodyBytes(maxBody << 20)
        .withPixels(maxPixels)
        .withSendTime(Duration.ofSeconds(sendTime))
        .withQueue(queue);
  }

  private void warnUnlessLoopback(InetAddress address) {
    if (!address.isLoopbackAddress()) {
      ErrorMessages.print(
          spec.commandLine(),
          "warning: "
              + host
              + " can be reached from other machines, and nobody is asked who they are. Put a proxy"
              + " with a login and TLS in front, or leave --host out.");
    }
  }
}
