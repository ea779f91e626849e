package gradus.examples.command;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.data.image.Image;
import gradus.examples.progress.PictureBar;
import gradus.predict.Explanation;
import gradus.predict.Prediction;
import gradus.predict.Predictor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Names what is on pictures, with the probabilities a trained model gives. */
@Command(
    name = "predict",
    sortOptions = false,
    description = {
      "Prints the most probable classes of pictures.",
      "A picture that cannot be read is reported, and the exit code is then 1."
    })
final class PredictCommand implements Callable<Integer> {
  /** So many pictures are decoded and predicted together. */
  private static final int TOGETHER = 64;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "PATH",
      arity = "1..*",
      description = {
        "The folder of a run (without --from), and then pictures:",
        "JPEG, PNG, GIF, BMP or WebP files of any size, and folders of them."
      })
  private List<Path> paths;

  @Option(
      names = "--from",
      paramLabel = "RUN",
      description = "The folder of a run, or a weight file. Default: the first PATH.")
  private Path from;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "3",
      description = "How many classes to print. Default: ${DEFAULT-VALUE}")
  private int top;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write a table with all probabilities instead of printing.")
  private Path csv;

  @Option(
      names = "--explain",
      paramLabel = "DIR",
      description = {
        "Draw where the model looked: each picture as it saw it, its Grad-CAM, and its saliency,",
        "as a PNG in this folder."
      })
  private Path explain;

  @Mixin private OwnNetworkChoice own;

  @Mixin private BackendChoice backendChoice;

  private ExplanationFolder drawings;
  private int failures;

  @Override
  public Integer call() {
    UsageException.unless(top >= 1, "--top is " + top + ", but must be at least 1.");
    UsageException.unless(
        from != null || paths.size() > 1,
        "name the folder of a run (as the first PATH, or with --from) and at least one picture.");
    Path run = from == null ? paths.get(0) : from;
    List<Path> pictures = PictureFiles.in(from == null ? paths.subList(1, paths.size()) : paths);
    drawings = explain == null ? null : new ExplanationFolder(explain);
    try (Backend backend = backendChoice.open();
        Predictor predictor = own.read(run).predictor(run, backend).batchSize(TOGETHER)) {
      if (csv == null) {
        predictAll(predictor, pictures, this::print);
      } else {
        write(predictor, pictures);
      }
    }
    return failures == 0 ? 0 : ErrorMessages.FAILURE;
  }

  private void write(Predictor predictor, List<Path> pictures) {
    PredictionTable.write(
        csv,
        predictor.card().classes(),
        table -> {
          try (PictureBar bar = new PictureBar(pictures.size())) {
            predictAll(
                predictor,
                pictures,
                (picture, prediction) -> {
                  table.add(picture, prediction);
                  bar.add(1);
                });
          }
        });
    spec.commandLine()
        .getOut()
        .println(pictures.size() - failures + " predictions written to " + csv);
  }

  private interface Answers {
    void accept(Path picture, Prediction prediction);
  }

  private void predictAll(Predictor predictor, List<Path> pictures, Answers answers) {
    for (int first = 0; first < pictures.size(); first += TOGETHER) {
      List<Path> some = pictures.subList(first, Math.min(pictures.size(), first + TOGETHER));
      List<Decoded> decoded =
          some.parallelStream().map(picture -> Decoded.of(picture, predictor)).toList();
      decoded.stream().filter(each -> each.failure != null).forEach(this::report);
      List<Decoded> whole = decoded.stream().filter(each -> each.failure == null).toList();
      List<Prediction> predictions = predictor.predict(whole.stream().map(Decoded::image).toList());
      for (int i = 0; i < whole.size(); i++) {
        answers.accept(whole.get(i).picture, predictions.get(i));
        if (drawings != null) {
          Explanation explanation =
              predictor.explain(whole.get(i).image, predictions.get(i).classNumber());
          drawings.write(whole.get(i).picture, explanation);
        }
      }
    }
  }

  /** A picture, or why it cannot be read: the others still get their answer. */
  private record Decoded(Path picture, Image image, GradusException failure) {
    static Decoded of(Path picture, Predictor predictor) {
      try {
        return new Decoded(picture, predictor.read(picture), null);
      } catch (GradusException unreadable) {
        return new Decoded(picture, null, unreadable);
      }
    }
  }

  private void report(Decoded unreadable) {
    failures++;
    ErrorMessages.print(spec.commandLine(), unreadable.failure.getMessage());
    if (Commands.debug(spec.commandLine())) {
      unreadable.failure.printStackTrace(spec.commandLine().getErr());
    }
  }

  private void print(Path picture, Prediction prediction) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        prediction.top(top).stream()
            .map(
                each ->
                    each.label() + String.format(Locale.ROOT, " %.1f %%", 100 * each.probability()))
            .collect(Collectors.joining(", ", picture + ": ", "")));
    out.flush();
  }
}
