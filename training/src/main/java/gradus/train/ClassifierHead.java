package gradus.train;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Epoch;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Sequential;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The last layer of a trained model as a model of its own, to be trained further on the features
 * before it while the rest stays: the second stage of decoupled training (Kang and others,
 * arXiv:1910.09217). With {@code Smote.of(head.features(loader), seed)} this is SMOTE on features,
 * where the points between two images of a class are likelier to be of that class than between
 * their pixels.
 *
 * <pre>{@code
 * try (ClassifierHead head = ClassifierHead.of(model)) {
 *   Dataset balanced = Smote.of(head.features(trainLoader), seed);
 *   ... train head.model() on balanced ...
 *   head.apply();
 * }
 * }</pre>
 */
public final class ClassifierHead implements AutoCloseable {
  private final Model whole;
  private final Sequential layers;
  private final Model head;
  private final List<Parameter> own;

  private ClassifierHead(Model whole, Sequential layers, Model head, List<Parameter> own) {
    this.whole = whole;
    this.layers = layers;
    this.head = head;
    this.own = own;
  }

  /**
   * The head of a {@link Sequential} whose last layer is {@link Linear}, with its weights now.
   *
   * @throws GradusException for other models
   */
  public static ClassifierHead of(Model model) {
    if (!(model.root() instanceof Sequential layers)
        || !(layers.last() instanceof Linear)
        || model.outputShape().rank() != 1) {
      throw new GradusException(
          "ClassifierHead takes a model that is a Sequential with a Linear as its last layer, but"
              + " its root is a "
              + model.root().getClass().getSimpleName()
              + ": build the network that way.");
    }
    // The last layer is built last: its weight, and its bias if it has one, end the list.
    List<Parameter> all = model.parameters().state();
    boolean hasBias = all.get(all.size() - 1).kind() == Parameter.Kind.BIAS;
    List<Parameter> own = all.subList(all.size() - (hasBias ? 2 : 1), all.size());
    int outputs = model.outputShape().dim(0);
    int features = own.get(0).shape().dim(1);
    Linear linear = hasBias ? new Linear(outputs) : new Linear(outputs).withoutBias();
    Model head = Model.build(model.backend(), new Sequential(linear), Shape.of(features, 1, 1), 0);
    ClassifierHead result = new ClassifierHead(model, layers, head, own);
    copy(own, head.parameters().state());
    return result;
  }

  /** What is to be trained: {@code [N,features,1,1]} to {@code [N,classes]}. */
  public Model model() {
    return head;
  }

  /**
   * The features of one epoch of a loader, in memory: what the model hands its last layer, in
   * evaluation mode. Give it a loader of the training split.
   */
  public Dataset features(DataLoader loader) {
    int width = head.inputShape().dim(0);
    List<float[]> features = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    try (Epoch batches = loader.epoch(0)) {
      for (Batch batch : batches) {
        try (Pass pass = Pass.evaluating(whole.backend())) {
          float[] values = layers.features(pass.images(batch)).toArray();
          for (int i = 0; i < batch.size(); i++) {
            features.add(Arrays.copyOfRange(values, i * width, (i + 1) * width));
            labels.add(batch.labels().get(i));
          }
        }
      }
    }
    return new FeatureDataset(loader.dataset(), features, labels);
  }

  /** Gives the whole model the weights the head has now. */
  public void apply() {
    copy(head.parameters().state(), own);
  }

  private static void copy(List<Parameter> from, List<Parameter> to) {
    for (int i = 0; i < from.size(); i++) {
      to.get(i).write(from.get(i).read());
    }
  }

  /** Closes the head; the whole model stays open. */
  @Override
  public void close() {
    head.close();
  }
}
