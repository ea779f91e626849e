package gradus.examples.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.examples.OnnxRuntime;
import gradus.examples.TestBackend;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.onnx.OnnxExport;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every network gives the same logits in onnxruntime, with batch norms as they are and folded. */
class NetworkExportTest {
  private static final double TOLERANCE = 1e-4; // of the largest logit

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void onnxruntimeComputesTheSame(Network network) throws OrtException {
    Shape image = network == Network.LENET ? Shape.of(1, 28, 28) : Shape.of(3, 16, 16);
    Path plain = folder.resolve("plain.onnx");
    Path folded = folder.resolve("folded.onnx");
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, network.create(10), image, 1)) {
      likeTrained(model);
      OnnxExport.of(model).write(plain);
      OnnxExport.of(model).foldBatchNorm().write(folded);
      try (OnnxRuntime asItIs = new OnnxRuntime(plain);
          OnnxRuntime withFolding = new OnnxRuntime(folded)) {
        for (int n : new int[] {1, 32}) {
          Shape batch = image.withBatch(n);
          float[] images = images(batch);
          float[] expected = logits(model, images, batch);
          assertClose(expected, asItIs.run(images, batch.toArray()), network + ", batch " + n);
          assertClose(
              expected, withFolding.run(images, batch.toArray()), network + " folded, " + n);
        }
      }
    }
  }

  /** Statistics as a training would leave them: no mean is 0 and no variance 1. */
  private static void likeTrained(Model model) {
    Random random = new Random(7);
    for (Parameter parameter : model.state()) {
      boolean norm = parameter.kind() == Parameter.Kind.NORM;
      if (norm || parameter.kind() == Parameter.Kind.STATISTIC) {
        boolean centre =
            parameter.name().endsWith("running_mean") || parameter.name().endsWith("bias");
        float[] values = new float[(int) parameter.shape().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] =
              centre ? 0.2f * (float) random.nextGaussian() : 0.75f + 0.5f * random.nextFloat();
        }
        parameter.write(values);
      }
    }
  }

  private static float[] images(Shape batch) {
    float[] values = new float[(int) batch.size()];
    Random random = new Random(values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] logits(Model model, float[] images, Shape batch) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      return model.forward(pass.images(new Batch(batch, FloatBuffer.wrap(images), null))).toArray();
    }
  }

  private static void assertClose(float[] expected, float[] actual, String what) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
    }
    System.out.printf(
        "%s: logits up to %.3g, relative difference %.2g%n", what, largest, difference / largest);
    assertTrue(
        largest > 0.01 && difference <= TOLERANCE * largest,
        what + ": logits up to " + largest + ", difference " + difference);
  }
}
