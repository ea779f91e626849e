package gradus.examples.command;

import gradus.backend.Backend;
import gradus.data.Dataset;
import gradus.data.transform.FitImage;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.RandomResizedCrop;
import gradus.data.transform.Transform;
import gradus.examples.bench.LoaderBenchmark;
import gradus.examples.net.Network;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how fast images are loaded, and what that costs a training step. */
@Command(
    name = "bench-data",
    sortOptions = false,
    description = {
      "Measures how fast training images are decoded, augmented and put into batches, and how much",
      "longer a training step takes with them than with images that lie in memory.",
      "A folder's pictures are decoded every time, and augmented as for ImageNet (resized-crop and",
      "flip) to --image-size, unless --augment says otherwise."
    })
final class BenchDataCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DataChoice dataChoice;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Whose step. Default: lenet for mnist, else deepercnn")
  private Network network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a step. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Mixin private AugmentChoice augment;

  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "3",
      description = "Time for each of the measurements. Default: ${DEFAULT-VALUE}")
  private double seconds;

  private PrintWriter out;

  @Override
  public Integer call() {
    out = spec.commandLine().getOut();
    dataChoice.check();
    augment.check();
    UsageException.unless(
        seconds > 0 && seconds <= 3600,
        "--seconds is " + seconds + ", but must be above 0 and at most 3600.");
    UsageException.unless(batch >= 1, "--batch is " + batch + ", but must be at least 1.");
    Dataset dataset = dataChoice.openUnfitted(1).train();
    List<Transform> transforms = transforms(dataset);
    LoaderBenchmark benchmark =
        new LoaderBenchmark(dataset, batch, dataChoice.workers(), transforms);
    line("%s: %,d images, batches of %d", dataset.name(), dataset.size(), batch);
    line("decode             %,12.0f images/s per core", benchmark.decodedPerCoreSecond(seconds));
    line("decode and augment %,12.0f images/s per core", benchmark.loadedPerCoreSecond(seconds));
    line(
        "decode and augment %,12.0f images/s with %d workers",
        benchmark.loadedPerSecond(seconds), dataChoice.workers());
    Network chosen = network != null ? network : dataChoice.kind().network();
    try (Backend backend = backendChoice.open()) {
      LoaderBenchmark.StepCost cost =
          benchmark.stepCost(backend, chosen.create(dataset.classNames().size()), 3 * seconds);
      line(
          "step of %s: %.3f ms from memory, %.3f ms from the loader (%+.1f %%); %.1f %% of the time"
              + " spent waiting",
          chosen,
          cost.inMemoryNanos() * 1e-6,
          cost.loadedNanos() * 1e-6,
          100 * cost.overhead(),
          100 * cost.waitShare());
    }
    return 0;
  }

  private List<Transform> transforms(Dataset dataset) {
    List<Transform> transforms = new ArrayList<>(augment.transforms(dataset));
    if (dataChoice.kind().hasPictures()) {
      int size = dataChoice.imageSize();
      if (transforms.isEmpty()) {
        transforms.add(new RandomResizedCrop(size));
        transforms.add(new RandomHorizontalFlip());
      } else {
        transforms.add(0, new FitImage(size, size));
      }
    }
    transforms.add(augment.normalize(dataset, 1));
    return transforms;
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
