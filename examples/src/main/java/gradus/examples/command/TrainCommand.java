package gradus.examples.command;

import gradus.backend.Backend;
import gradus.dashboard.Dashboard;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.examples.net.Network;
import gradus.examples.progress.ProgressView;
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
import gradus.tensor.Shape;
import gradus.tensorboard.EventFile;
import gradus.train.BestWeights;
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
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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

  @Mixin private SubsetChoice subset;

  @Mixin private NetworkChoice networkChoice;

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

  @Mixin private PrecisionChoice precision;

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

  @Mixin private DoctorChoice doctors;

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

  @Mixin private TrainCheck check;

  private final Instant started = Instant.now();
  private Function<Trainer, TrainingListener> watcher;
  private PrintWriter print;
  private List<Model> copies; // on the devices that do not lead
  private List<String> backends; // of all devices, in words
  private EarlierRun earlier = EarlierRun.none();

  /**
   * Lets a program see the run, and stop it, at Ctrl-C too; a run that it stopped is not tested.
   */
  void watch(Function<Trainer, TrainingListener> value) {
    watcher = value;
  }

  @Override
  public Integer call() {
    print = progress.text(spec.commandLine().getOut());
    fineTune.inherit(dataChoice, networkChoice, augment);
    check();
    if (augment.preview() != null) {
      augment.paintPreview(data().train(), seed);
      print.println(
          "Painted "
              + augment.preview()
              + ": each row a training image, and the same in seven epochs");
      print.flush();
      return 0;
    }
    Path folder =
        out != null ? out : RunFolder.standard(network().label() + "-" + dataChoice.kind());
    RunFolder run = RunFolder.prepare(folder, overwrite || checkpoints.resumes());
    checkpoints.requireResumable(run, print);
    try {
      return train(run);
    } finally {
      run.removeIfUnused();
    }
  }

  private void check() {
    dataChoice.check();
    subset.check();
    networkChoice.check();
    learning.check();
    augment.check();
    schedule.check();
    fineTune.check();
    dashboards.check();
    progress.check();
    checkpoints.check(out != null, overwrite);
    UsageException.unless(epochs() >= 1, "--epochs is " + epochs() + ", but must be at least 1.");
    UsageException.unless(
        batch >= 1, "--batch is " + batch + ", but a step needs at least 1 image; 64 is usual.");
    remedies.check(epochs());
  }

  private int train(RunFolder run) {
    try (Devices devices = backendChoice.openAll()) {
      backends = devices.describe();
      precision.announce(devices.leader(), print);
      DataSplits data = data();
      Normalize normalize = augment.normalize(data.train(), seed);
      int classes = data.train().classNames().size();
      try (DataLoader loader = trainLoader(data.train(), normalize);
          Model model = model(devices.leader(), classes, loader.imageShape());
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
        copies = devices.copies(backend -> model(backend, classes, loader.imageShape()));
        return train(run, data, loader, model, optimizer, saved);
      }
    }
  }

  private Model model(Backend backend, int classes, Shape images) {
    return Model.build(backend, networkChoice.create(dataChoice.kind(), classes), images, seed);
  }

  /** A run that goes on has been checked; one of a search is judged by what it achieves. */
  private boolean isToBeChecked() {
    return check.isOn() && !checkpoints.resumes() && watcher == null;
  }

  private boolean isTrainable(
      DataSplits data, Normalize normalize, DataLoader loader, Model model, Optimizer optimizer) {
    Loss loss = augment.loss(data.train());
    try (DataLoader validation = loader(data.validation(), normalize).build()) {
      return check.passes(
          subject(model, loss, optimizer, loader, validation), print, spec.commandLine().getErr());
    }
  }

  private Subject subject(
      Model model, Loss loss, Optimizer optimizer, DataLoader train, DataLoader validation) {
    return new Subject(
        model, loss, optimizer, train, validation, epochs(), seed, remedies.accumulation());
  }

  private DataSplits data() {
    return subset.apply(dataChoice.open(seed), seed);
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
    RunWords words = new RunWords(print, run, arguments());
    words.heading(network(), dataChoice.kind(), data, model);
    Loss loss = augment.loss(data.train());
    try (WeightAverage average = remedies.average(model)) {
      MetricsJsonl lines = new MetricsJsonl(run.metricLines());
      ProgressView view = progress.view(spec.commandLine().getOut(), arguments());
      Trainer trainer = trainer(run, model, loss, optimizer, average, saved);
      BestWeights best = new BestWeights(model, run.bestWeights()).metadata(saved.metadata());
      remedies.apply(best);
      trainer.listener(best).listener(view).listener(lines);
      TimeLimit limit = new TimeLimit(trainer, remedies.secondsAllowed());
      trainer.listener(limit);
      RunRecord begun = record(model, data, RunOutcome.RUNNING);
      if (checkpoints.resumes()) {
        earlier = EarlierRun.of(run, begun);
        words.changes(earlier.changes());
        run.clearJudgement();
      } else {
        run.clear();
      }
      networkChoice.keepSource(dataChoice.kind(), run.source());
      if (!earlier.isRecorded()) {
        begun.write(run.record());
      }
      trainer
          .listener(earlier)
          .listener(
              new TrainingListener() {
                @Override
                public void onResume(List<EpochReport> epochs) {
                  record(model, data, RunOutcome.RUNNING).write(run.record());
                }
              });
      TrainingReport report;
      RunDoctor doctor = RunDoctor.NONE;
      int exitCode;
      try (Interrupts interrupts = interrupts(trainer);
          DataLoader validation = loader(data.validation(), saved.normalize()).build();
          EventFile events = tensorBoard.open(run);
          Dashboard dashboard = dashboards.open(run, print)) {
        Consumer<Finding> told = lines::onFinding;
        told = told.andThen(view::onFinding);
        if (events != null) {
          BufferedImage images = augment.sheet(data.train(), seed).picture();
          told =
              told.andThen(
                  TensorBoardChoice.watch(events, trainer, model, configuration(), images)
                      ::onFinding);
        }
        doctor =
            watcher != null
                ? RunDoctor.NONE // a search judges its trials itself
                : doctors.watch(
                    trainer,
                    run,
                    subject(model, loss, optimizer, loader, validation),
                    check.findings(),
                    told);
        if (dashboard != null) {
          trainer.listener(dashboard);
        }
        augment.pictures(data.train(), seed).write(run.pictures());
        report = trainer.fit(loader, validation, epochs());
        exitCode = interrupts == null ? 0 : interrupts.exitCode();
      } catch (RuntimeException | Error e) {
        recordFailure(run, model, data, doctor.findings(), e);
        throw e;
      } finally {
        doctor.close();
      }
      String weights = null;
      if (hasLearned(report)) { // what it ended with need not be what the last epoch left
        saved.save(model, run.weights());
        weights = Sha256.of(run.weights());
      }
      RunOutcome outcome =
          RunOutcome.of(report, Evaluation.NONE, weights)
              .withBest(best.kept().orElse(null))
              .withFindings(doctor.findings());
      record(model, data, outcome).write(run.record()); // a test that fails takes nothing away
      Evaluation test = Evaluation.NONE;
      TestMetrics metrics = new TestMetrics(saved.classes().size());
      if (hasLearned(report) && exitCode == 0 && !stoppedByWatcher(report)) {
        try (DataLoader tests = loader(data.test(), saved.normalize()).build()) {
          test =
              new Evaluator(model, loss)
                  .testTimeAugmentation(views.of(saved.input()))
                  .evaluate(tests, metrics);
        }
        record(model, data, outcome.withTest(test)).write(run.record());
      }
      if (metrics.isComplete()) {
        new TestRecord(data.test(), test, metrics).write(run.test());
      }
      run.report().write(run.page());
      words.epochs(report, doctor.cause());
      words.best(best);
      if (!hasLearned(report)) {
        throw words.failure(report, doctor.cause());
      }
      words.ending(
          report,
          test,
          views.label(saved.input()),
          limit.reached(),
          checkpoints.hint(run, report.epochs().size()));
      progress.result(spec.commandLine().getOut(), run, test, doctor.cause());
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
            .replicas(copies)
            .precision(precision.precision())
            .schedule(schedule.schedule(epochs()))
            .listener(new MetricsCsv(run.metrics()))
            .listener(
                new TrainingListener() {
                  @Override
                  public void onJudged(EpochReport epoch) { // with the average, if there is one
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
  private void recordFailure(
      RunFolder run, Model model, DataSplits data, List<Finding> findings, Throwable cause) {
    try {
      if (earlier.putBack()) {
        return;
      }
      if (Files.exists(run.metrics())) {
        RunOutcome outcome = RunOutcome.failed(cause.toString()).withFindings(findings);
        record(model, data, outcome).write(run.record());
      } else {
        Files.deleteIfExists(run.record());
        Files.deleteIfExists(run.pictures());
      }
    } catch (IOException | RuntimeException another) { // such as a full disk, which is the cause
      cause.addSuppressed(another);
    }
  }

  /** Of the whole command line. */
  private List<String> arguments() {
    return spec.root().commandLine().getParseResult().expandedArgs();
  }

  private RunRecord record(Model model, DataSplits data, RunOutcome outcome) {
    double wallSeconds = Duration.between(started, Instant.now()).toNanos() * 1e-9;
    return new RunRecord(
        arguments(),
        earlier.resumptions(),
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
    subset.describe(configuration);
    networkChoice.describe(dataChoice.kind(), configuration);
    configuration.put("epochs", epochs());
    configuration.put("batch", batch);
    precision.describe(configuration);
    augment.describe(configuration);
    learning.describe(configuration);
    schedule.describe(configuration);
    remedies.describe(configuration);
    fineTune.describe(configuration);
    views.describe(configuration);
    doctors.describe(configuration);
    configuration.put("threads", backendChoice.threads());
    if (backends.size() > 1) {
      configuration.put("devices", backends);
    }
    return configuration;
  }

  private Network network() {
    return networkChoice.network(dataChoice.kind());
  }

  private int epochs() {
    return epochs != null ? epochs : dataChoice.kind().epochs();
  }
}
