package gradus.examples.command;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.BackendProvider;
import gradus.backend.Backends;
import gradus.backend.ConvAccuracy;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that say where to compute. */
final class BackendChoice {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "Where to compute: cpu, cuda, cuda:1, reference. Default: the fastest here.")
  private String name;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Compute threads. Default: one per processor.")
  private Integer threads;

  @Option(
      names = "--conv-accuracy",
      paramLabel = "NAME",
      description =
          "fast: convolutions may use algorithms that multiply less and round more (default);"
              + " strict: plain sums alone.")
  private ConvAccuracy convAccuracy = ConvAccuracy.FAST;

  /** Opens it; the caller closes it. */
  Backend open() {
    BackendOptions options = options();
    checkName();
    return name == null ? Backends.best(options) : Backends.named(name, options);
  }

  /** How many compute threads are asked for. */
  int threads() {
    return options().resolvedThreads();
  }

  /** A name that no module on the class path has is a wrong command line, not a failure. */
  private void checkName() {
    List<String> known = Backends.providers().stream().map(BackendProvider::name).toList();
    UsageException.unless(
        name == null || known.contains(name.split(":", 2)[0]),
        "--backend is "
            + name
            + ", but there is no such backend; choose one of "
            + String.join(", ", known)
            + ".");
  }

  private BackendOptions options() {
    UsageException.unless(
        threads == null || (threads >= 1 && threads <= 1024),
        "--threads is " + threads + ", but must be from 1 to 1024.");
    return BackendOptions.DEFAULT
        .withThreads(threads == null ? 0 : threads)
        .withConvAccuracy(convAccuracy);
  }
}
