package gradus.examples.command;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.examples.progress.ReportTable;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.ClassificationReport;
import gradus.metric.Predictions;
import gradus.report.EvaluationRecord;
import gradus.tensor.Shape;
import gradus.train.Evaluation;
import gradus.train.Evaluator;
import gradus.train.TestTimeAugmentation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Judges a trained model on a part of a data set. */
@Command(
    name = "evaluate",
    sortOptions = false,
    description = {
      "Prints how a trained model does: all usual numbers, and each class.",
      "Without --data: on the data set it was trained on."
    })
final class EvaluateCommand implements Callable<Integer> {
  /** The parts of a data set. */
  enum Part {
    TRAIN,
    VALIDATION,
    TEST;

    Dataset of(DataSplits data) {
      return switch (this) {
        case TRAIN -> data.train();
        case VALIDATION -> data.validation();
        case TEST -> data.test();
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RUN",
      arity = "0..1",
      description = "The folder of a run, or a weight file.")
  private Path run;

  @Option(names = "--from", paramLabel = "RUN", description = "The same, named as an option.")
  private Path option;

  @Option(
      names = "--part",
      paramLabel = "NAME",
      defaultValue = "test",
      description = "train, validation or test. Default: ${DEFAULT-VALUE}")
  private Part part;

  @Mixin private OwnNetworkChoice own;

  @Mixin private DataChoice dataChoice;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a step. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Mixin private ViewsChoice views;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the numbers, the confusion matrix and the reliability bins there too.")
  private Path json;

  @Mixin private BackendChoice backendChoice;

  @Override
  public Integer call() {
    UsageException.unless(batch >= 1, "--batch is " + batch + ", but must be at least 1.");
    UsageException.unless(
        run != null || option != null,
        "name the folder of a run, or a weight file: ./gradus evaluate RUN");
    UsageException.unless(
        run == null || option == null,
        "evaluate judges one model, but " + run + " and --from " + option + " name two.");
    Path from = run == null ? option : run;
    SavedModel saved = own.read(from);
    dataChoice.defaultTo(saved);
    dataChoice.check();
    Dataset dataset = part.of(dataChoice.open(saved.seed()));
    if (!dataset.classNames().equals(saved.classes())) {
      throw new GradusException(
          "The model in "
              + from
              + " knows the classes "
              + saved.classes()
              + ", but "
              + dataset.name()
              + " has "
              + dataset.classNames()
              + ". Choose data with the same classes.");
    }
    try (Backend backend = backendChoice.open();
        Model model = saved.load(backend, from);
        DataLoader loader =
            DataLoader.of(dataset)
                .batchSize(batch)
                .workers(dataChoice.workers())
                .transform(saved.normalize())
                .build()) {
      Predictions predictions = new Predictions(saved.classes().size());
      Evaluation result =
          new Evaluator(model, new CrossEntropyLoss())
              .testTimeAugmentation(views.of(saved.input()))
              .evaluate(loader, predictions);
      print(dataset, result, saved.input(), ClassificationReport.of(predictions));
    }
    return 0;
  }

  private void print(Dataset dataset, Evaluation result, Shape image, ClassificationReport report) {
    TestTimeAugmentation augmentation = views.of(image);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        String.format(
            Locale.ROOT,
            "%s: accuracy %.2f %%, loss %.4f, on %,d images%s%n",
            dataset.name(),
            100 * result.accuracy(),
            result.loss(),
            result.examples(),
            views.label(image)));
    out.print(ReportTable.of(report, dataset.classNames()));
    if (json != null) {
      EvaluationRecord record =
          new EvaluationRecord(
              dataset.name(),
              dataset.classNames(),
              views.views().toString(),
              augmentation == null ? 1 : augmentation.views(),
              report);
      record.write(json);
      out.println("Written to " + json);
    }
  }
}
