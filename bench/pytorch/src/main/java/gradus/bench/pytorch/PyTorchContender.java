package gradus.bench.pytorch;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.bench.step.Contender;
import gradus.bench.step.ContenderProcess;
import gradus.bench.step.Task;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.layer.Model;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DispatchKey;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** PyTorch through its C++ interface: no Python between the calls. */
public final class PyTorchContender implements Contender {
  private final boolean channelsLast = Boolean.getBoolean("gradus.bench.channelsLast");
  private final PyTorchNetwork network = new PyTorchNetwork(channelsLast);
  private final boolean autocast;
  private final SGD optimizer;
  private final Tensor hostImages;
  private final Tensor hostLabels;
  private final Tensor images;
  private final Tensor labels;

  PyTorchContender(Task task) {
    torch.set_num_threads(task.threads());
    autocast = task.precision() == Precision.BF16;
    try (Backend backend = Backends.named("reference");
        Model model =
            Model.build(
                backend,
                task.workload().network().create(StepBenchmark.CLASSES),
                task.workload().image(),
                StepBenchmark.SEED)) {
      model.export(network, 0);
    }
    SGDOptions options = new SGDOptions(StepBenchmark.LEARNING_RATE);
    options.momentum().put(StepBenchmark.MOMENTUM);
    optimizer = new SGD(network.parameters(), options);
    Batch batch = StepBenchmark.randomBatch(task.workload(), task.batch());
    Shape shape = batch.shape();
    float[] pixels = new float[Math.toIntExact(shape.size())];
    batch.images().duplicate().get(pixels);
    long[] classes = new long[batch.size()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = batch.labels().get(i);
    }
    hostImages =
        Tensor.create(pixels, new long[] {shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3)});
    hostLabels = Tensor.create(classes);
    images =
        channelsLast
            ? hostImages.contiguous(MemoryFormat.ChannelsLast).clone()
            : hostImages.clone();
    labels = hostLabels.clone();
  }

  /** Times a task. */
  public static void main(String[] arguments) {
    ContenderProcess.main(arguments, PyTorchContender::new);
  }

  @Override
  public String version() {
    return "%s, %s, %s, %s%s, %d threads"
        .formatted(
            Path.of(Tensor.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                .getFileName(),
            isLoaded("libmkl_core") ? "MKL" : "OpenBLAS",
            instructionSet(),
            channelsLast ? "channels_last" : "NCHW",
            autocast ? ", autocast to bfloat16" : "",
            torch.get_num_threads());
  }

  /** As PyTorch itself says it. */
  private static String instructionSet() {
    String usage = "CPU capability usage: ";
    return torch
        .show_config()
        .getString()
        .lines()
        .filter(line -> line.contains(usage))
        .map(line -> line.substring(line.indexOf(usage) + usage.length()))
        .findFirst()
        .orElse("unknown instruction set");
  }

  /** Whether the property that asks for MKL was heard. */
  private static boolean isLoaded(String library) {
    try {
      return Files.readString(Path.of("/proc/self/maps")).contains(library);
    } catch (IOException e) {
      throw new GradusException("Cannot read /proc/self/maps: " + e.getMessage(), e);
    }
  }

  @Override
  public long parameters() {
    return network.count();
  }

  @Override
  @SuppressWarnings("try") // a scope is only to be closed
  public float step(Mode mode) {
    try (PointerScope scope = new PointerScope()) { // frees each step's tensors at its end
      return mode == Mode.TRAIN ? train() : infer();
    }
  }

  private float train() {
    images.copy_(hostImages);
    labels.copy_(hostLabels);
    optimizer.zero_grad();
    Tensor loss = autocast ? autocastLoss() : loss();
    loss.backward();
    optimizer.step();
    return loss.item_float();
  }

  private Tensor loss() {
    return torch.cross_entropy_loss(network.forward(images, true), labels);
  }

  /**
   * What {@code torch.autocast("cpu", torch.bfloat16)} does in Python, by the calls it is made of:
   * the dispatch key of the CPU's autocast, whose type is bfloat16 unless set, is let in for
   * forward and loss; weights are cast once, and their casts forgotten at the end.
   */
  private Tensor autocastLoss() {
    torch.tls_set_dispatch_key_excluded(DispatchKey.AutocastCPU, false);
    try {
      Tensor logits = network.forward(images, true);
      if (logits.scalar_type().intern() != ScalarType.BFloat16) {
        throw new GradusException(
            "Autocast gave logits of type "
                + logits.scalar_type().intern()
                + ", not BFloat16: this does not measure bf16.");
      }
      return torch.cross_entropy_loss(logits, labels);
    } finally {
      torch.clear_cache();
      torch.tls_set_dispatch_key_excluded(DispatchKey.AutocastCPU, true);
    }
  }

  @SuppressWarnings("try") // a guard is only to be closed
  private float infer() {
    try (NoGradGuard guard = new NoGradGuard()) {
      images.copy_(hostImages);
      labels.copy_(hostLabels);
      Tensor logits = network.forward(images, false);
      return logits.argmax(new LongOptional(1), false).eq(labels).sum().item_float();
    }
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
