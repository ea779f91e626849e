package gradus.examples.command;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
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

  /** Opens it; the caller closes it. */
  Backend open() {
    BackendOptions options = options();
    return name == null ? Backends.best(options) : Backends.named(name, options);
  }

  /** How many compute threads are asked for. */
  int threads() {
    return options().resolvedThreads();
  }

  private BackendOptions options() {
    UsageException.unless(
        threads == null || (threads >= 1 && threads <= 1024),
        "--threads is " + threads + ", but must be from 1 to 1024.");
    return BackendOptions.DEFAULT.withThreads(threads == null ? 0 : threads);
  }
}
