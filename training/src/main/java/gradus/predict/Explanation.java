package gradus.predict;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.image.Image;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.AvgPool2d;
import gradus.layer.GlobalMaxPool2d;
import gradus.layer.Layer;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.tensor.Batch;
import gradus.tensor.Shape;

/**
 * Which parts of an image speak for a class.
 *
 * <p><em>Grad-CAM</em> (Selvaraju et al. 2017, arXiv:1610.02391), on the last feature map {@code
 * A[k]} that has more than one pixel and is not a pool's: {@code relu(sum over k of a[k] A[k])},
 * where {@code a[k]} is the mean over the pixels of {@code d logit / d A[k]}, scaled up to the
 * image. <em>Saliency</em> (Simonyan et al. 2013, arXiv:1312.6034): the largest {@code |d logit / d
 * x|} over the channels of each pixel.
 *
 * @param label of the class
 * @param image what the model saw, before it was normalised
 * @param gradCam {@code [1,H,W]}, from 0 to 1, the largest value; all 0 if nothing speaks for it
 * @param saliency {@code [1,H,W]}, likewise
 */
public record Explanation(String label, Image image, Image gradCam, Image saliency) {
  static Explanation of(Model model, ModelCard card, Image image, Batch batch, int classNumber) {
    try (Pass pass = Pass.explaining(model.backend())) {
      Tensor input = pass.images(batch).requireGradient();
      Track track = new Track();
      Tensor logits = track.follow(model.root(), input);
      if (track.featureMap == null) {
        throw new GradusException(
            "Grad-CAM needs the output of a convolution that has more than one pixel, and finds none:"
                + " build the network as a Sequential of its layers, not as one layer of your own.");
      }
      float[] activations = track.featureMap.retainGradient().toArray();
      float[] direction = new float[card.classes().size()];
      direction[classNumber] = 1;
      pass.backward(logits, direction);
      int height = image.height();
      int width = image.width();
      Image coarse =
          gradCam(activations, track.featureMap.gradientArray(), track.featureMap.shape());
      float[] saliency = largestOfChannels(input.gradientArray(), image.channels());
      return new Explanation(
          card.classes().get(classNumber),
          image,
          Heat.of(Heat.enlarge(coarse, height, width), height, width),
          Heat.of(saliency, height, width));
    }
  }

  /** Runs layers one by one and remembers the last feature map. */
  private static final class Track {
    private Tensor featureMap;

    Tensor follow(Layer layer, Tensor x) {
      if (layer instanceof Sequential sequence) {
        Tensor y = x;
        for (Layer each : sequence.layers()) {
          y = follow(each, y);
        }
        return y;
      }
      Tensor y = layer.forward(x);
      Shape shape = y.shape();
      if (y != x && shape.rank() == 4 && shape.dim(2) * shape.dim(3) > 1 && !isPool(layer)) {
        featureMap = y;
      }
      return y;
    }

    /** A pool only takes the detail from the map before it. */
    private static boolean isPool(Layer layer) {
      return layer instanceof MaxPool2d
          || layer instanceof AvgPool2d
          || layer instanceof AdaptiveAvgPool2d
          || layer instanceof GlobalMaxPool2d;
    }
  }

  private static Image gradCam(float[] activations, float[] gradients, Shape shape) {
    int pixels = shape.dim(2) * shape.dim(3);
    float[] map = new float[pixels];
    for (int k = 0; k < shape.dim(1); k++) {
      double weight = 0;
      for (int i = 0; i < pixels; i++) {
        weight += gradients[k * pixels + i];
      }
      weight /= pixels;
      for (int i = 0; i < pixels; i++) {
        map[i] += (float) (weight * activations[k * pixels + i]);
      }
    }
    for (int i = 0; i < pixels; i++) {
      map[i] = Math.max(0, map[i]);
    }
    return Image.ofFloats(1, shape.dim(2), shape.dim(3), map);
  }

  private static float[] largestOfChannels(float[] gradient, int channels) {
    int pixels = gradient.length / channels;
    float[] largest = new float[pixels];
    for (int i = 0; i < gradient.length; i++) {
      largest[i % pixels] = Math.max(largest[i % pixels], Math.abs(gradient[i]));
    }
    return largest;
  }
}
