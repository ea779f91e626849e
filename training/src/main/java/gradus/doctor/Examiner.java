package gradus.doctor;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.data.Sampler;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Judges the network on fixed samples of the data, through loaders of its own. Classes count as
 * much as they do in the run's loss: what is rare and is made to count is neither guessed for
 * little nor learned for nothing.
 */
public final class Examiner {
  private static final int BATCH = 64;
  private static final int REFERENCE_BATCHES = 4;

  private final Model model;
  private final Loss loss;
  private final float[] weights; // of the classes, or null

  /** Judges this model; all classes count alike. */
  public Examiner(Model model) {
    this(model, new CrossEntropyLoss());
  }

  /** Judges this model, which is trained by this loss. */
  public Examiner(Model model, Loss loss) {
    this.model = model;
    this.loss = loss;
    this.weights = loss.weightsOfClasses();
  }

  /** A loader over {@code count} images drawn by {@code seed}, without augmentation. */
  public static DataLoader sample(DataLoader loader, int count, long seed) {
    return sample(loader.toBuilder(), loader.dataset().size(), count, seed);
  }

  /** The same with settings of its own; every image of the data set has the same chance. */
  public static DataLoader sample(DataLoader.Builder settings, int images, int count, long seed) {
    int[] order = new int[images];
    Arrays.setAll(order, i -> i);
    SplittableRandom random = new SplittableRandom(seed);
    int taken = Math.min(count, images);
    for (int i = 0; i < taken; i++) {
      int k = random.nextInt(i, images);
      int kept = order[i];
      order[i] = order[k];
      order[k] = kept;
    }
    int[] chosen = Arrays.copyOf(order, taken);
    Sampler fixed = epoch -> chosen;
    return settings
        .withoutAugmentation()
        .sampler(fixed)
        .batchSize(Math.min(BATCH, taken))
        .dropLast(false)
        .workers(0)
        .build();
  }

  /** Judges it on a sample, see {@link #sample}. */
  public Checkup.Judgement judge(DataLoader sample) {
    int classes = sample.dataset().classNames().size();
    int[] supports = new int[classes];
    int[] hits = new int[classes];
    int[] predictions = new int[classes];
    double sum = 0;
    double counted = 0;
    int images = 0;
    int correct = 0;
    try (Epoch epoch = sample.epoch(0)) {
      for (Batch batch : epoch) {
        float[] logits;
        try (Pass pass = Pass.evaluating(model.backend())) {
          logits = model.forward(pass.images(batch)).toArray();
        }
        int outputs = logits.length / batch.size();
        for (int i = 0; i < batch.size(); i++) {
          int label = batch.labels().get(i);
          int best = argMax(logits, i * outputs, outputs);
          sum += weight(label) * crossEntropy(logits, i * outputs, outputs, label);
          counted += weight(label);
          supports[label]++;
          if (best < classes) {
            predictions[best]++;
          }
          if (best == label) {
            hits[label]++;
            correct++;
          }
          images++;
        }
      }
    }
    double mean = counted == 0 ? 0 : sum / counted;
    return new Checkup.Judgement(
        images,
        Double.isFinite(mean) ? mean : Double.POSITIVE_INFINITY,
        (double) correct / images,
        asList(supports),
        asList(hits),
        asList(predictions));
  }

  private double weight(int label) {
    return weights == null || label >= weights.length ? 1 : weights[label];
  }

  private static List<Integer> asList(int[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }

  private static int argMax(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (values[from + i] > values[from + best]) {
        best = i;
      }
    }
    return best;
  }

  private static double crossEntropy(float[] logits, int from, int count, int label) {
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      most = Math.max(most, logits[from + i]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(logits[from + i] - most);
    }
    return label < count ? Math.log(sum) + most - logits[from + label] : Double.NaN;
  }

  /** The shares of the classes in the loss: how often each comes, times its weight. */
  private List<Double> counted(List<Double> shares) {
    double[] counted = new double[shares.size()];
    double sum = 0;
    for (int c = 0; c < counted.length; c++) {
      counted[c] = shares.get(c) * weight(c);
      sum += counted[c];
    }
    double whole = sum;
    return Arrays.stream(counted).mapToObj(part -> whole == 0 ? 0 : part / whole).toList();
  }

  /** Whether the run's loss tells what its least is. */
  public boolean knowsLeast() {
    return loss.bestOutput(1) != null;
  }

  /**
   * The range of what {@link #judge} calls the loss: the cross-entropy of the outputs that the
   * run's loss asks for, which may be less sure than cross-entropy would have them.
   */
  LossRange judgedRange(List<Double> shares) {
    float[] guess = bestOutput(floats(shares));
    List<Double> counted = counted(shares);
    double guessing = 0;
    double least = 0;
    for (int c = 0; c < guess.length; c++) {
      float[] sure = bestOutput(only(c, guess.length));
      guessing += counted.get(c) * crossEntropy(guess, 0, guess.length, c);
      least += counted.get(c) * crossEntropy(sure, 0, guess.length, c);
    }
    return new LossRange(guessing, least);
  }

  /**
   * The range of the run's own loss, on batches as a loader gives them; where its least is not
   * known, down to 0.
   *
   * @param shares of the classes, as far as whoever guesses knows
   */
  public LossRange range(DataLoader loader, List<Double> shares) {
    float[] guess = bestOutput(floats(shares));
    double guessing = 0;
    double least = 0;
    int batches = 0;
    try (DataLoader own = loader.toBuilder().workers(0).build();
        Epoch epoch = own.epoch(0)) {
      for (Batch batch : epoch) {
        guessing += lossOf(batch, guess.length, i -> guess);
        if (knowsLeast()) {
          least += lossOf(batch, guess.length, i -> bestOutput(target(batch, i, guess.length)));
        }
        if (++batches == REFERENCE_BATCHES) {
          break;
        }
      }
    }
    return new LossRange(guessing / batches, least / batches);
  }

  private double lossOf(Batch batch, int outputs, IntFunction<float[]> outputOf) {
    FloatBuffer all = FloatBuffer.allocate(batch.size() * outputs);
    for (int i = 0; i < batch.size(); i++) {
      all.put(outputOf.apply(i));
    }
    try (Pass pass = Pass.evaluating(model.backend())) {
      Tensor output = pass.tensor(all.flip(), Shape.of(batch.size(), outputs));
      return loss.apply(output, loss.target(pass, batch, outputs)).item();
    }
  }

  /** A loss that does not say what it asks for is taken for cross-entropy. */
  private float[] bestOutput(float... target) {
    if (knowsLeast()) {
      return loss.bestOutput(target);
    }
    CrossEntropyLoss plain = new CrossEntropyLoss();
    return (weights == null ? plain : plain.classWeights(weights)).bestOutput(target);
  }

  private static float[] target(Batch batch, int image, int classes) {
    FloatBuffer targets = batch.targets();
    if (targets == null) {
      return only(batch.labels().get(image), classes);
    }
    float[] row = new float[targets.capacity() / batch.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = targets.get(image * row.length + i);
    }
    return row;
  }

  private static float[] only(int label, int classes) {
    float[] shares = new float[classes];
    shares[label] = 1;
    return shares;
  }

  private static float[] floats(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }
}
