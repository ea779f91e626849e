package gradus.examples.command;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.examples.net.Network;
import gradus.layer.Model;
import gradus.tensor.Shape;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the layers of a network with shapes, parameters and multiply-adds. */
@Command(
    name = "summary",
    description = "Prints the layers of a network: output shapes, parameters, multiply-adds.")
final class SummaryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      completionCandidates = NetworkName.class,
      required = true,
      description = "${COMPLETION-CANDIDATES}, or the FILE.java of your own")
  private Network network;

  @Option(
      names = "--input",
      paramLabel = "C,H,W",
      split = ",",
      defaultValue = "3,32,32",
      description = "Channels, height and width of an image. Default: ${DEFAULT-VALUE}")
  private List<Integer> input;

  @Option(
      names = "--classes",
      paramLabel = "N",
      defaultValue = "10",
      description = "Number of classes. Default: ${DEFAULT-VALUE}")
  private int classes;

  @Override
  public Integer call() {
    UsageException.unless(
        input.size() == 3 && input.stream().allMatch(extent -> extent >= 1),
        "--input is "
            + input
            + ", but must be channels, height and width, each at least 1, as in 3,32,32.");
    UsageException.unless(classes >= 2, "--classes is " + classes + ", but must be at least 2.");
    Shape shape = Shape.of(input.get(0), input.get(1), input.get(2));
    // Shapes and sizes are the same on every backend, and this one needs nothing loaded.
    try (Backend backend = Backends.named("reference");
        Model model = Model.build(backend, network.create(classes), shape, 0)) {
      spec.commandLine().getOut().print(model.summary());
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
