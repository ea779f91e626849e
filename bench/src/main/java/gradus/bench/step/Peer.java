package gradus.bench.step;

import gradus.tensor.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Who is measured, and how each is set up to be at its best. */
public enum Peer {
  /** This framework as it comes. */
  GRADUS("Gradus", "", "gradus.bench.step.GradusContender"),
  /** This framework with plain sums in its convolutions. */
  GRADUS_STRICT(
      "Gradus, strict convolutions",
      "",
      "gradus.bench.step.GradusContender",
      "-Dgradus.cpu.conv=direct"),
  /** PyTorch with MKL, tuned malloc and images as NCHW. */
  PYTORCH(
      "PyTorch",
      "pytorch",
      "gradus.bench.pytorch.PyTorchContender",
      "-Dorg.bytedeco.openblas.load=mkl_rt"),
  /** PyTorch with MKL, tuned malloc and images as NHWC. */
  PYTORCH_CHANNELS_LAST(
      "PyTorch, channels_last",
      "pytorch",
      "gradus.bench.pytorch.PyTorchContender",
      "-Dorg.bytedeco.openblas.load=mkl_rt",
      "-Dgradus.bench.channelsLast=true"),
  /** DJL with its own libtorch and tuned malloc. */
  DJL(
      "DJL",
      "djl",
      "gradus.bench.djl.DjlContender",
      "-Dai.djl.offline=true",
      "-Dai.djl.pytorch.graph_optimizer=false");

  private final String title;
  private final String folder;
  private final String mainClass;

  @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list of strings
  private final List<String> options;

  Peer(String title, String folder, String mainClass, String... options) {
    this.title = title;
    this.folder = folder;
    this.mainClass = mainClass;
    this.options = List.of(options);
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** Whether it is this framework. */
  public boolean isGradus() {
    return folder.isEmpty();
  }

  /** Whether it trains in that number format on a CPU: DJL has no autocast. */
  public boolean trainsIn(Precision precision) {
    return switch (precision) {
      case FP32 -> true;
      case BF16 -> this != DJL;
      case TF32, FP16 -> false; // of GPUs
    };
  }

  /** Where the build leaves its libraries, below the folder of this module. */
  public Path libraries(Path home) {
    return home.resolve(folder).resolve("target/lib");
  }

  /** What starts its process. */
  List<String> command(String java, String classPath, String isa, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java);
    command.addAll(List.of("-XX:+UseSerialGC", "-Xlog:disable", "-cp", classPath));
    command.addAll(options);
    if (isGradus() && !isa.equals("best")) {
      command.add("-Dgradus.cpu.isa=" + isa);
    }
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  /**
   * One pool of as many threads as asked for, and a malloc that keeps its pages: without it PyTorch
   * loses a third of its time to page faults. Gradus has its own threads and memory.
   */
  Map<String, String> environment(int threads, String isa) {
    Map<String, String> environment = new LinkedHashMap<>();
    if (isGradus()) {
      return environment;
    }
    String count = Integer.toString(threads);
    environment.put("OMP_NUM_THREADS", count);
    environment.put("MKL_NUM_THREADS", count);
    environment.put("MKL_THREADING_LAYER", "GNU");
    environment.put("OPENBLAS_NUM_THREADS", "1");
    environment.put("MALLOC_TRIM_THRESHOLD_", "100000000000");
    environment.put("MALLOC_MMAP_THRESHOLD_", "100000000000");
    environment.put("MALLOC_TOP_PAD_", "1000000000");
    environment.put("OPT_OUT_TRACKING", "true");
    if (isa.equals("avx2")) {
      environment.put("ATEN_CPU_CAPABILITY", "avx2");
      environment.put("DNNL_MAX_CPU_ISA", "AVX2");
      environment.put("MKL_ENABLE_INSTRUCTIONS", "AVX2");
    }
    return environment;
  }

  /** The name to choose it by. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
