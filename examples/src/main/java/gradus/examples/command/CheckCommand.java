package gradus.examples.command;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.doctor.preflight.BatchOverfit;
import gradus.doctor.preflight.Preflight;
import gradus.layer.Model;
import gradus.optim.Optimizer;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at data, network, loss and optimizer before they are trained. */
@Command(
    name = "check",
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Looks for what is wrong with data, network, loss and optimizer before training, and tries"
          + " whether the network can learn 32 images by heart.",
      "Give it the options that train has for data, network, precision, loss, augmentation,"
          + " optimizer, accumulation, and where weights start.",
      "Ends with code 1 if something is certainly wrong. train does the same, but for the trial."
    })
final class CheckCommand implements Callable<Integer> {
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

  @Mixin private AccumulationChoice accumulation;

  @Mixin private PrecisionChoice precision;

  @Mixin private LearningChoice learning;

  @Mixin private AugmentChoice augment;

  @Mixin private FineTuneChoice fineTune;

  @Option(
      names = "--no-overfit",
      description = "Do not try whether the network can learn 32 images by heart.")
  private boolean noOverfit;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of weights, order and split. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Mixin private BackendChoice backendChoice;

  private PrintWriter out;

  @Override
  public Integer call() {
    out = spec.commandLine().getOut();
    fineTune.inherit(dataChoice, network, augment);
    check();
    DataSplits data = subset.apply(dataChoice.open(seed), seed);
    Normalize normalize = augment.normalize(data.train(), seed);
    int classes = data.train().classNames().size();
    try (Backend backend = backendChoice.open();
        DataLoader train = trainLoader(data.train(), normalize);
        DataLoader validation =
            DataLoader.of(data.validation()).batchSize(batch).transform(normalize).build();
        Model model =
            Model.build(
                backend, network.create(dataChoice.kind(), classes), train.imageShape(), seed);
        Optimizer optimizer = learning.create(model.parameters())) {
      precision.announce(backend, out);
      network.network(dataChoice.kind()).prepare(model, data.train(), normalize);
      fineTune.apply(model, seed, out);
      Subject subject =
          new Subject(
              model,
              augment.loss(data.train()),
              optimizer,
              train,
              validation,
              dataChoice.kind().epochs(),
              seed,
              accumulation.value());
      return report(subject);
    }
  }

  private void check() {
    UsageException.unless(
        augment.preview() == null, "--preview-augmentation belongs to train; leave it out.");
    dataChoice.check();
    subset.check();
    network.check();
    learning.check();
    augment.check();
    fineTune.check();
    accumulation.check();
    UsageException.unless(
        batch >= 1, "--batch is " + batch + ", but a step needs at least 1 image; 64 is usual.");
  }

  private DataLoader trainLoader(Dataset images, Normalize normalize) {
    Dataset dataset = augment.dataset(images, seed);
    DataLoader.Builder loader =
        DataLoader.of(dataset).batchSize(batch).workers(dataChoice.workers());
    return augment.apply(loader, dataset, batch, seed).transform(normalize).build();
  }

  private int report(Subject subject) {
    List<Finding> findings = Preflight.examine(subject);
    findings.forEach(finding -> FindingText.lines(finding).forEach(out::println));
    long certain = findings.stream().filter(Finding::isDiagnosis).count();
    if (certain == 0 && !noOverfit) {
      overfit(BatchOverfit.of(subject, precision.precision()));
    }
    out.println(
        findings.isEmpty()
            ? "Nothing unusual."
            : String.format(
                Locale.ROOT, "%d defects, %d notes.", certain, findings.size() - certain));
    out.flush();
    return certain == 0 ? 0 : 1;
  }

  private void overfit(BatchOverfit trial) {
    out.println(
        String.format(
            Locale.ROOT,
            trial.learned()
                ? "One batch: learned by heart, the loss fell from %.2f to %.2g in %d steps (%d of %d"
                    + " right)."
                : "One batch: NOT learned by heart, the loss went from %.2f to %.2g in %d steps (%d"
                    + " of %d right); look at network, loss and labels.",
            trial.first(),
            trial.last(),
            trial.steps(),
            trial.right(),
            trial.images()));
  }
}
