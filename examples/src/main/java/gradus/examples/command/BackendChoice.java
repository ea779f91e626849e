package gradus.examples.command;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.BackendProvider;
import gradus.backend.Backends;
import gradus.backend.ConvAccuracy;
import gradus.backend.MemoryFormat;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that say where to compute. */
final class BackendChoice {
  /** Whether kernels that repeat are started as a whole. */
  enum CudaGraph {
    AUTO,
    OFF
  }

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description =
          "Where to compute: cpu, cuda, cuda:1, reference. Several, such as cuda:0,cuda:1, share each"
              + " batch of a training run. Default: the fastest here.")
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

  @Option(
      names = "--cuda-graph",
      paramLabel = "NAME",
      description =
          "auto: a GPU starts sequences of kernels that repeat as one graph (default); off: one by"
              + " one, with the same bits.")
  private CudaGraph cudaGraph = CudaGraph.AUTO;

  @Option(
      names = "--memory-format",
      paramLabel = "NAME",
      description =
          "How a GPU lays images out. channels-first: NCHW (default); channels-last: NHWC, which its"
              + " tensor cores take as it is. A CPU has a layout of its own.")
  private MemoryFormat memoryFormat = MemoryFormat.CHANNELS_FIRST;

  /** Opens it; the caller closes it. */
  Backend open() {
    UsageException.unless(
        count() == 1,
        "--backend is " + name + ", but only train shares its work among several: name one.");
    return open(options());
  }

  private Backend open(BackendOptions options) {
    checkNames();
    return name == null ? Backends.best(options) : Backends.named(names().get(0), options);
  }

  /** Opens all of them. */
  Devices openAll() {
    BackendOptions options = options();
    UsageException.unless(
        names().stream().map(BackendChoice::device).distinct().count() == names().size(),
        "--backend is " + name + ", but a device can have one share only.");
    Devices devices = new Devices(open(options));
    try {
      for (int i = 1; i < count(); i++) {
        devices.add(Backends.named(names().get(i), options));
      }
      return devices;
    } catch (RuntimeException | Error failure) {
      devices.close();
      throw failure;
    }
  }

  /** How many devices share a batch. */
  int count() {
    return Math.max(1, names().size());
  }

  /** Of a kind of which only one is named, it is the first. */
  private static String device(String name) {
    return name.contains(":") ? name : name + ":0";
  }

  private List<String> names() {
    return name == null ? List.of() : List.of(name.split(",", -1));
  }

  /** How many compute threads are asked for. */
  int threads() {
    return options().resolvedThreads();
  }

  /** A name that no module on the class path has is a wrong command line, not a failure. */
  private void checkNames() {
    List<String> known = Backends.providers().stream().map(BackendProvider::name).toList();
    for (String one : names()) {
      UsageException.unless(
          known.contains(one.split(":", 2)[0]),
          "--backend is "
              + one
              + ", but there is no such backend; choose one of "
              + String.join(", ", known)
              + ".");
    }
  }

  private BackendOptions options() {
    UsageException.unless(
        threads == null || (threads >= 1 && threads <= 1024),
        "--threads is " + threads + ", but must be from 1 to 1024.");
    return BackendOptions.DEFAULT
        .withThreads(threads == null ? 0 : threads)
        .withConvAccuracy(convAccuracy)
        .withGraphs(cudaGraph == CudaGraph.AUTO)
        .withMemoryFormat(memoryFormat);
  }
}
