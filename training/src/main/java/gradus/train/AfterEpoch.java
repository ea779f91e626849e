package gradus.train;

import gradus.GradusException;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.metric.Monitor;
import gradus.metric.ValidationMetric;
import gradus.optim.WeightAverage;
import gradus.schedule.ReduceLROnPlateau;
import gradus.weights.WeightSnapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a run makes of each epoch's end: it is judged, a plateau and the patience hear of that, and
 * the best or the averaged weights are kept for the end.
 */
final class AfterEpoch {
  private final Model model;
  private ReduceLROnPlateau plateau; // null where there is none, like the two that follow
  private EarlyStopping earlyStopping;
  private WeightAverage average;
  private int firstAveragedEpoch; // 0: averaged after every step
  private List<ValidationMetric<?>> metrics = List.of(); // asked for, beside those watched

  AfterEpoch(Model model) {
    this.model = model;
  }

  void reduceOnPlateau(ReduceLROnPlateau value) {
    plateau = value;
  }

  void earlyStopping(EarlyStopping value) {
    earlyStopping = value;
  }

  void metrics(List<ValidationMetric<?>> values) {
    metrics = values;
  }

  /** Averages from an epoch on, or with 0 after every step, which the step does itself. */
  void average(WeightAverage value, int firstEpoch) {
    average = value;
    firstAveragedEpoch = firstEpoch;
  }

  ReduceLROnPlateau plateau() {
    return plateau;
  }

  EarlyStopping earlyStopping() {
    return earlyStopping;
  }

  WeightAverage average() {
    return average;
  }

  /** Whether all of this can be done. */
  void requireConsistent(DataLoader validation) {
    if (validation == null && (plateau != null || earlyStopping != null)) {
      throw new GradusException(
          (plateau != null ? "ReduceLROnPlateau" : "EarlyStopping")
              + " needs a validation set, but fit was given none: hold some of the training set"
              + " back for it.");
    }
    List<ValidationMetric<?>> measured = measured();
    if (validation == null && !measured.isEmpty()) {
      throw new GradusException(
          measured.get(0).name()
              + " needs a validation set, but fit was given none: hold some of the training set"
              + " back for it.");
    }
    new MetricCounts(measured, model.outputShape().dim(0)); // refuses what there is not
    if (earlyStopping != null && firstAveragedEpoch > 0) {
      throw new GradusException(
          "EarlyStopping keeps the best epoch's weights and stochasticAverage the mean of many:"
              + " use one of them.");
    }
  }

  /** What is asked for or watched, each once. */
  private List<ValidationMetric<?>> measured() {
    Map<String, ValidationMetric<?>> byName = new LinkedHashMap<>();
    Stream<Monitor> watched =
        Stream.of(
                earlyStopping == null ? null : earlyStopping.monitor(),
                plateau == null ? null : plateau.monitor())
            .filter(monitor -> monitor != null && monitor.metric() != null);
    Stream.concat(metrics.stream(), watched.map(Monitor::metric))
        .forEach(metric -> byName.putIfAbsent(metric.name(), metric));
    return List.copyOf(byName.values());
  }

  /** Another run begins. */
  void reset() {
    if (plateau != null) {
      plateau.reset();
    }
    if (earlyStopping != null) {
      earlyStopping.reset();
    }
  }

  /** Gives memory back that is of no use after a run. */
  void release() {
    if (earlyStopping != null) {
      earlyStopping.release();
    }
  }

  /** What has been gathered by now, to go back to; closing gives its memory back. */
  Gathered gathered() {
    return new Gathered();
  }

  /** What a plateau, the patience and the average knew once. */
  final class Gathered implements AutoCloseable {
    private final ReduceLROnPlateau.State plateauThen = plateau == null ? null : plateau.state();
    private final EarlyStopping.State patienceThen =
        earlyStopping == null ? null : earlyStopping.state();
    private final WeightSnapshot bestThen =
        earlyStopping == null || earlyStopping.bestWeights() == null
            ? null
            : earlyStopping.bestWeights().copy();
    private final WeightSnapshot averageThen = average == null ? null : average.snapshot().copy();
    private final long updatesThen = average == null ? 0 : average.count();

    /** Knows it again, and nothing later. */
    void giveBack() {
      if (plateau != null) {
        plateau.restore(plateauThen);
      }
      if (earlyStopping != null) {
        earlyStopping.release();
        earlyStopping.restore(patienceThen);
        if (bestThen != null) {
          earlyStopping.keep(model).copyFrom(bestThen);
        }
      }
      if (average != null) {
        average.snapshot().copyFrom(averageThen);
        average.restoreCount(updatesThen);
      }
    }

    @Override
    public void close() {
      if (bestThen != null) {
        bestThen.close();
      }
      if (averageThen != null) {
        averageThen.close();
      }
    }
  }

  /** Weights are others now than those that all this was gathered from. */
  void forget() {
    if (average != null) {
      average.restoreCount(0);
      if (firstAveragedEpoch == 0) {
        average.update(); // it may be asked for before the next step
      }
    }
    if (earlyStopping != null) {
      earlyStopping.release();
      earlyStopping.reset();
    }
    if (plateau != null) {
      plateau.forget();
    }
  }

  /** Whether it validates the averaged weights, and not the others. */
  boolean validatesAverage() {
    return average != null && firstAveragedEpoch == 0;
  }

  /**
   * Validates, with the averaged weights if there are any, and keeps the best.
   *
   * @param teller hears of it while the model has the weights that were validated
   */
  EpochReport judge(
      Evaluator evaluator, DataLoader validation, Function<Evaluation, EpochReport> teller) {
    // Where all updates of float16 were left out there is no average yet, and no new weight.
    boolean averaged = validatesAverage() && average.count() > 0;
    if (averaged) {
      average.exchange();
    }
    try {
      evaluator.metrics(measured());
      EpochReport report =
          teller.apply(validation == null ? Evaluation.NONE : evaluator.evaluate(validation));
      if (earlyStopping != null) {
        earlyStopping.epochDone(report.epoch(), report.validation(earlyStopping.monitor()), model);
      }
      return report;
    } finally {
      if (averaged) {
        average.exchange();
      }
    }
  }

  /** Adds the weights of an epoch to an average of epochs. */
  void average(int epoch) {
    if (firstAveragedEpoch > 0 && epoch >= firstAveragedEpoch) {
      average.update();
    }
  }

  /** Tells the plateau; what it did, in words, if it made the rate smaller. */
  Optional<String> tellPlateau(EpochReport report) {
    if (plateau == null) {
      return Optional.empty();
    }
    int reductions = plateau.state().reductions();
    double factor = plateau.epochDone(report.epoch(), report.validation(plateau.monitor()));
    return plateau.state().reductions() == reductions
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "the %s has stopped getting better than %.5g: initial learning rate times %.3g from"
                    + " here on",
                plateau.monitor().label(),
                plateau.state().best(),
                factor));
  }

  boolean patienceIsLost() {
    return earlyStopping != null && earlyStopping.shouldStop();
  }

  /** Gives the model the weights it is to end with; returns their epoch, or 0 for the last. */
  int chooseWeights(DataLoader train) {
    if (earlyStopping != null) {
      return earlyStopping.restoreBest();
    }
    if (average != null && average.count() > 0) {
      average.apply();
      if (firstAveragedEpoch > 0) {
        BatchNormRecalibration.run(model, train);
      }
    }
    return 0;
  }
}
