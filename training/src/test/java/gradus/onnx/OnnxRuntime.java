package gradus.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Runs an ONNX file with the runtime that most people use, which also checks it. */
final class OnnxRuntime implements AutoCloseable {
  private final OrtSession session;

  OnnxRuntime(Path file) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
    }
  }

  /** The logits of a batch. */
  float[] run(float[] images, int... shape) throws OrtException {
    long[] dims = Arrays.stream(shape).asLongStream().toArray();
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(images), dims);
        OrtSession.Result result = session.run(Map.of("images", input))) {
      OnnxTensor logits = (OnnxTensor) result.get("logits").orElseThrow();
      return logits.getFloatBuffer().array();
    }
  }

  /** The extents of a value, -1 for one that may be any. */
  long[] shape(String name) throws OrtException {
    var info =
        name.equals("images")
            ? session.getInputInfo().get(name)
            : session.getOutputInfo().get(name);
    return ((TensorInfo) info.getInfo()).getShape();
  }

  Map<String, String> metadata() throws OrtException {
    return session.getMetadata().getCustomMetadata();
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
