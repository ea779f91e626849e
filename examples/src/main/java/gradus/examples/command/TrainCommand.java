package gradus.examples.command;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.dashboard.Dashboard;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.doctor.preflight.Preflight;
import gradus.examples.net.Network;
import gradus.examples.progress.EpochTable;
import gradus.files.Sha256;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.optim.WeightAverage;
import gradus.report.MetricsCsv;
import gradus.report.MetricsJsonl;
import gradus.report.RunOutcome;
import gradus.report.RunRecord;
import gradus.report.TestMetrics;
import gradus.report.TestRecord;
import gradus.tensorboard.EventFile;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.Evaluator;
import gradus.train.StopReason;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network and leaves weights, metrics and a record of the run in a folder. */
@Command(
    name = "train",
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Trains a network and tests it. Without any option: on drawn shapes, in less than a minute.",
      "Weights, metrics.csv, run.json and report.html are left in the folder --out."
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DataChoice dataChoice;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Train on N of the training images only, every class in its share.")
  private Integer limit;

  @Option(
      names = "--long-tail",
      paramLabel = "FACTOR",
      description =
          "For experiments: make the training images unbalanced, the last class with one in FACTOR"
              + " of the first.")
  private Double longTail;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES}. Default: lenet for mnist, else deepercnn")
  private Network network;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Probability of dropout before the last linear layer. Default: none")
  private double dropout;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often all images are seen. Default: 5 for builtin and mnist, else 10")
  private Integer epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a step. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Mixin private LearningChoice learning;

  @Mixin private ScheduleChoice schedule;

  @Mixin private RemedyChoice remedies;

  @Mixin private AugmentChoice augment;

  @Mixin private FineTuneChoice fineTune;

  @Mixin private CheckpointChoice checkpoints;

  @Mixin private ViewsChoice views;

  @Mixin private DashboardChoice dashboards;

  @Mixin private ProgressChoice progress;

  @Mixin private TensorBoardChoice tensorBoard;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Of weights, order and split: the same seed gives the same run."
              + " Default: ${DEFAULT-VALUE}")
  private long seed;

  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where results go. Default: runs/MODEL-DATA-TIME")
  private Path out;

  @Option(names = "--overwrite", description = "Replace a run that is already in --out.")
  private boolean overwrite;

  @Option(
      names = "--no-check",
      description =
          "Train without looking at data and network first, and whatever is wrong with them.")
  private boolean noCheck;

  private final Instant started = Instant.now();
  private Function<Trainer, TrainingListener> watcher;
  private PrintWriter print;

  /**
   * Lets a program see the run, and stop it, at Ctrl-C too; a run that it stopped is not tested.
   */
  void watch(Function<Trainer, TrainingListener> value) {
    watcher = value;
  }

  @Override
  public Integer call() {
    print = progress.text(spec.commandLine().getOut());
    check();
    if (augment.preview() != null) {
      augment.paintPreview(data().train(), seed);
      line(
          "Painted %s: each row a training image, and the same in seven epochs", augment.preview());
      return 0;
    }
    Path folder = out != null ? out : RunFolder.standard(network() + "-" + dataChoice.kind());
    RunFolder run = RunFolder.prepare(folder, overwrite || checkpoints.resumes());
    checkpoints.requireResumable(run);
    try {
      return train(run);
    } finally {
      run.removeIfUnused();
    }
  }

  private void check() {
    dataChoice.check();
    learning.check();
    augment.check();
    schedule.check();
    fineTune.check();
    dashboards.check();
    progress.check();
    checkpoints.check(out != null, overwrite);
    UsageException.unless(
        limit == null || limit >= 1, "--limit is " + limit + ", but must be at least 1.");
    UsageException.unless(
        longTail == null || (longTail >= 1 && longTail < 1e6),
        "--long-tail is " + longTail + ", but must be at least 1; 50 is usual.");
    UsageException.unless(epochs() >= 1, "--epochs is " + epochs() + ", but must be at least 1.");
    UsageException.unless(
        batch >= 1, "--batch is " + batch + ", but a step needs at least 1 image; 64 is usual.");
    UsageException.unless(
        dropout >= 0 && dropout < 1,
        "--dropout is " + dropout + ", but must be from 0 to below 1; 0.5 is usual.");
    remedies.check(epochs());
  }

  private int train(RunFolder run) {
    try (Backend backend = backendChoice.open()) {
      DataSplits data = data();
      Normalize normalize = augment.normalize(data.train(), seed);
      int classes = data.train().classNames().size();
      try (DataLoader loader = trainLoader(data.train(), normalize);
          Model model =
              Model.build(backend, network().create(classes, dropout), loader.imageShape(), seed);
          Optimizer optimizer = learning.create(model.parameters())) {
        network().prepare(model, data.train(), normalize);
        fineTune.apply(model, seed, print);
        if (isToBeChecked() && !isTrainable(data, normalize, loader, model, optimizer)) {
          return 1;
        }
        SavedModel saved =
            new SavedModel(
                network(),
                data.train().classNames(),
                loader.imageShape(),
                normalize,
                dataChoice.kind(),
                dataChoice.folder(),
                dataChoice.skipsDamaged(),
                seed);
        return train(run, data, loader, model, optimizer, saved);
      }
    }
  }

  /** A run that goes on has been checked; one of a search is judged by what it achieves. */
  private boolean isToBeChecked() {
    return !noCheck && !checkpoints.resumes() && watcher == null;
  }

  /** Looks at all that is trained, and says what it finds: a line for each oddity. */
  private boolean isTrainable(
      DataSplits data, Normalize normalize, DataLoader loader, Model model, Optimizer optimizer) {
    try (DataLoader validation = loader(data.validation(), normalize).build()) {
      List<Finding> findings =
          Preflight.examine(
              new Subject(
                  model,
                  augment.loss(data.train()),
                  optimizer,
                  loader,
                  validation,
                  epochs(),
                  seed));
      boolean defect = false;
      for (Finding finding : findings) {
        defect |= finding.isDiagnosis();
        if (finding.isDiagnosis()) {
          FindingText.lines(finding).forEach(spec.commandLine().getErr()::println);
        } else {
          print.println(FindingText.line(finding));
        }
      }
      if (defect) {
        spec.commandLine()
            .getErr()
            .println("Nothing was trained. Repair this first, or train all the same: --no-check");
      }
      print.flush();
      spec.commandLine().getErr().flush();
      return !defect;
    }
  }

  private DataSplits data() {
    DataSplits data = dataChoice.open(seed);
    data = longTail == null ? data : DataChoice.longTailed(data, longTail, seed);
    return limit == null ? data : DataChoice.limited(data, limit, seed);
  }

  private DataLoader trainLoader(Dataset train, Normalize normalize) {
    Dataset dataset = augment.dataset(train, seed);
    DataLoader.Builder loader =
        DataLoader.of(dataset).batchSize(batch).workers(dataChoice.workers());
    return augment.apply(loader, dataset, batch, seed).transform(normalize).build();
  }

  private int train(
      RunFolder run,
      DataSplits data,
      DataLoader loader,
      Model model,
      Optimizer optimizer,
      SavedModel saved) {
    heading(run, data, model);
    Loss loss = augment.loss(data.train());
    try (WeightAverage average = remedies.average(model)) {
      Trainer trainer = trainer(run, model, loss, optimizer, average, saved);
      TimeLimit limit = new TimeLimit(trainer, remedies.secondsAllowed());
      trainer.listener(limit);
      if (checkpoints.resumes()) {
        run.clearJudgement();
      } else {
        run.clear();
      }
      record(model, data, RunOutcome.RUNNING).write(run.record());
      TrainingReport report;
      int exitCode;
      try (Interrupts interrupts = interrupts(trainer);
          DataLoader validation = loader(data.validation(), saved.normalize()).build();
          EventFile events = tensorBoard.open(run);
          Dashboard dashboard = dashboards.open(run, print)) {
        if (dashboard != null) {
          trainer.listener(dashboard);
        }
        if (events != null) {
          BufferedImage images = augment.sheet(data.train(), seed).picture();
          TensorBoardChoice.watch(events, trainer, model, configuration(), images);
        }
        augment.pictures(data.train(), seed).write(run.pictures());
        report = trainer.fit(loader, validation, epochs());
        exitCode = interrupts == null ? 0 : interrupts.exitCode();
      } catch (RuntimeException | Error e) {
        recordFailure(run, model, data, e);
        throw e;
      }
      String weights = null;
      if (hasLearned(report)) { // what it ended with need not be what the last epoch left
        saved.save(model, run.weights());
        weights = Sha256.of(run.weights());
      }
      Evaluation test = Evaluation.NONE;
      TestMetrics metrics = new TestMetrics(saved.classes().size());
      if (hasLearned(report) && exitCode == 0 && !stoppedByWatcher(report)) {
        try (DataLoader tests = loader(data.test(), saved.normalize()).build()) {
          test =
              new Evaluator(model, loss)
                  .testTimeAugmentation(views.of(saved.input()))
                  .evaluate(tests, metrics);
        }
      }
      record(model, data, RunOutcome.of(report, test, weights)).write(run.record());
      if (metrics.isComplete()) {
        new TestRecord(data.test(), test, metrics).write(run.test());
      }
      run.report().write(run.page());
      ending(run, report, test, views.label(saved.input()), limit);
      return exitCode;
    }
  }

  /** What Ctrl-C does; who watches the run decides that itself. */
  private Interrupts interrupts(Trainer trainer) {
    return watcher == null ? new Interrupts(trainer::stop, spec.commandLine().getErr()) : null;
  }

  private Trainer trainer(
      RunFolder run,
      Model model,
      Loss loss,
      Optimizer optimizer,
      WeightAverage average,
      SavedModel saved) {
    Trainer trainer =
        new Trainer(model, loss, optimizer)
            .seed(seed)
            .schedule(schedule.schedule(epochs()))
            .listener(progress.listener(spec.commandLine().getOut()))
            .listener(new MetricsCsv(run.metrics()))
            .listener(new MetricsJsonl(run.metricLines()))
            .listener(
                new TrainingListener() {
                  @Override
                  public void onEpoch(EpochReport epoch) {
                    saved.save(model, run.weights());
                  }
                });
    if (watcher != null) {
      trainer.listener(watcher.apply(trainer));
    }
    remedies.apply(trainer, average);
    checkpoints.apply(trainer, run);
    return trainer;
  }

  /** Whether the weights are worth keeping: all but those a NaN has reached. */
  private static boolean hasLearned(TrainingReport report) {
    return switch (report.reason()) {
      case COMPLETED, EARLY_STOPPING, REQUESTED -> true;
      case NON_FINITE_LOSS, NON_FINITE_GRADIENT -> false;
    };
  }

  private boolean stoppedByWatcher(TrainingReport report) {
    return watcher != null && report.reason() == StopReason.REQUESTED;
  }

  private DataLoader.Builder loader(Dataset dataset, Normalize normalize) {
    return DataLoader.of(dataset)
        .batchSize(batch)
        .workers(dataChoice.workers())
        .transform(normalize);
  }

  /** Says what ended a run; one without an epoch leaves nothing. */
  private void recordFailure(RunFolder run, Model model, DataSplits data, Throwable cause) {
    try {
      if (Files.exists(run.metrics())) {
        record(model, data, RunOutcome.failed(cause.toString())).write(run.record());
      } else {
        Files.deleteIfExists(run.record());
        Files.deleteIfExists(run.pictures());
      }
    } catch (IOException | RuntimeException another) { // such as a full disk, which is the cause
      cause.addSuppressed(another);
    }
  }

  private RunRecord record(Model model, DataSplits data, RunOutcome outcome) {
    double wallSeconds = Duration.between(started, Instant.now()).toNanos() * 1e-9;
    return new RunRecord(
        spec.root().commandLine().getParseResult().expandedArgs(),
        configuration(),
        seed,
        model.backend().describe(),
        model.summary(),
        Versions.all(),
        data,
        outcome,
        started,
        wallSeconds);
  }

  /** Every setting that the result depends on. */
  private Map<String, Object> configuration() {
    Map<String, Object> configuration = new LinkedHashMap<>();
    dataChoice.describe(configuration);
    configuration.put("limit", limit);
    configuration.put("long_tail", longTail);
    configuration.put("model", network().toString());
    configuration.put("dropout", dropout);
    configuration.put("epochs", epochs());
    configuration.put("batch", batch);
    augment.describe(configuration);
    learning.describe(configuration);
    schedule.describe(configuration);
    remedies.describe(configuration);
    fineTune.describe(configuration);
    views.describe(configuration);
    configuration.put("threads", backendChoice.threads());
    return configuration;
  }

  private void heading(RunFolder run, DataSplits data, Model model) {
    line(
        "%s, %,d parameters, on %s: %,d images to train, %,d to validate, %,d to test; %d classes",
        network(),
        model.parameters().count(),
        dataChoice.kind(),
        data.train().size(),
        data.validation().size(),
        data.test().size(),
        data.train().classNames().size());
    line("%s", model.backend().describe());
    line("Results go to %s", run.path());
  }

  private void ending(
      RunFolder run, TrainingReport report, Evaluation test, String label, TimeLimit limit) {
    line("%n%s", EpochTable.of(report.epochs()));
    if (!hasLearned(report)) {
      throw new GradusException(
          "Stopped in epoch "
              + (report.epochs().size() + 1)
              + ": "
              + report.reason().sentence()
              + ". What there is lies in "
              + run.path()
              + "; open "
              + run.page()
              + " to look at it.");
    }
    if (report.reason() == StopReason.EARLY_STOPPING) {
      line("Stopped early: %s.", report.reason().sentence());
    }
    if (report.bestEpoch() > 0) {
      line("The weights are those of epoch %d, the best.", report.bestEpoch());
    }
    if (limit.reached()) {
      line("Stopped after %,d steps, when the time was up.", report.steps());
    }
    if (test.examples() == 0) {
      line(
          "Stopped on request after %,d steps. The model is saved, but not tested.%s",
          report.steps(), checkpoints.hint(run));
    } else {
      line(
          "Test accuracy %.2f %%, loss %.4f, on %,d images%s",
          100 * test.accuracy(), test.loss(), test.examples(), label);
      line(
          "Trained %,d steps in %.1f s, %,.0f images/s",
          report.steps(), report.seconds(), report.imagesPerSecond());
    }
    line("Report: %s", run.page());
    line("Saved in %s. Try: ./gradus predict %s IMAGE", run.path(), run.path());
    progress.result(spec.commandLine().getOut(), run, test);
  }

  private void line(String format, Object... values) {
    print.println(String.format(Locale.ROOT, format, values));
    print.flush();
  }

  private Network network() {
    return network != null ? network : dataChoice.kind().network();
  }

  private int epochs() {
    return epochs != null ? epochs : dataChoice.kind().epochs();
  }
}
