package gradus.examples.command;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.examples.progress.SweepTable;
import gradus.layer.Model;
import gradus.optim.Optimizer;
import gradus.tensor.Shape;
import gradus.train.LearningRateFinder;
import gradus.train.LearningRateSweep;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks for a learning rate before training. */
@Command(
    name = "lr-find",
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Trains for at most an epoch while the learning rate grows, and suggests the rate at which the"
          + " loss falls most steeply (learning rate range test).",
      "Give it the options that train has for data, network, precision, loss, augmentation,"
          + " optimizer, accumulation, and where weights start; --lr itself is not used. Gradients"
          + " are not clipped, and the sweep is the schedule."
    })
final class LearningRateFindCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DataChoice dataChoice;

  @Mixin private SubsetChoice subset;

  @Mixin private NetworkChoice network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a step. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--min-lr",
      paramLabel = "RATE",
      defaultValue = "1e-5",
      description = "The rate of the first step. Default: ${DEFAULT-VALUE}")
  private double lowest;

  @Option(
      names = "--max-lr",
      paramLabel = "RATE",
      defaultValue = "10",
      description = "The rate of the last step. Default: ${DEFAULT-VALUE}")
  private double highest;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "Over how many steps, at least 100 and at most an epoch. Default: ${DEFAULT-VALUE}")
  private int steps;

  @Mixin private PrecisionChoice precision;

  @Mixin private LearningChoice learning;

  @Mixin private AccumulationChoice accumulation;

  @Mixin private AugmentChoice augment;

  @Mixin private FineTuneChoice fineTune;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of weights, order and split. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Draw the sweep there, as a page for a browser.")
  private Path html;

  @Mixin private BackendChoice backendChoice;

  @Override
  public Integer call() {
    fineTune.inherit(dataChoice, network, augment);
    check();
    DataSplits data = subset.apply(dataChoice.open(seed), seed);
    Normalize normalize = augment.normalize(data.train(), seed);
    int classes = data.train().classNames().size();
    try (Backend backend = backendChoice.open();
        DataLoader loader = loader(data.train(), normalize);
        Model model = network(backend, classes, loader.imageShape());
        Optimizer optimizer = learning.create(model.parameters())) {
      PrintWriter out = spec.commandLine().getOut();
      precision.announce(backend, out);
      network.network(dataChoice.kind()).prepare(model, data.train(), normalize);
      fineTune.apply(model, seed, out);
      LearningRateSweep sweep =
          new LearningRateFinder(model, augment.loss(data.train()), optimizer)
              .range(lowest, highest)
              .batches(steps)
              .seed(seed)
              .precision(precision.precision())
              .accumulate(accumulation.value().batches())
              .run(loader);
      print(sweep);
    }
    return 0;
  }

  private void check() {
    UsageException.unless(
        augment.preview() == null, "--preview-augmentation belongs to train; leave it out.");
    dataChoice.check();
    subset.check();
    network.check();
    learning.check();
    accumulation.check();
    augment.check();
    fineTune.check();
    UsageException.unless(
        batch >= 1, "--batch is " + batch + ", but a step needs at least 1 image; 64 is usual.");
    UsageException.unless(
        lowest > 0 && highest > lowest && highest < 1e9,
        "--min-lr is "
            + lowest
            + " and --max-lr "
            + highest
            + ", but both must be above 0 and the second the larger.");
    UsageException.unless(
        steps >= LearningRateSweep.FEWEST,
        "--steps is " + steps + ", but fewer than " + LearningRateSweep.FEWEST + " tell nothing.");
  }

  private Model network(Backend backend, int classes, Shape images) {
    return Model.build(backend, network.create(dataChoice.kind(), classes), images, seed);
  }

  private DataLoader loader(Dataset train, Normalize normalize) {
    Dataset dataset = augment.dataset(train, seed);
    DataLoader.Builder loader =
        DataLoader.of(dataset).batchSize(batch).workers(dataChoice.workers());
    return augment.apply(loader, dataset, batch, seed).transform(normalize).build();
  }

  private void print(LearningRateSweep sweep) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(SweepTable.of(sweep));
    if (sweep.diverged()) {
      out.println("Ended early, because the loss grew without bounds.");
    }
    OptionalDouble rate = sweep.suggestion();
    out.println(
        rate.isPresent()
            ? String.format(Locale.ROOT, "Suggested: --lr %.2g", rate.getAsDouble())
            : "No suggestion: the loss fell at no rate. Try others with --min-lr and --max-lr, or"
                + " another model.");
    if (html != null) {
      SweepPage.write(sweep, html);
      out.println("Drawn in " + html);
    }
    out.flush();
  }
}
