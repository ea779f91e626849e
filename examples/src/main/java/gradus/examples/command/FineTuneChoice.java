package gradus.examples.command;

import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.weights.StateDict;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;

/** The options about where weights start, and which stay there. */
final class FineTuneChoice {
  @Option(
      names = "--init",
      paramLabel = "NAME",
      defaultValue = "default",
      description =
          "Where weights start: ${COMPLETION-CANDIDATES}. Default: as the network's layers say")
  private InitialWeights initial;

  @Option(
      names = "--from",
      paramLabel = "FILE|RUN",
      description =
          "Start from these weights (safetensors, or of torch.save): those of like name and shape"
              + " are taken, and what does not fit is listed. Network, --normalize, and the data"
              + " with its --image-size are the run's unless other ones are asked for.")
  private Path from;

  @Option(
      names = "--freeze",
      paramLabel = "PATTERN",
      description =
          "Do not train parameters whose whole name fits the regular expression, for example"
              + " \"conv.*\". A batch norm with all of its own frozen keeps its statistics, too, and"
              + " normalises by them.")
  private String freeze;

  /**
   * Takes over what the weights say of their model where nothing else was asked for: they are of no
   * use to another network, and pixels scaled otherwise are another task.
   */
  void inherit(DataChoice data, NetworkChoice network, AugmentChoice augment) {
    if (from == null || !Files.exists(from)) {
      return; // check() refuses what is not there
    }
    SavedModel origin = SavedModel.readIfDescribed(from);
    if (origin != null) {
      data.defaultTo(origin);
      network.defaultTo(origin);
      augment.defaultTo(origin);
    }
  }

  void check() {
    UsageException.unless(
        from == null || Files.exists(from),
        "--from " + from + ": there is no such file or folder of a run.");
    if (freeze != null) {
      try {
        Pattern.compile(freeze);
      } catch (PatternSyntaxException wrong) {
        throw new UsageException(
            "--freeze \"" + freeze + "\" is no regular expression: " + wrong.getDescription());
      }
    }
  }

  /** Loads and freezes as asked, and says what it did. */
  void apply(Model model, long seed, PrintWriter out) {
    initial.apply(model, seed);
    if (from != null) {
      Path file = Files.isDirectory(from) ? from.resolve(SavedModel.FILE) : from;
      out.println(StateDict.loadMatching(model, file));
    }
    if (freeze != null) {
      Pattern pattern = Pattern.compile(freeze);
      List<Parameter> frozen =
          model.parameters().list().stream()
              .filter(p -> pattern.matcher(p.name()).matches())
              .toList();
      UsageException.unless(
          !frozen.isEmpty(),
          "--freeze \""
              + freeze
              + "\" fits no parameter; there are "
              + String.join(", ", model.parameters().list().stream().map(Parameter::name).toList())
              + ".");
      UsageException.unless(
          model.parameters().list().stream().anyMatch(p -> p.isTrainable() && !frozen.contains(p)),
          "--freeze \"" + freeze + "\" leaves nothing to train.");
      frozen.forEach(parameter -> parameter.setFrozen(true));
      out.printf("Frozen: %d of %d parameters%n", frozen.size(), model.parameters().list().size());
    }
    out.flush();
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("init", Choice.label(initial));
    configuration.put("from", from == null ? null : from.toString());
    configuration.put("freeze", freeze);
  }
}
