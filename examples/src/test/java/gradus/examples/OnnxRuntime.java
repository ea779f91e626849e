package gradus.examples;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Runs an ONNX file with the runtime that most people use, which also checks it. */
public final class OnnxRuntime implements AutoCloseable {
  private final OrtSession session;

  /** Loads a file. */
  public OnnxRuntime(Path file) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
    }
  }

  /** The logits of a batch. */
  public float[] run(float[] images, int... shape) throws OrtException {
    long[] dims = Arrays.stream(shape).asLongStream().toArray();
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(images), dims);
        OrtSession.Result result = session.run(Map.of("images", input))) {
      OnnxTensor logits = (OnnxTensor) result.get("logits").orElseThrow();
      return logits.getFloatBuffer().array();
    }
  }

  /** The texts stored in the file. */
  public Map<String, String> metadata() throws OrtException {
    return session.getMetadata().getCustomMetadata();
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
