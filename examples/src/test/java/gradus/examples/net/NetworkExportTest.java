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

/**
 * Every network gives the same logits in onnxruntime, with batch norms as they are and folded, and
 * folded here.
 */
class NetworkExportTest {
  private static final double TOLERANCE = 1e-4; // of the largest logit

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void foldedAndInOnnxruntimeTheLogitsAreTheSame(Networks network) throws OrtException {
    Shape image =
        switch (network) {
          case LENET -> Shape.of(1, 28, 28);
          case MOBILENET_V2, EFFICIENTNET_B0 -> Shape.of(3, 32, 32); // of which they leave 1 x 1
          default -> Shape.of(3, 16, 16);
        };
    Path plain = folder.resolve("plain.onnx");
    Path folded = folder.resolve("folded.onnx");
    try (Backend backend = TestBackend.open();
        Model model = Model.build(backend, network.create(10), image, 1)) {
      likeTrained(model);
      OnnxExport.of(model).write(plain);
      OnnxExport.of(model).foldBatchNorm().write(folded);
      try (Model foldedHere = model.foldBatchNorms();
          OnnxRuntime asItIs = new OnnxRuntime(plain);
          OnnxRuntime withFolding = new OnnxRuntime(folded)) {
        for (int n : new int[] {1, 32}) {
          Shape batch = image.withBatch(n);
          float[] images = images(batch);
          float[] expected = logits(model, images, batch);
          assertTrue(
              n == 1 || spread(expected, n) > 100 * TOLERANCE,
              () -> network + ": the images hardly matter, " + spread(expected, n));
          assertClose(expected, logits(foldedHere, images, batch), network + " folded here, " + n);
          assertClose(expected, asItIs.run(images, batch.toArray()), network + ", batch " + n);
          assertClose(
              expected, withFolding.run(images, batch.toArray()), network + " folded, " + n);
        }
      }
    }
  }

  /** Scales and shifts are no longer 1 and 0, and the statistics are those of images. */
  private static void likeTrained(Model model) {
    Random random = new Random(7);
    for (Parameter parameter : model.state()) {
      if (parameter.kind() == Parameter.Kind.NORM) {
        float[] values = parameter.read();
        for (int i = 0; i < values.length; i++) {
          values[i] += random.nextFloat() - 0.5f;
        }
        parameter.write(values);
      }
    }
    Shape batch = model.inputShape().withBatch(8);
    for (int i = 0; i < 25; i++) { // until what statistics start from has faded
      try (Pass pass = Pass.training(model.backend())) {
        FloatBuffer images = FloatBuffer.wrap(images(batch));
        model.forward(pass.images(new Batch(batch, images, null)));
      }
    }
  }

  /** Noise of another brightness and contrast in each image: a network averages mere noise away. */
  private static float[] images(Shape batch) {
    float[] values = new float[(int) batch.size()];
    Random random = new Random(values.length);
    int size = values.length / batch.dim(0);
    for (int image = 0; image < batch.dim(0); image++) {
      double brightness = random.nextGaussian();
      double contrast = 2 * random.nextDouble();
      for (int i = image * size; i < (image + 1) * size; i++) {
        values[i] = (float) (brightness + contrast * random.nextGaussian());
      }
    }
    return values;
  }

  private static float[] logits(Model model, float[] images, Shape batch) {
    try (Pass pass = Pass.evaluating(model.backend())) {
      return model.forward(pass.images(new Batch(batch, FloatBuffer.wrap(images), null))).toArray();
    }
  }

  /** How far apart the images are in their first logit, by the largest of all logits. */
  private static double spread(float[] logits, int n) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double largest = 0;
    int classes = logits.length / n;
    for (int i = 0; i < logits.length; i++) {
      largest = Math.max(largest, Math.abs(logits[i]));
      if (i % classes == 0) {
        least = Math.min(least, logits[i]);
        most = Math.max(most, logits[i]);
      }
    }
    return (most - least) / largest;
  }

  private static void assertClose(float[] expected, float[] actual, String what) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
    }
    assertTrue(
        largest > 0.01 && difference <= TOLERANCE * largest,
        what + ": logits up to " + largest + ", difference " + difference);
  }
}
