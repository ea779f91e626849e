package gradus.doctor.preflight;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/** Made-up pictures for the checks: noise about a pattern that belongs to the class. */
final class Pictures implements Dataset {
  static final int SIDE = 8;
  static final int CLASSES = 4;

  private final int size;
  private final long seed;
  private final IntUnaryOperator labels;
  private final float gain;
  private final float shift;

  private Pictures(int size, long seed, IntUnaryOperator labels, float gain, float shift) {
    this.size = size;
    this.seed = seed;
    this.labels = labels;
    this.gain = gain;
    this.shift = shift;
  }

  /** With a mean of about 0, a standard deviation of about 1, and classes that take turns. */
  static Pictures of(int size, long seed) {
    return new Pictures(size, seed, i -> i % CLASSES, 1, 0);
  }

  /** With other labels; the patterns stay those of the classes that take turns. */
  Pictures labelled(IntUnaryOperator other) {
    return new Pictures(size, seed, other, gain, shift);
  }

  /** With other pixels. */
  Pictures scaled(double factor, double summand) {
    return new Pictures(size, seed, labels, (float) factor, (float) summand);
  }

  /** A class that has nothing to do with the picture. */
  static int anyClass(int index) {
    return new SplittableRandom(index).nextInt(CLASSES);
  }

  static DataLoader loader(Dataset data) {
    return DataLoader.of(data).batchSize(16).workers(0).shuffle(1).build();
  }

  static Subject data(DataLoader train, DataLoader validation) {
    return subject(null, new CrossEntropyLoss(), null, train, validation);
  }

  static Subject subject(
      Model model, Loss loss, Optimizer optimizer, DataLoader train, DataLoader validation) {
    return new Subject(model, loss, optimizer, train, validation, 5, 1);
  }

  /** The names of the findings, certain ones with an exclamation mark. */
  static List<String> names(List<Finding> findings) {
    List<String> names = new ArrayList<>();
    for (Finding finding : findings) {
      names.add(finding.diagnosis() + (finding.isDiagnosis() ? "!" : ""));
    }
    return names;
  }

  static List<String> certain(Diagnosis diagnosis) {
    return List.of(diagnosis + "!");
  }

  static List<String> note(Diagnosis diagnosis) {
    return List.of(diagnosis.toString());
  }

  @Override
  public String name() {
    return "pictures-" + seed;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Sample get(int index) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + index);
    float[] pixels = new float[SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      boolean bright = i * CLASSES / pixels.length == index % CLASSES;
      double value = (bright ? 1.6 : -0.5) + random.nextDouble(-0.7, 0.7);
      pixels[i] = (float) value * gain + shift;
    }
    return new Sample(Image.ofFloats(1, SIDE, SIDE, pixels), label(index));
  }

  @Override
  public int label(int index) {
    return labels.applyAsInt(index);
  }

  @Override
  public List<String> classNames() {
    return List.of("first", "second", "third", "fourth");
  }

  @Override
  public String contentHash() {
    return name();
  }
}
