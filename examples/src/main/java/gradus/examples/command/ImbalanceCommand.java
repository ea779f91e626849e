package gradus.examples.command;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.data.Epoch;
import gradus.data.Smote;
import gradus.data.StratifiedSplit;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import gradus.examples.net.Network;
import gradus.examples.progress.ProgressBars;
import gradus.examples.progress.Terminal;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.metric.ConfusionMatrix;
import gradus.optim.Optimizer;
import gradus.schedule.Schedule;
import gradus.train.ClassifierHead;
import gradus.train.Evaluator;
import gradus.train.StepReport;
import gradus.train.StopReason;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares the remedies for classes of unequal size with each other, by training with each. */
@Command(
    name = "imbalance",
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Makes the training images long-tailed, trains once with each remedy, and prints one table.",
      "Every run has the same number of steps and the same initial weights; the test part stays"
          + " balanced."
    })
final class ImbalanceCommand implements Callable<Integer> {
  private static final int NORMALIZE_SAMPLE = 1_000;

  @Spec private CommandSpec spec;

  @Mixin private DataChoice dataChoice;

  @Option(
      names = "--factor",
      paramLabel = "F",
      defaultValue = "50",
      description =
          "The last class has one in F of the training images of the first."
              + " Default: ${DEFAULT-VALUE}")
  private double factor;

