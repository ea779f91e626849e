package gradus.predict;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.image.ColorMode;
import gradus.data.image.Image;
import gradus.data.image.ImageDecoder;
import gradus.data.transform.FitImage;
import gradus.layer.ExportException;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Softmax;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import gradus.weights.StateDict;
import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Says what is on pictures. Pictures of any size are decoded, scaled so that they just cover the
 * model's input, cut to its middle and normalised as in training.
 *
 * <pre>{@code
 * try (Predictor predictor = Predictor.open(Path.of("runs/pets"), (name, n) -> LeNet.create(n))) {
 *   Prediction prediction = predictor.predict(Path.of("new-picture.jpg"));
 *   System.out.println(prediction.label() + " " + prediction.probability());
 * }
 * }</pre>
 *
 * <p>Threads may share it: pictures are decoded on the threads of the callers, and one at a time
 * uses the backend. Nothing else may use that backend meanwhile. The digits of a probability may
 * differ in their last places with the number of images in a batch.
 */
public final class Predictor implements AutoCloseable {
  private static final int DEFAULT_BATCH_SIZE = 64;

  private final Model model;
  private final Model inference;
  private final ModelCard card;
  private final FitImage fit;
  private final Runnable whenClosed;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final Softmax softmax = new Softmax();
  private ImageDecoder decoder;
  private int batchSize = DEFAULT_BATCH_SIZE;
  private float[] pixels = new float[0];
  private volatile long backendBytes;
  private boolean closed;

  private Predictor(Model model, Model inference, ModelCard card, Runnable whenClosed) {
    card.requireFits(model);
    this.model = model;
    this.inference = inference;
    this.card = card;
    this.whenClosed = whenClosed;
    fit = new FitImage(card.input().dim(1), card.input().dim(2));
    decoder = new ImageDecoder(card.input().dim(0) == 1 ? ColorMode.GRAY : ColorMode.RGB);
  }

  /**
   * Uses a model, which stays its owner's to close, later than the predictor. It is asked as it is
   * at each call; give a {@linkplain Model#foldBatchNorms folded} one for speed, which cannot
   * explain.
   *
   * @throws GradusException if the card does not describe the model
   */
  public static Predictor of(Model model, ModelCard card) {
    return new Predictor(model, model, card, () -> {});
  }

