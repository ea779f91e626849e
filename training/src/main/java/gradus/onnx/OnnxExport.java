package gradus.onnx;

import gradus.GradusException;
import gradus.data.transform.Normalize;
import gradus.files.AtomicFile;
import gradus.layer.Model;
import gradus.protobuf.ProtoMessage;
import gradus.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a model as <a href="https://onnx.ai">ONNX</a> (opset 17), for runtimes such as
 * onnxruntime: input {@code images [N,C,H,W]}, output {@code logits [N,classes]}, both float32, any
 * N. Weights keep their names.
 *
 * <pre>{@code
 * OnnxExport.of(model).normalize(normalize).write(Path.of("model.onnx"));
 * }</pre>
 *
 * <p>A layer of your own must override {@link gradus.layer.Layer#export}.
 */
public final class OnnxExport {
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  /** Protocol buffers end at 2 GiB; this leaves room for what is no weight. */
  private static final long MAX_WEIGHT_BYTES = Integer.MAX_VALUE - (64L << 20);

  private final Model model;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private Normalize normalize;
  private boolean foldBatchNorm;

  private OnnxExport(Model model) {
    this.model = model;
  }

  /** An export of the model as it is when it is written. */
  public static OnnxExport of(Model model) {
    return new OnnxExport(model);
  }

  /**
   * Puts the normalisation into the graph, which then takes images with values from 0 to 1; by
   * default it takes normalised ones.
   *
   * @throws GradusException if it has numbers for another number of channels than the model
   */
  public OnnxExport normalize(Normalize value) {
    int channels = model.inputShape().dim(0);
    if (value.mean().length != channels) {
      throw new GradusException(
          "The model takes images of "
              + channels
              + " channel(s), but "
              + value
              + " is for "
              + value.mean().length
              + ".");
    }
    normalize = value;
    return this;
  }

  /**
   * Puts every batch norm that stands behind a convolution into its weights. Results then differ by
   * rounding.
   */
  public OnnxExport foldBatchNorm() {
    foldBatchNorm = true;
    return this;
  }

  /** A text to store in the file, such as the names of the classes. */
  public OnnxExport metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Writes the file, which appears whole or not at all.
   *
   * @throws GradusException if a layer cannot be exported, or the file not be written
   */
  public void write(Path file) {
    OnnxGraph graph = new OnnxGraph();
    String images = OnnxGraph.INPUT;
    if (normalize != null) {
      images = graph.normalize(images, normalize.mean(), normalize.standardDeviation());
    }
    graph.end(model.export(graph, images));
    if (foldBatchNorm) {
      BatchNormFolding.apply(graph);
    }
    long bytes = graph.constants().values().stream().mapToLong(OnnxTensor::bytes).sum();
    if (bytes > MAX_WEIGHT_BYTES) {
      throw new GradusException(
          "The weights of the model have "
              + bytes
              + " bytes, but an ONNX file holds less than 2 GiB: export them as safetensors.");
    }
    ProtoMessage message = message(graph);
    try {
      AtomicFile.write(
          file,
          channel -> {
            OutputStream out = Channels.newOutputStream(channel);
            message.writeTo(out);
            out.flush();
          });
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write " + file + " (" + e + "). Is there room, and may you write there?", e);
    }
  }

  /** As a ModelProto. */
  private ProtoMessage message(OnnxGraph graph) {
    ProtoMessage body = new ProtoMessage();
    graph.nodes().forEach(node -> body.message(1, node.message()));
    body.text(2, "gradus");
    graph.constants().values().forEach(constant -> body.message(5, constant.message()));
    body.message(11, value(OnnxGraph.INPUT, model.inputShape()));
    body.message(12, value(OnnxGraph.OUTPUT, model.outputShape()));
    ProtoMessage message =
        new ProtoMessage()
            .int64(1, IR_VERSION)
            .text(2, "Gradus")
            .message(7, body)
            .message(8, new ProtoMessage().text(1, "").int64(2, OPSET));
    metadata.forEach(
        (key, value) -> message.message(14, new ProtoMessage().text(1, key).text(2, value)));
    return message;
  }

  /** A ValueInfoProto for batches of any size. */
  private static ProtoMessage value(String name, Shape ofExample) {
    ProtoMessage shape = new ProtoMessage().message(1, new ProtoMessage().text(2, "N"));
    for (int extent : ofExample.toArray()) {
      shape.message(1, new ProtoMessage().int64(1, extent));
    }
    ProtoMessage tensor = new ProtoMessage().int64(1, OnnxTensor.FLOAT).message(2, shape);
    return new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, tensor));
  }
}