  @Option(
      names = "--remedies",
      paramLabel = "NAMES",
      split = ",",
      description = "Which, separated by commas: ${COMPLETION-CANDIDATES}. Default: all")
  private List<Remedy> remedies = List.of(Remedy.values());

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Only N training images, before the tail is cut, and N test images.")
  private Integer limit;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      completionCandidates = NetworkName.class,
      description =
          "${COMPLETION-CANDIDATES}, or the FILE.java of your own. Default: lenet for mnist, else deepercnn")
  private Network network;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Steps of every run, in epochs of the long-tailed images."
              + " Default: 5 for builtin and mnist, else 10")
  private Integer epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a step. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--augment",
      description = "Also crop and flip training images by chance (train --augment cifar).")
  private boolean augment;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description =
          "A run for each, separated by commas: weights, order, split and tail."
              + " Default: ${DEFAULT-VALUE}")
  private List<Long> seeds;

  @Mixin private LearningChoice learning;

  @Mixin private ScheduleChoice schedules;

  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where imbalance.md and imbalance.csv go. Default: runs/imbalance-DATA-TIME")
  private Path out;

  private PrintWriter print;

  @Override
  public Integer call() {
    print = spec.commandLine().getOut();
    check();
    Path folder = out != null ? out : RunFolder.standard("imbalance-" + dataChoice.kind());
    try (Backend backend = backendChoice.open()) {
      ImbalanceTable table = null;
      int done = 0;
      for (long seed : seeds) {
        DataSplits data = data(seed);
        int[] minority = minority(data.train());
        if (table == null) {
          table = new ImbalanceTable(title(data, minority));
          line("%s", title(data, minority));
        }
        for (Remedy remedy : remedies) {
          line("[%d/%d] %s, seed %d", ++done, seeds.size() * remedies.size(), remedy, seed);
          ImbalanceTable.Run run = run(backend, data, remedy, seed, minority);
          table.add(run);
          table.write(folder);
          line(
              "  minority recall %.2f %%, macro-F1 %.2f %%, accuracy %.2f %%, %d steps in %.1f s",
              100 * run.minorityRecall(),
              100 * run.macroF1(),
              100 * run.accuracy(),
              run.steps(),
              run.seconds());
        }
      }
      line("%n%s", table.markdown());
      line("Written to %s and imbalance.csv beside it", folder.resolve("imbalance.md"));
    }
    return 0;
  }

  private void check() {
    dataChoice.check();
    learning.check();
    schedules.check();
    UsageException.unless(
        factor >= 1 && factor < 1e6, "--factor is " + factor + ", but must be at least 1.");
    UsageException.unless(
        limit == null || limit >= 1, "--limit is " + limit + ", but must be at least 1.");
    UsageException.unless(epochs() >= 1, "--epochs is " + epochs() + ", but must be at least 1.");
    UsageException.unless(batch >= 1, "--batch is " + batch + ", but must be at least 1.");
  }

  private DataSplits data(long seed) {
    DataSplits data = dataChoice.open(seed);
    if (limit != null) {
      data = DataChoice.limited(data, limit, seed);
      Dataset test = StratifiedSplit.take(data.test(), limit, seed);
      data = new DataSplits(data.train(), data.validation(), test);
    }
    return DataChoice.longTailed(data, factor, seed);
  }

  /** The third of the classes with the fewest training images, at least one class. */
  private static int[] minority(Dataset train) {
    int[] counts = train.classCounts();
    return IntStream.range(0, counts.length)
        .boxed()
        .sorted(Comparator.comparingInt(c -> counts[c]))
        .limit(Math.max(1, counts.length / 3))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private String title(DataSplits data, int[] minority) {
    return String.format(
        Locale.ROOT,
        "%s on %s, long-tailed with factor %s: %,d training images %s, %d epochs of batch %d%s;"
            + " judged on %,d test images; minority: %s",
        network(),
        dataChoice.kind(),
        factor,
        data.train().size(),
        Arrays.toString(data.train().classCounts()),
        epochs(),
        batch,
        augment ? " with crop and flip" : "",
        data.test().size(),
        Arrays.stream(minority).mapToObj(c -> data.train().classNames().get(c)).toList());
  }

  private ImbalanceTable.Run run(
      Backend backend, DataSplits data, Remedy remedy, long seed, int[] minority) {
    Dataset train = data.train();
    Normalize normalize =
        Normalize.from(StratifiedSplit.take(train, NORMALIZE_SAMPLE, seed).images());
    long steps = (long) epochs() * ((train.size() + batch - 1) / batch);
    try (DataLoader loader = trainLoader(train, remedy, normalize, seed);
        DataLoader test =
            DataLoader.of(data.test())
                .batchSize(batch)
                .workers(dataChoice.workers())
                .transform(normalize)
                .build();
        Model model =
            Model.build(
                backend, network().create(train.classNames().size()), loader.imageShape(), seed);
        Optimizer optimizer = learning.create(model.parameters())) {
      network().prepare(model, train, normalize);
      Loss loss = remedy.loss(train);
      // The head gets a fifth of the steps of the run, so that every remedy has as many.
      long ofHead = remedy == Remedy.FEATURE_SMOTE ? Math.max(1, steps / 5) : 0;
      double seconds = train(remedy, model, loss, optimizer, loader, steps - ofHead, seed);
      if (ofHead > 0) {
        seconds += trainHead(model, train, normalize, ofHead, seed);
      }
      ConfusionMatrix confusion = new ConfusionMatrix(train.classNames().size());
      new Evaluator(model, loss).evaluate(test, confusion);
      return ImbalanceTable.Run.of(remedy, seed, steps, confusion, minority, seconds);
    }
  }

  /** The seconds it took, features and synthetic ones included. */
  private double trainHead(Model model, Dataset train, Normalize normalize, long steps, long seed) {
    long start = System.nanoTime();
    try (ClassifierHead head = ClassifierHead.of(model);
        DataLoader images =
            DataLoader.of(train)
                .batchSize(batch)
                .workers(dataChoice.workers())
                .transform(normalize)
                .build()) {
      Dataset balanced = Smote.of(head.features(images), seed);
      try (DataLoader loader =
              DataLoader.of(balanced)
                  .batchSize(batch)
                  .workers(dataChoice.workers())
                  .shuffle(seed)
                  .build();
          Optimizer optimizer = learning.create(head.model().parameters())) {
        Loss loss = Remedy.FEATURE_SMOTE.loss(train);
        train(Remedy.FEATURE_SMOTE, head.model(), loss, optimizer, loader, steps, seed);
      }
      head.apply();
    }
    return (System.nanoTime() - start) * 1e-9;
  }

  private DataLoader trainLoader(Dataset train, Remedy remedy, Normalize normalize, long seed) {
    Dataset balanced = remedy.balance().dataset(train, seed);
    DataLoader.Builder loader =
        remedy
            .balance()
            .order(
                DataLoader.of(balanced).batchSize(batch).workers(dataChoice.workers()),
                balanced,
                batch,
                seed);
    if (augment) {
      Image example = train.get(0).image();
      loader.transform(
          Augmentation.CROP.usual().transform(example),
          Augmentation.FLIP.usual().transform(example));
    }
    return loader.transform(normalize).build();
  }

  /** Epochs of the remedies differ in length: the budget, and the schedule, go by steps. */
  private double train(
      Remedy remedy,
      Model model,
      Loss loss,
      Optimizer optimizer,
      DataLoader loader,
      long steps,
      long seed) {
    int perEpoch;
    try (Epoch first = loader.epoch(0)) {
      perEpoch = first.batches();
    }
    Schedule schedule = schedules.schedule(epochs());
    double stretch = (double) perEpoch * epochs() / steps;
    Trainer trainer =
        new Trainer(model, loss, optimizer)
            .seed(seed)
            .schedule(epoch -> schedule.factor(epoch * stretch));
    trainer.listener(
        new TrainingListener() {
          private long done;

          @Override
          public void onStep(StepReport step) {
            if (++done == steps) {
              trainer.stop();
            }
          }
        });
    if (Terminal.isInteractive()) {
      trainer.listener(new ProgressBars());
    }
    TrainingReport report =
        trainer.fit(loader, null, Math.toIntExact((steps + perEpoch - 1) / perEpoch));
    if (report.steps() < steps
        || report.reason() == StopReason.NON_FINITE_LOSS
        || report.reason() == StopReason.NON_FINITE_GRADIENT) {
      throw new GradusException(
          remedy
              + ", seed "
              + seed
              + ": stopped after "
              + report.steps()
              + " of "
              + steps
              + " steps: "
              + report.reason().sentence()
              + ". Try a smaller --lr.");
    }
    return report.seconds();
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
