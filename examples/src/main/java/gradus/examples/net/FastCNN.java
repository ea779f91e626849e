package gradus.examples.net;

import gradus.autograd.Tensor;
import gradus.data.Dataset;
import gradus.data.PatchWhitening;
import gradus.data.transform.Normalize;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.GELU;
import gradus.layer.GlobalMaxPool2d;
import gradus.layer.Graph;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Scale;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.tensor.Shape;

/**
 * A network that gets far on 32 x 32 images in few epochs: frozen filters that whiten 2 x 2
 * patches, then three blocks of two convolutions with 64, 256 and 256 channels, pooled early, and
 * one linear layer on the maxima. Filters start as the identity, and batch norm learns no scale.
 *
 * <p>After Page's "How to train your ResNet" and Jordan's airbench94 (arXiv:2404.00498). {@link
 * #prepare} must be called once, before training.
 */
public final class FastCNN {
  private static final double EPSILON_OF_WHITENING = 5e-4;
  private static final int WHITENING = 2;
  private static final int IMAGES_TO_WHITEN = 5_000;

  private FastCNN() {}

  /** The network, with a logit for each class. */
  public static Layer create(int classes) {
    return new Sequential()
        .add("whiten", new PatchFilters())
        .add("gelu", new GELU())
        .add("block1", block(64))
        .add("block2", block(256))
        .add("block3", block(256))
        .add("maxpool", new GlobalMaxPool2d())
        .add("fc", new Linear(classes).withoutBias())
        .add("scale", new Scale(1.0 / 9));
  }

  /** Measures the whitening filters on training images, and freezes what is not learned. */
  public static void prepare(Model model, Dataset train, Normalize normalize) {
    PatchWhitening whitening =
        PatchWhitening.of(
            train.take(Math.min(train.size(), IMAGES_TO_WHITEN)).images(),
            normalize,
            WHITENING,
            EPSILON_OF_WHITENING);
    for (Parameter parameter : model.state()) {
      if (parameter.name().equals("whiten.weight")) {
        parameter.write(whitening.filters());
        parameter.setFrozen(true);
      } else if (parameter.name().matches(".*norm\\d.weight")) {
        parameter.setFrozen(true);
      }
    }
  }

  private static Layer block(int channels) {
    return new Sequential()
        .add("conv1", convolution(channels))
        .add("pool", new MaxPool2d(2))
        .add("norm1", norm())
        .add("gelu1", new GELU())
        .add("conv2", convolution(channels))
        .add("norm2", norm())
        .add("gelu2", new GELU());
  }

  private static Layer convolution(int channels) {
    return new Conv2d(channels, 3)
        .padding(1)
        .withoutBias()
        .weights(Initializer.dirac(Initializer.standard()));
  }

  private static Layer norm() {
    return new BatchNorm2d();
  }

  /** As many filters as patches have dimensions, with both signs. */
  private static final class PatchFilters extends Layer {
    private Conv2d convolution;

    @Override
    protected Shape build(Scope scope, Shape input) {
      convolution = new Conv2d(2 * input.dim(0) * WHITENING * WHITENING, WHITENING);
      return scope.child("", convolution, input);
    }

    @Override
    public Tensor forward(Tensor x) {
      return convolution.forward(x);
    }

    @Override
    public <V> V export(Graph<V> graph, V x) {
      return convolution.export(graph, x);
    }
  }
}