  /**
   * Loads the model of a run's folder, or of a weight file with a {@link ModelCard}, on the fastest
   * backend. Batch norms are {@linkplain Model#foldBatchNorms folded}.
   *
   * @throws GradusException if the file cannot be read, or is not of the network
   */
  public static Predictor open(Path from, NetworkFactory networks) {
    Backend backend = Backends.best();
    try {
      return open(from, networks, backend, backend::close);
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  /** The same on a backend, which stays its owner's to close, later than the predictor. */
  public static Predictor open(Path from, NetworkFactory networks, Backend backend) {
    return open(from, networks, backend, () -> {});
  }

  private static Predictor open(
      Path from, NetworkFactory networks, Backend backend, Runnable whenClosed) {
    ModelCard card = ModelCard.read(from);
    Model model =
        Model.build(
            backend, networks.create(card.network(), card.classes().size()), card.input(), 0);
    try {
      StateDict.load(model, ModelCard.weights(from));
      card.requireFits(model);
      Model inference = folded(model);
      return new Predictor(
          model,
          inference,
          card,
          () -> {
            inference.close();
            model.close();
            whenClosed.run();
          });
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * The model that answers fastest: with its batch norms folded, unless it has none, or a layer of
   * the user's own that does not say what it computes.
   */
  private static Model folded(Model model) {
    boolean hasNorms = model.state().stream().anyMatch(p -> p.kind() == Parameter.Kind.STATISTIC);
    try {
      return hasNorms ? model.foldBatchNorms() : model;
    } catch (ExportException ownLayer) {
      return model;
    }
  }

  /** How many images the backend is given at once, at most; from 1, default 64. */
  public Predictor batchSize(int value) {
    if (value < 1) {
      throw new GradusException("The batch size is " + value + ", but must be at least 1.");
    }
    batchSize = value;
    return this;
  }

  /** The most pixels of a picture that is decoded, see {@link ImageDecoder}; set before use. */
  public Predictor maxPixels(long value) {
    decoder = new ImageDecoder(decoder.colors(), value);
    return this;
  }

  /** What is known of the model. */
  public ModelCard card() {
    return card;
  }

  /** The backend it computes on, in words. */
  public String backend() {
    return model.backend().describe();
  }

  /** The bytes the backend had allocated after the last batch. */
  public long backendBytes() {
    return backendBytes;
  }

  /**
   * What is on a picture file.
   *
   * @throws GradusException if it cannot be read or decoded
   */
  public Prediction predict(Path file) {
    return predict(read(file));
  }

  /**
   * What is on a picture, given the content of its file.
   *
   * @throws gradus.data.image.UnreadableImageException if it cannot be decoded
   */
  public Prediction predict(byte[] file) {
    return predict(read(file));
  }

  /** What is on a decoded picture. */
  public Prediction predict(BufferedImage picture) {
    return predict(decoder.convert(picture));
  }

  /**
   * What is on an image of any size, not yet normalised.
   *
   * @throws GradusException if it has other channels than the model takes
   */
  public Prediction predict(Image image) {
    return predict(List.of(image)).get(0);
  }

  /** What is on many images, in their order. */
  public List<Prediction> predict(List<Image> images) {
    List<Image> fitting = images.stream().map(this::fit).toList();
    List<Prediction> predictions = new ArrayList<>(images.size());
    for (int first = 0; first < fitting.size(); first += batchSize) {
      List<Image> batch = fitting.subList(first, Math.min(fitting.size(), first + batchSize));
      predictions.addAll(predictBatch(batch));
    }
    return predictions;
  }

  /** Where the model looked for the class it thinks most probable. */
  public Explanation explain(Image image) {
    return explain(image, predict(image).classNumber());
  }

  /**
   * What speaks for a class on an image of any size, not yet normalised.
   *
   * @param classNumber from 0
   * @throws GradusException if there is no such class, or the network has no feature map
   */
  public Explanation explain(Image image, int classNumber) {
    if (classNumber < 0 || classNumber >= card.classes().size()) {
      throw new GradusException(
          "There is no class "
              + classNumber
              + " to explain: they count from 0 to "
              + (card.classes().size() - 1)
              + ".");
    }
    Image fitting = fit(image);
    turn.lock();
    try {
      requireOpen();
      return Explanation.of(model, card, fitting, batch(List.of(fitting)), classNumber);
    } finally {
      turn.unlock();
    }
  }

  /** Decodes a picture and fits it to the model, to be predicted together with others. */
  public Image read(Path file) {
    return fit(decoder.decode(file));
  }

  /** The same for the content of a file. */
  public Image read(byte[] file) {
    return fit(decoder.decode(file));
  }

  /** Waits for the image being worked on, and gives everything back. */
  @Override
  public void close() {
    turn.lock();
    try {
      if (!closed) {
        closed = true;
        whenClosed.run();
      }
    } finally {
      turn.unlock();
    }
  }

  private Image fit(Image image) {
    if (image.channels() != card.input().dim(0)) {
      throw new GradusException(
          "The model takes images of "
              + card.input().dim(0)
              + " channels, but the image has "
              + image.channels()
              + ": decode it with ImageDecoder, or give the predictor its file.");
    }
    return fit.apply(image, new SplittableRandom(0));
  }

  private List<Prediction> predictBatch(List<Image> images) {
    turn.lock();
    try {
      requireOpen();
      try (Pass pass = Pass.evaluating(model.backend())) {
        Tensor logits = inference.forward(pass.images(batch(images)));
        float[] probabilities = softmax.forward(logits).toArray();
        List<Prediction> predictions = new ArrayList<>(images.size());
        for (int i = 0; i < images.size(); i++) {
          predictions.add(prediction(probabilities, i * card.classes().size()));
        }
        return predictions;
      }
    } finally {
      backendBytes = closed ? 0 : model.backend().memory().liveBytes();
      turn.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("This predictor is closed: open a new one.");
    }
  }

  /**
   * The images, filled up with black ones to a power of two: the backend keeps memory for every
   * size it has seen, so there should be few.
   */
  private Batch batch(List<Image> images) {
    int n = images.size();
    int size = Math.min(batchSize, n == 1 ? 1 : Integer.highestOneBit(n - 1) << 1);
    int perImage = Math.toIntExact(card.input().size());
    if (pixels.length < size * perImage) {
      pixels = new float[size * perImage];
    }
    for (int i = 0; i < n; i++) {
      card.normalize().write(images.get(i), pixels, i * perImage);
    }
    Arrays.fill(pixels, n * perImage, size * perImage, 0);
    Shape shape = card.input().withBatch(size);
    return new Batch(shape, FloatBuffer.wrap(pixels, 0, size * perImage).slice(), null);
  }

  private Prediction prediction(float[] probabilities, int first) {
    List<ClassProbability> all = new ArrayList<>(card.classes().size());
    for (int c = 0; c < card.classes().size(); c++) {
      float probability = probabilities[first + c];
      if (!Float.isFinite(probability)) {
        throw new GradusException(
            "The model gives the probability "
                + probability
                + " for the class "
                + card.classes().get(c)
                + ": its weights are not finite, as after a training that diverged. Use an earlier"
                + " checkpoint, or train again with a lower learning rate.");
      }
      all.add(new ClassProbability(card.classes().get(c), probability));
    }
    return new Prediction(all);
  }
}
