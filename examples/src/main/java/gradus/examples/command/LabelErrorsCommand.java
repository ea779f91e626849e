package gradus.examples.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.StratifiedSplit;
import gradus.data.transform.Normalize;
import gradus.doctor.labels.ConfidentLearning;
import gradus.doctor.labels.LabelIssue;
import gradus.doctor.labels.OutOfFold;
import gradus.examples.net.Network;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Predictions;
import gradus.optim.Optimizer;
import gradus.report.Thumbnail;
import gradus.schedule.Schedule;
import gradus.train.Evaluation;
import gradus.train.Evaluator;
import gradus.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists training images whose labels are likely to be wrong. */
@Command(
    name = "label-errors",
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Finds training images that are likely to have a wrong label, by confident learning: trains a",
      "network for each fold on the others, and asks which labels it confidently disagrees with.",
      "Leaves label-errors.csv and label-errors.html, the images, in the folder --out."
    })
final class LabelErrorsCommand implements Callable<Integer> {
  private static final int SHOWN = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec;

  @Mixin private DataChoice dataChoice;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Only N of the training images, every class in its share.")
  private Integer limit;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      completionCandidates = NetworkName.class,
      description =
          "${COMPLETION-CANDIDATES}, or the FILE.java of your own. Default: lenet for mnist, else deepercnn")
  private Network network;

  @Option(
      names = "--folds",
      paramLabel = "K",
      defaultValue = "4",
      description = "How many parts, and networks, from 2. Default: ${DEFAULT-VALUE}")
  private int folds;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Of each network. Default: 5 for builtin and mnist, else 10")
  private Integer epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a step. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Mixin private LearningChoice learning;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "List the N most confident ones only. Default: all that are estimated")
  private Integer top;

  @Option(
      names = "--wrong-labels",
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "For experiments: make so many labels wrong first, such as 0.1, and say how many of them"
              + " are found.")
  private double wrongLabels;

  @Option(
      names = "--wrong-kind",
      paramLabel = "NAME",
      defaultValue = "symmetric",
      description =
          "Of --wrong-labels: symmetric (any other class) or asymmetric (the next class). Default:"
              + " ${DEFAULT-VALUE}")
  private WrongLabels.Kind wrongKind;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of weights, order and folds. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the list and the images go.")
  private Path out;

  private PrintWriter print;

  @Override
  public Integer call() {
    print = spec.commandLine().getOut();
    check();
    Dataset train = dataChoice.open(seed).train();
    train = limit == null ? train : StratifiedSplit.take(train, limit, seed);
    WrongLabels wrong =
        wrongLabels > 0 ? new WrongLabels(train, wrongLabels, wrongKind, seed) : null;
    Dataset data = wrong == null ? train : wrong;
    try (Backend backend = backendChoice.open()) {
      Predictions predictions =
          OutOfFold.predict(
              data,
              folds,
              seed,
              (fold, rest, held, into) -> predict(backend, fold, rest, held, into));
      ConfidentLearning learned = ConfidentLearning.of(predictions);
      List<LabelIssue> issues = learned.issues();
      List<LabelIssue> listed =
          top == null ? issues : issues.subList(0, Math.min(top, issues.size()));
      write(data, listed);
      line(
          "%,d of %,d labels are likely to be wrong (estimated %.1f %%); %,d listed in %s",
          issues.size(), data.size(), 100 * learned.noise(), listed.size(), out);
      if (wrong != null) {
        judge(wrong, listed);
      }
    }
    return 0;
  }

  private void check() {
    dataChoice.check();
    learning.check();
    UsageException.unless(
        folds >= 2, "--folds is " + folds + ", but must be at least 2; 4 is usual.");
    UsageException.unless(
        limit == null || limit >= 1, "--limit is " + limit + ", but must be at least 1.");
    UsageException.unless(top == null || top >= 1, "--top is " + top + ", but must be at least 1.");
    UsageException.unless(epochs() >= 1, "--epochs is " + epochs() + ", but must be at least 1.");
    UsageException.unless(
        batch >= 1, "--batch is " + batch + ", but a step needs at least 1 image; 64 is usual.");
    UsageException.unless(
        wrongLabels >= 0 && wrongLabels < 1,
        "--wrong-labels is " + wrongLabels + ", but must be from 0 to below 1; 0.1 is usual.");
  }

  private int epochs() {
    return epochs != null ? epochs : dataChoice.kind().epochs();
  }

  private void predict(
      Backend backend, int fold, Dataset rest, Dataset held, Predictions predictions) {
    Network chosen = network != null ? network : dataChoice.kind().network();
    Normalize normalize = Normalization.AUTO.of(rest, seed);
    long foldSeed = seed + fold;
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (DataLoader train =
            DataLoader.of(rest)
                .batchSize(batch)
                .workers(dataChoice.workers())
                .shuffle(foldSeed)
                .transform(normalize)
                .build();
        DataLoader heldOut =
            DataLoader.of(held)
                .batchSize(batch)
                .workers(dataChoice.workers())
                .transform(normalize)
                .build();
        Model model =
            Model.build(
                backend, chosen.create(rest.classNames().size()), train.imageShape(), foldSeed);
        Optimizer optimizer = learning.create(model.parameters())) {
      chosen.prepare(model, rest, normalize);
      new Trainer(model, loss, optimizer)
          .seed(foldSeed)
          .schedule(Schedule.cosine(epochs()))
          .fit(train, null, epochs());
      Evaluation evaluation = new Evaluator(model, loss).evaluate(heldOut, predictions);
      line(
          "Fold %d of %d: %.1f %% of %,d labels held out are as predicted",
          fold + 1, folds, 100 * evaluation.accuracy(), held.size());
    }
  }

  private void judge(WrongLabels wrong, List<LabelIssue> listed) {
    long found = listed.stream().filter(issue -> wrong.isWrong(issue.index())).count();
    line(
        "Of %,d labels made wrong %,d are listed: precision %.3f, recall %.3f",
        wrong.wrong(),
        found,
        listed.isEmpty() ? 0 : (double) found / listed.size(),
        wrong.wrong() == 0 ? 0 : (double) found / wrong.wrong());
  }

  private void write(Dataset data, List<LabelIssue> issues) {
    StringBuilder csv = new StringBuilder("index,file,given,suggested,confidence\n");
    for (LabelIssue issue : issues) {
      csv.append(
              CSVFormat.RFC4180.format(
                  issue.index(),
                  file(data, issue.index()),
                  data.classNames().get(issue.given()),
                  data.classNames().get(issue.suggested()),
                  String.format(Locale.ROOT, "%.4f", issue.confidence())))
          .append('\n');
    }
    try {
      Files.createDirectories(out);
      Files.writeString(out.resolve("label-errors.csv"), csv);
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write into " + out + " (" + e + "): choose another --out.", e);
    }
    HtmlOption.write(out.resolve("label-errors.html"), "label-errors", page(data, issues));
  }

  private static String file(Dataset data, int index) {
    Path file = data.file(index);
    return file == null ? data.describe(index) : file.toString();
  }

  private static ObjectNode page(Dataset data, List<LabelIssue> issues) {
    ObjectNode root = JSON.createObjectNode();
    root.put("name", data.name()).put("images", data.size()).put("issues", issues.size());
    ArrayNode rows = root.putArray("shown");
    for (LabelIssue issue : issues.subList(0, Math.min(SHOWN, issues.size()))) {
      rows.addObject()
          .put("index", issue.index())
          .put("file", file(data, issue.index()))
          .put("given", data.classNames().get(issue.given()))
          .put("suggested", data.classNames().get(issue.suggested()))
          .put("confidence", issue.confidence())
          .put("image", Thumbnail.dataUri(data.get(issue.index()).image()));
    }
    return root;
  }

  private void line(String format, Object... values) {
    print.println(String.format(Locale.ROOT, format, values));
    print.flush();
  }
}
