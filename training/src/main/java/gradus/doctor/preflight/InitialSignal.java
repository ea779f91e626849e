package gradus.doctor.preflight;

import gradus.autograd.Pass;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.signal.LayerSignal;
import gradus.doctor.signal.Operation;
import gradus.doctor.signal.Operation.Kind;
import gradus.doctor.signal.SignalProbe;
import gradus.layer.Parameter;
import gradus.loss.BCEWithLogitsLoss;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Shows some images, brought to mean 0 and deviation 1, to the network as it begins, and looks at
 * what its weights make of them: units that are all alike, weights of unusual size, values that
 * grow or vanish from layer to layer, a loss far above that of guessing, units that are dead or
 * saturated.
 *
 * <p>Layers before a batch norm may have any scale, the last layer may begin small, and what is
 * inside a gate may be the same for every image.
 */
final class InitialSignal implements PreflightCheck {
  private static final int IMAGES = 256;
  private static final int BATCH = 64;

  /** Multiply-adds: a second or so. Of large networks a few images must do. */
  private static final double MOST_WORK = 4e9;

  private static final int FEWEST_IMAGES = 16;

  /**
   * Of a loss: this many times that of answers that are all alike. He's initialisation with
   * max-pools has up to four, and trains well.
   */
  private static final double LARGE_LOSS = 5;

  private static final double LARGEST = 10;
  private static final double SMALLEST = 0.01;

  /** Of weights, in terms of He's: PyTorch's usual layers have 0.4, Glorot's 0.7. */
  private static final double LARGE_WEIGHTS = 3;

  private static final double SMALL_WEIGHTS = 0.1;
  private static final int FEWEST_LAYERS = 4;
  private static final double FACTOR = 2;

  /** Hardly anything gets through such a layer, and no gradient back. */
  private static final double ALL_BUT_DEAD = 0.75;

  private static final double DEAD = 0.5;
  private static final double FLAT = 0.5;

  @Override
  public List<Finding> examine(Subject subject) {
    // The images are standardised: not those that frozen batch norms have learned.
    SignalProbe probe = new SignalProbe(subject.model()).withStatisticsOfTheBatch();
    double loss = 0;
    double guessing = 0;
    List<Batch> batches = standardised(subject);
    if (batches.isEmpty()) {
      return List.of();
    }
    for (Batch batch : batches) {
      loss += probe.add(batch, subject.loss()) / batches.size();
      guessing += guessing(subject, batch) / batches.size();
    }
    List<Layer> layers = layers(probe);
    List<String> oddities = new ArrayList<>();
    alike(layers, oddities);
    int alike = oddities.size();
    sizes(layers, oddities);
    boolean usual = oddities.size() == alike;
    values(layers, oddities);
    growth(layers, oddities);
    if (!Double.isFinite(loss) || (takesLogits(subject) && loss > LARGE_LOSS * guessing)) {
      oddities.add(
          String.format(
              Locale.ROOT,
              "the loss begins at %s, where equal answers would have %.2f",
              Numbers.text(loss),
              guessing));
    }
    List<Finding> found = new ArrayList<>();
    if (!oddities.isEmpty()) {
      found.add(badStart(oddities, probe));
    }
    if (usual) {
      found.addAll(dead(probe));
      found.addAll(saturated(probe));
    }
    return found;
  }

  private static Finding badStart(List<String> oddities, SignalProbe probe) {
    String first = oddities.get(0);
    List<Evidence> facts = new ArrayList<>();
    for (String other : oddities.subList(1, oddities.size())) {
      facts.add(Evidence.of(capital(other) + "."));
    }
    facts.add(deviations(probe));
    return Finding.note(
            Diagnosis.BAD_INITIALIZATION,
            capital(first) + ".",
            new Remedy(
                "Begin with He's initialisation, and biases of 0.",
                "layer.weights(Initializer.kaimingNormal()).bias(Initializer.zeros())",
                null))
        .confirmed(oddities.size() > 1 ? 0.75 : 0.5, facts.toArray(Evidence[]::new));
  }

  private static String capital(String sentence) {
    return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
  }

  private static Evidence deviations(SignalProbe probe) {
    List<LayerSignal> weighted =
        probe.signals().stream()
            .filter(s -> s.kind().equals("Conv2d") || s.kind().equals("Linear"))
            .toList();
    List<Double> depth = new ArrayList<>();
    List<Double> std = new ArrayList<>();
    List<String> text = new ArrayList<>();
    for (LayerSignal signal : weighted) {
      depth.add(depth.size() + 1.0);
      std.add(signal.std());
      text.add(signal.path() + " " + Numbers.text(signal.std()));
    }
    return new Evidence(
        "Standard deviations of the values by depth: " + Numbers.list(text, 12) + ".",
        new Evidence.Chart(
            "Values before training",
            "layer",
            "standard deviation",
            true,
            List.of(new Evidence.Line("standard deviation", depth, std))));
  }

