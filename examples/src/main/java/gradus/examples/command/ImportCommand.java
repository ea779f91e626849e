package gradus.examples.command;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.examples.net.Network;
import gradus.layer.Model;
import gradus.tensor.Shape;
import gradus.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes in weights that were trained elsewhere. */
@Command(
    name = "import",
    sortOptions = false,
    description = {
      "Makes a folder to predict, evaluate, serve, export and fine-tune (train --from) from weights",
      "that PyTorch trained: torch.save(model.state_dict(), FILE), a checkpoint that has these as",
      "state_dict, model_state_dict or model, or a safetensors file.",
      "Names and shapes must be those of --model: torchvision's for resnet18, resnet50,",
      "mobilenet-v2 and efficientnet-b0."
    })
final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The weights, of torch.save or safetensors.")
  private Path file;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      completionCandidates = NetworkName.class,
      required = true,
      description = "Of which network: ${COMPLETION-CANDIDATES}, or the FILE.java of your own.")
  private Network network;

  @Option(
      names = "--class-names",
      paramLabel = "NAME",
      split = ",",
      description = "What the outputs stand for, in their order.")
  private List<String> names;

  @Option(
      names = "--class-file",
      paramLabel = "FILE",
      description = "The same as a text file, a name in each line.")
  private Path namesFile;

  @Option(
      names = "--input",
      paramLabel = "C,H,W",
      split = ",",
      defaultValue = "3,224,224",
      description = "Channels, height and width of an image. Default: ${DEFAULT-VALUE}")
  private List<Integer> input;

  @Option(
      names = "--normalize",
      paramLabel = "NAME",
      defaultValue = "imagenet",
      description =
          "How pixels were scaled: imagenet, cifar10, mnist, fashion-mnist, none."
              + " Default: ${DEFAULT-VALUE}")
  private Normalization normalization;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "The folder to make.")
  private Path out;

  @Override
  public Integer call() {
    UsageException.unless(
        (names == null) != (namesFile == null),
        "The weights do not say what their classes are: give --class-names or --class-file.");
    UsageException.unless(
        input.size() == 3 && input.stream().allMatch(extent -> extent >= 1),
        "--input is "
            + input
            + ", but must be channels, height and width, each at least 1, as in 3,224,224.");
    UsageException.unless(
        normalization != Normalization.AUTO,
        "--normalize auto measures training images, and there are none: name what was used.");
    List<String> classes = classes();
    Path target = out.resolve(SavedModel.FILE);
    UsageException.unless(
        !Files.exists(target), "--out " + out + " already holds a model: choose another folder.");
    Shape image = Shape.of(input.get(0), input.get(1), input.get(2));
    try (Backend backend = Backends.named("reference"); // nothing is computed
        Model model = Model.build(backend, network.create(classes.size()), image, 0)) {
      StateDict.load(model, file);
      SavedModel saved =
          new SavedModel(
              network,
              classes,
              image,
              normalization.of(image.dim(0), "--input"),
              DataKind.FOLDER,
              null,
              false,
              1);
      Files.createDirectories(out);
      saved.save(model, target);
      spec.commandLine()
          .getOut()
          .println(
              String.format(
                  Locale.ROOT,
                  "Imported %,d parameters of %s for images %s and %,d classes into %s.%n"
                      + "Try: ./gradus predict %s IMAGE",
                  model.parameters().count(),
                  network,
                  image,
                  classes.size(),
                  out,
                  out));
    } catch (IOException e) {
      throw new GradusException(
          "Cannot make --out " + out + " (" + e + "). Choose a folder you may write to.", e);
    }
    return 0;
  }

  private List<String> classes() {
    List<String> found = names;
    if (found == null) {
      try {
        found = Files.readAllLines(namesFile).stream().filter(name -> !name.isBlank()).toList();
      } catch (IOException e) {
        throw new GradusException("Cannot read --class-file " + namesFile + " (" + e + ").", e);
      }
    }
    UsageException.unless(
        found.size() >= 2 && found.stream().distinct().count() == found.size(),
        "The names of the classes must be at least 2, and all different; they are " + found + ".");
    return found;
  }
}
