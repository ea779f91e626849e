package gradus.train;

import gradus.GradusException;
import gradus.layer.Model;
import gradus.metric.Monitor;
import gradus.weights.SafeTensors;
import gradus.weights.StateDict;
import gradus.weights.StoredSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the weights of the best epoch in a file, whatever a run ends with: those that were
 * validated, so the average under {@link Trainer#average}. {@link StateDict#load} gives them to a
 * model. The file appears whole or not at all, and says its epoch and how that was validated: only
 * a better one replaces it, also after the run was resumed or put back by a doctor. A run that
 * starts anew begins with its first epoch. Without a validation set there is no file.
 *
 * <p>Better is what {@link EpochReport#BY_VALIDATION} says. Keras's {@code
 * ModelCheckpoint(save_best_only=True)} goes by the validation loss, as {@link #monitor} makes this
 * one do, and does not know the best of before when a run is resumed. PyTorch has none.
 */
public final class BestWeights implements TrainingListener {
  private static final String EPOCH = "epoch";

  private final Model model;
  private final Path file;
  private Map<String, String> metadata = Map.of();
  private Monitor monitor; // null for BY_VALIDATION
  private EpochReport best; // what the next must be better than; null before the first
  private Kept kept; // null while there is no file

  /**
   * Weights in a file.
   *
   * @param epoch whose they are, from 1
   */
  public record Kept(Path file, int epoch) {}

  /** Will write those of {@code model} to {@code file}, whose folder must exist. */
  public BestWeights(Model model, Path file) {
    this.model = model;
    this.file = file;
  }

  /**
   * Judges epochs by this number alone; of equal ones the earlier is the best. A metric must be
   * among those that the run measures: see {@link Trainer#metrics}.
   */
  public BestWeights monitor(Monitor value) {
    monitor = value;
    return this;
  }

  /** Texts to store beside the weights, as {@link StateDict#save} does. */
  public BestWeights metadata(Map<String, String> texts) {
    metadata = Map.copyOf(texts);
    return this;
  }

  /** What is kept, if an epoch has been judged. */
  public Optional<Kept> kept() {
    return Optional.ofNullable(kept);
  }

  /** Whether the model has the kept weights now, to the bit. */
  public boolean areOfModel() {
    if (kept == null) {
      return false;
    }
    try (SafeTensors stored = SafeTensors.open(file)) {
      return model.state().stream()
          .allMatch(p -> Arrays.equals(stored.read(p.name()).values().array(), p.read()));
    }
  }

  @Override
  public void onStart(int epochs) {
    best = null;
    kept = null;
  }

  @Override
  public void onResume(List<EpochReport> earlier) {
    if (Files.exists(file)) {
      best = stored(earlier); // it may be ahead of the checkpoint: what those epochs came to
      kept = new Kept(file, best.epoch());
    } else {
      // Where the best of them is lost, a worse one must not pass for it.
      for (EpochReport epoch : earlier) {
        best = isBetter(epoch) ? epoch : best;
      }
    }
  }

  @Override
  public void onJudged(EpochReport report) {
    requireMeasured(report);
    if (isBetter(report)) {
      Map<String, String> texts = new LinkedHashMap<>(metadata);
      StoredSettings.put(texts, EPOCH, report.epoch());
      for (Monitor number : numbers()) {
        StoredSettings.put(texts, number.name(), report.validation(number));
      }
      StateDict.save(model, file, texts);
      best = report;
      kept = new Kept(file, report.epoch());
    }
  }

  private boolean isBetter(EpochReport report) {
    if (!Double.isFinite(report.validationLoss())) {
      return false; // not validated, or of weights that a NaN has reached
    }
    if (monitor == null) {
      return best == null || EpochReport.BY_VALIDATION.compare(report, best) > 0;
    }
    double value = report.validation(monitor);
    double known = best == null ? Double.NaN : best.validation(monitor);
    return Double.isNaN(known) ? !Double.isNaN(value) : monitor.improves(value, known, 0);
  }

  private void requireMeasured(EpochReport report) {
    if (monitor != null
        && monitor.metric() != null
        && !Double.isNaN(report.validationLoss())
        && !report.metrics().containsKey(monitor.metric().name())) {
      throw new GradusException(
          "BestWeights goes by the "
              + monitor.label()
              + ", which the run does not measure: give the metric to Trainer.metrics.");
    }
  }

  private List<Monitor> numbers() {
    return monitor == null || monitor.metric() == null
        ? List.of(Monitor.VALIDATION_LOSS, Monitor.VALIDATION_ACCURACY)
        : List.of(Monitor.VALIDATION_LOSS, Monitor.VALIDATION_ACCURACY, monitor);
  }

  /** The epoch of the file; what that does not say of it, the checkpoint may. */
  private EpochReport stored(List<EpochReport> earlier) {
    EpochReport stored = stored();
    return monitor == null || !Double.isNaN(stored.validation(monitor))
        ? stored
        : earlier.stream()
            .filter(report -> report.epoch() == stored.epoch())
            .findFirst()
            .orElse(stored);
  }

  /** The epoch of the file, of which it says no more than the validation. */
  private EpochReport stored() {
    try (SafeTensors stored = SafeTensors.open(file)) {
      StoredSettings settings = new StoredSettings(file, stored.metadata());
      return new EpochReport(
          settings.require(EPOCH, Integer.class),
          Double.NaN,
          Double.NaN,
          settings.require(Monitor.VALIDATION_LOSS.name(), Double.class),
          settings.require(Monitor.VALIDATION_ACCURACY.name(), Double.class),
          Double.NaN,
          Double.NaN,
          Double.NaN,
          metrics(settings));
    } catch (GradusException e) {
      throw new GradusException(
          "Cannot go on with the best weights of the run: "
              + e.getMessage()
              + " Take the file away to go on without them.",
          e);
    }
  }

  private Map<String, Double> metrics(StoredSettings settings) {
    return monitor != null && monitor.metric() != null && settings.has(monitor.name())
        ? Map.of(monitor.metric().name(), settings.require(monitor.name(), Double.class))
        : Map.of();
  }
}