  /**
   * A layer with weights.
   *
   * @param free whether no norm follows, so that its scale matters
   * @param last whether its values are the output
   * @param joined whether its values are added to a shortcut's, so that it may begin with 0
   */
  private record Layer(
      Operation operation, LayerSignal signal, boolean free, boolean last, boolean joined) {
    boolean isTrained() {
      return operation.weight().isTrainable();
    }
  }

  private static List<Layer> layers(SignalProbe probe) {
    List<Operation> all = probe.structure().operations();
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).hasWeights() && !probe.structure().isInGate(i)) {
        Kind next = next(all, i);
        layers.add(
            new Layer(
                all.get(i), probe.signal(i), next != Kind.NORM, next == null, next == Kind.ADD));
      }
    }
    return layers;
  }

  /** What its values go to, past what leaves them as they are; null for the output. */
  private static Kind next(List<Operation> all, int from) {
    for (int i = from + 1; i < all.size(); i++) {
      if (all.get(i).inputs().contains(from)) {
        Kind kind = all.get(i).kind();
        boolean same = kind == Kind.FLATTEN || kind == Kind.SCALE || kind == Kind.AVERAGE_POOL;
        return same ? next(all, i) : kind;
      }
    }
    return null;
  }

  private static void alike(List<Layer> layers, List<String> oddities) {
    for (Layer layer : layers) {
      Parameter weight = layer.operation().weight();
      int units = weight.shape().dim(0);
      if (layer.last() || layer.joined() || !layer.isTrained() || units < 2) {
        continue;
      }
      float[] values = weight.read();
      int each = values.length / units;
      int same = 0;
      for (int unit = 1; unit < units; unit++) {
        int at = 0;
        while (at < each && values[unit * each + at] == values[at]) {
          at++;
        }
        same += at == each ? 1 : 0;
      }
      if (same > units / 2 - 1) {
        oddities.add(
            String.format(
                Locale.ROOT,
                "%d of %d units of %s begin with the same weights (all about %s), so that they"
                    + " learn the same",
                same + 1,
                units,
                layer.operation().path(),
                Numbers.text(values[0])));
      }
    }
  }

  private static void sizes(List<Layer> layers, List<String> oddities) {
    for (Layer layer : layers) {
      Parameter weight = layer.operation().weight();
      if (!layer.free() || layer.joined() || !layer.isTrained()) {
        continue;
      }
      double he = Math.sqrt(2.0 * weight.shape().dim(0) / weight.shape().size());
      double size = rootMeanSquare(weight.read());
      boolean small = size < SMALL_WEIGHTS * he && !layer.last();
      if (size > LARGE_WEIGHTS * he || small) {
        oddities.add(
            String.format(
                Locale.ROOT,
                "the weights of %s begin with a size of %s, He's initialisation would give %s",
                layer.operation().path(),
                Numbers.text(size),
                Numbers.text(he)));
      }
    }
  }

  private static double rootMeanSquare(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares / values.length);
  }

  private static void values(List<Layer> layers, List<String> oddities) {
    for (Layer layer : layers) {
      double std = layer.signal().std();
      boolean small = std < SMALLEST && !layer.last() && !layer.joined();
      if (layer.free() && (!(std <= LARGEST) || small)) {
        oddities.add(
            String.format(
                Locale.ROOT,
                "the values of %s have a standard deviation of %s, about 1 is usual",
                layer.operation().path(),
                Numbers.text(std)));
        return; // the following layers are likely to be the same
      }
    }
  }

  /** Over the layers without norms: a factor from each to the next that adds up. */
  private static void growth(List<Layer> layers, List<String> oddities) {
    List<Layer> free = layers.stream().filter(l -> l.free() && !l.joined() && !l.last()).toList();
    if (free.size() < FEWEST_LAYERS || free.size() + 1 < layers.size()) {
      return; // norms in between bring the values back
    }
    double first = free.get(0).signal().std();
    double last = free.get(free.size() - 1).signal().std();
    double factor = Math.pow(last / first, 1.0 / (free.size() - 1));
    double whole = last / first;
    if ((factor > FACTOR && whole > 100) || (factor < 1 / FACTOR && whole < 0.01)) {
      oddities.add(
          String.format(
              Locale.ROOT,
              "from layer to layer the values are multiplied by %s, over %d layers from %s to %s",
              Numbers.text(factor),
              free.size(),
              Numbers.text(first),
              Numbers.text(last)));
    }
  }

  private static List<Finding> dead(SignalProbe probe) {
    List<Finding> found = new ArrayList<>();
    for (LayerSignal signal : probe.signals()) {
      if (signal.deadShare() > DEAD && probe.images() >= BATCH) {
        Finding note =
            Finding.note(
                Diagnosis.DEAD_RELU,
                String.format(
                    Locale.ROOT,
                    "%.0f of %d units of %s \"%s\" give 0 for each of %d images before the first"
                        + " step, and get no gradient.",
                    signal.deadShare() * signal.units(),
                    signal.units(),
                    signal.kind(),
                    signal.path(),
                    probe.images()),
                new Remedy(
                    "Begin with biases of 0, or use LeakyReLU.",
                    "layer.bias(Initializer.zeros())",
                    null),
                deviations(probe));
        found.add(
            signal.deadShare() >= ALL_BUT_DEAD
                ? Finding.certain(note.diagnosis(), note.cause(), note.remedy(), deviations(probe))
                : note);
      }
    }
    return found;
  }

  private static List<Finding> saturated(SignalProbe probe) {
    List<Finding> found = new ArrayList<>();
    for (LayerSignal signal : probe.signals()) {
      if (signal.saturatedShare() > FLAT && probe.images() >= BATCH) {
        found.add(
            Finding.note(
                Diagnosis.SATURATED_ACTIVATIONS,
                String.format(
                    Locale.ROOT,
                    "%.0f of %d units of %s \"%s\" are in its flat part for nearly all of %d images"
                        + " before the first step, and pass hardly any gradient.",
                    signal.saturatedShare() * signal.units(),
                    signal.units(),
                    signal.kind(),
                    signal.path(),
                    probe.images()),
                new Remedy(
                    "Begin with biases of 0 and Glorot's weights, or use ReLU.",
                    "layer.weights(Initializer.xavierNormal()).bias(Initializer.zeros())",
                    null),
                deviations(probe)));
      }
    }
    return found;
  }

  private static boolean takesLogits(Subject subject) {
    return subject.loss() instanceof CrossEntropyLoss
        || subject.loss() instanceof FocalLoss
        || subject.loss() instanceof BCEWithLogitsLoss;
  }

  /** The loss of a network whose outputs are all 0. */
  private static double guessing(Subject subject, Batch batch) {
    Shape output = subject.model().outputShape().withBatch(batch.size());
    try (Pass pass = Pass.evaluating(subject.model().backend())) {
      FloatBuffer zeros = FloatBuffer.allocate(Math.toIntExact(output.size()));
      return subject
          .loss()
          .apply(pass.tensor(zeros, output), subject.loss().target(pass, batch, output.dim(1)))
          .item();
    }
  }

  /** Copies of a few batches whose channels have mean 0 and deviation 1; none if that cannot be. */
  private static List<Batch> standardised(Subject subject) {
    double work = Math.max(1, subject.model().summary().multiplyAdds());
    int most = (int) Math.max(FEWEST_IMAGES, Math.min(IMAGES, MOST_WORK / work));
    List<ChannelStatistics> channels = ChannelStatistics.of(subject.train(), IMAGES);
    if (!channels.stream().allMatch(c -> c.isFinite() && c.std() > 0)) {
      return List.of(); // another check's matter
    }
    List<Batch> copies = new ArrayList<>();
    try (DataLoader loader = Glimpse.of(subject.train(), most, BATCH);
        Epoch epoch = loader.epoch(0)) {
      for (Batch batch : epoch) {
        int plane = batch.shape().dim(2) * batch.shape().dim(3);
        FloatBuffer pixels = FloatBuffer.allocate(Math.toIntExact(batch.shape().size()));
        for (int i = 0; i < pixels.capacity(); i++) {
          ChannelStatistics c = channels.get(i / plane % channels.size());
          pixels.put(i, (float) ((batch.images().get(i) - c.mean()) / c.std()));
        }
        IntBuffer labels = IntBuffer.allocate(batch.size());
        for (int i = 0; i < batch.size(); i++) {
          labels.put(i, batch.labels().get(i));
        }
        copies.add(new Batch(batch.shape(), pixels, labels, copyOf(batch.targets())));
      }
    }
    return copies;
  }

  private static FloatBuffer copyOf(FloatBuffer targets) {
    return targets == null
        ? null
        : FloatBuffer.allocate(targets.capacity()).put(targets.duplicate().clear()).flip();
  }
}
