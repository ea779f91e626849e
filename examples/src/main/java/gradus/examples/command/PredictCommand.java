package gradus.examples.command;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.image.ColorMode;
import gradus.data.image.Image;
import gradus.data.image.ImageDecoder;
import gradus.layer.Model;
import gradus.layer.Softmax;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.io.PrintWriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
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
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description = "JPEG, PNG, GIF, BMP or WebP files of any size.")
  private List<Path> pictures;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      required = true,
      description = "The folder of a run, or a weight file.")
  private Path from;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "3",
      description = "How many classes to print. Default: ${DEFAULT-VALUE}")
  private int top;

  @Mixin private BackendChoice backendChoice;

  @Override
  public Integer call() {
    UsageException.unless(top >= 1, "--top is " + top + ", but must be at least 1.");
    SavedModel saved = SavedModel.read(from);
    Shape input = saved.input();
    ColorMode colors = input.dim(0) == 1 ? ColorMode.GRAY : ColorMode.RGB;
    ImageDecoder decoder = new ImageDecoder(colors);
    FitImage fit = new FitImage(input.dim(1), input.dim(2));
    PrintWriter out = spec.commandLine().getOut();
    int failures = 0;
    try (Backend backend = backendChoice.open();
        Model model = saved.load(backend, from)) {
      for (Path picture : pictures) {
        Image decoded;
        try {
          decoded = decoder.decode(picture);
        } catch (GradusException unreadable) { // the others still get their answer
          failures++;
          report(unreadable);
          continue;
        }
        Image image = fit.apply(decoded, new SplittableRandom(0));
        out.println(picture + ":" + best(saved.classes(), probabilities(model, saved, image)));
        out.flush();
      }
    }
    return failures == 0 ? 0 : ErrorMessages.FAILURE;
  }

  private void report(GradusException unreadable) {
    ErrorMessages.print(spec.commandLine(), unreadable.getMessage());
    if (Commands.debug(spec.commandLine())) {
      unreadable.printStackTrace(spec.commandLine().getErr());
    }
  }

  private static float[] probabilities(Model model, SavedModel saved, Image image) {
    Shape shape = saved.input();
    float[] pixels = new float[Math.toIntExact(shape.size())];
    saved.normalize().write(image, pixels, 0);
    Batch batch = new Batch(shape.withBatch(1), FloatBuffer.wrap(pixels), null);
    try (Pass pass = Pass.evaluating(model.backend())) {
      return new Softmax().forward(model.forward(pass.images(batch))).toArray();
    }
  }

  private String best(List<String> classes, float[] probabilities) {
    StringBuilder text = new StringBuilder();
    IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> -probabilities[c]))
        .limit(top)
        .forEach(
            c ->
                text.append(text.length() == 0 ? " " : ", ")
                    .append(classes.get(c))
                    .append(String.format(Locale.ROOT, " %.1f %%", 100 * probabilities[c])));
    return text.toString();
  }
}
