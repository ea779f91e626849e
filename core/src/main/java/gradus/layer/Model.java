package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.tensor.Shape;
import java.util.List;

/**
 * A network with its parameters on a backend. Parameters, gradients and running statistics live
 * until {@link #close}; nothing is added after the build.
 */
public final class Model implements AutoCloseable {
  private final Layer root;
  private final Shape input;
  private final Shape output;
  private final ParameterStore store;
  private final Summary summary;

  private Model(Layer root, Shape input, Shape output, ParameterStore store, Summary summary) {
    this.root = root;
    this.input = input;
    this.output = output;
    this.store = store;
    this.summary = summary;
  }

  /**
   * Infers all shapes from that of one example ({@code [C,H,W]}), allocates the parameters and
   * initialises them.
   *
   * @param seed the same seed gives the same weights on every backend
   * @throws ShapeMismatchException if layers do not fit together
   */
  public static Model build(Backend backend, Layer root, Shape input, long seed) {
    Scope scope = Scope.root();
    Shape output = scope.child("", root, input);
    ParameterStore store = new ParameterStore(backend, scope.parameters());
    store.initialize(seed);
    return new Model(root, input, output, store, new Summary(scope.rows(), input));
  }

  /** The output of the network: {@code [N, ...output]}. */
  public Tensor forward(Tensor images) {
    Shape given = images.shape();
    if (given.rank() != input.rank() + 1 || !given.withoutBatch().equals(input)) {
      throw new GradusException(
          "The model was built for images of shape "
              + input
              + ", but got a batch of shape "
              + given
              + ".");
    }
    if (images.pass().backend() != store.backend()) {
      throw new GradusException(
          "The model lives on the backend "
              + store.backend().name()
              + ", but the images on another one ("
              + images.pass().backend().name()
              + "): open the pass with model.backend().");
    }
    return root.forward(images);
  }

  /**
   * Tells a graph what the network computes from {@code images}, layer by layer, and returns the
   * output.
   *
   * @throws ExportException naming a layer that cannot be exported
   */
  public <V> V export(Graph<V> graph, V images) {
    return root.export(graph, images);
  }

  /**
   * A copy for inference with every batch norm that stands directly behind a convolution or a
   * linear layer put into its weights, and its neighbours fused: {@code w' = w g} and {@code b' =
   * (b - mean) g + beta} with {@code g = gamma / sqrt(var + epsilon)}. Results differ by rounding.
   * The copy keeps the weights of this moment, is for passes that do not train, and is to be closed
   * too.
   *
   * <p>What {@code torch.nn.utils.fusion.fuse_conv_bn_eval} does for one pair, for the whole
   * network.
   *
   * @throws ExportException naming a layer that does not override {@link Layer#export}
   */
  public Model foldBatchNorms() {
    return build(store.backend(), FoldedNetwork.of(this), input, 0);
  }

  /** The shape of one example it was built for. */
  public Shape inputShape() {
    return input;
  }

  /** The shape of the output for one example. */
  public Shape outputShape() {
    return output;
  }

  /** The network. */
  public Layer root() {
    return root;
  }

  /** The backend its parameters live on. */
  public Backend backend() {
    return store.backend();
  }

  /** All parameters that are not statistics, with the flat arrays they lie in. */
  public ParameterStore parameters() {
    return store;
  }

  /**
   * Every named array of the model, statistics included, in the order of the layers: PyTorch's
   * state_dict.
   */
  public List<Parameter> state() {
    return store.state();
  }

  /** Layers, output shapes, parameters and multiply-adds, as a table. */
  public Summary summary() {
    return summary;
  }

  /** Gives the memory of all parameters back. */
  @Override
  public void close() {
    store.close();
  }
}
