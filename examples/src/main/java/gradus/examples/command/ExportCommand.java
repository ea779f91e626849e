package gradus.examples.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.npy.NpyArray;
import gradus.data.npy.Npz;
import gradus.layer.Model;
import gradus.onnx.OnnxExport;
import gradus.predict.ModelCard;
import gradus.weights.SafeTensors;
import gradus.weights.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a trained network in a form that others read. */
@Command(
    name = "export",
    sortOptions = false,
    description = {
      "Writes a trained network as ONNX, for onnxruntime and others.",
      "Or its weights alone, as safetensors (PyTorch) or npz (NumPy)."
    })
final class ExportCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  enum Format {
    ONNX,
    SAFETENSORS,
    NPZ
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN_OR_WEIGHTS", description = "The folder of a run, or a weight file.")
  private Path from;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The file to write; one that is there is replaced.")
  private Path out;

  @Mixin private OwnNetworkChoice own;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "onnx, safetensors or npz. Default: what the name of --out ends with")
  private Format format;

  @Option(
      names = "--fold-batch-norm",
      description = "onnx: put batch norms into the convolutions before them.")
  private boolean foldBatchNorm;

  @Option(
      names = "--with-normalization",
      description =
          "onnx: let the graph scale the pixels, so that it takes values from 0 to 1. Without, what"
              + " to do to them stands in the metadata.")
  private boolean withNormalization;

  @Override
  public Integer call() {
    Format chosen = format != null ? format : byEnding();
    UsageException.unless(
        chosen == Format.ONNX || (!foldBatchNorm && !withNormalization),
        "--fold-batch-norm and --with-normalization are for --format onnx alone.");
    Path source = ModelCard.weights(from);
    requireAnotherFile(source);
    switch (chosen) {
      case ONNX -> onnx();
      case SAFETENSORS -> {
        try (SafeTensors stored = SafeTensors.open(source)) {
          Map<String, Weight> weights = new LinkedHashMap<>();
          stored.names().forEach(name -> weights.put(name, stored.read(name)));
          SafeTensors.write(out, weights, stored.metadata());
        }
      }
      case NPZ -> {
        try (SafeTensors stored = SafeTensors.open(source)) {
          Map<String, NpyArray> arrays = new LinkedHashMap<>();
          for (String name : stored.names()) {
            int[] shape = stored.shape(name).toArray();
            arrays.put(name, NpyArray.of(stored.read(name).values().array(), shape));
          }
          Npz.write(out, arrays);
        }
      }
    }
    spec.commandLine().getOut().println("Wrote " + out);
    return 0;
  }

  private Format byEnding() {
    String name = out.toString().toLowerCase(Locale.ROOT);
    for (Format known : Format.values()) {
      if (name.endsWith("." + Choice.label(known))) {
        return known;
      }
    }
    throw new UsageException(
        "--out "
            + out
            + " ends in none of .onnx, .safetensors and .npz: say what to write with --format.");
  }

  private void requireAnotherFile(Path source) {
    try {
      UsageException.unless(
          !Files.exists(out) || !Files.exists(source) || !Files.isSameFile(out, source),
          "--out " + out + " is the file to export: choose another name.");
    } catch (IOException e) {
      throw new GradusException("Cannot read " + source + ": " + e, e);
    }
  }

  private void onnx() {
    SavedModel saved = own.read(from);
    try (Backend backend = Backends.named("reference"); // nothing is computed
        Model model = saved.load(backend, from)) {
      OnnxExport export =
          OnnxExport.of(model)
              .metadata("model", saved.network().toString())
              .metadata("classes", json(saved.classes()))
              .metadata("mean", json(saved.normalize().mean()))
              .metadata("standard_deviation", json(saved.normalize().standardDeviation()))
              .metadata(
                  "input",
                  withNormalization
                      ? "pixel values from 0 to 1"
                      : "(value - mean) / standard_deviation of pixel values from 0 to 1");
      if (withNormalization) {
        export.normalize(saved.normalize());
      }
      if (foldBatchNorm) {
        export.foldBatchNorm();
      }
      export.write(out);
    }
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Cannot be written as JSON: " + value, e);
    }
  }
}
