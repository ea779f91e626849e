package gradus.doctor;

import gradus.GradusException;
import gradus.data.DataLoader;
import gradus.layer.LayerSummary;
import gradus.optim.Optimizer;
import java.util.Arrays;
import java.util.List;

/** What does not change while a run goes on, read off what it is made of. */
final class RunFacts {
  private RunFacts() {}

  /**
   * Reads them off.
   *
   * @throws GradusException if a label is not among the classes
   */
  static History.Facts of(Subject subject, Examiner examiner) {
    DataLoader train = subject.train();
    DataLoader validation = subject.validation();
    Optimizer optimizer = subject.optimizer();
    int[] order = train.order(0);
    double[] shares = new double[subject.classes()];
    for (int index : order) {
      int label = train.dataset().label(index);
      if (label < 0 || label >= shares.length) {
        throw new GradusException(
            train.dataset().describe(index)
                + " has the label "
                + label
                + ", but there are "
                + shares.length
                + " classes, which count from 0: number the classes so, and name every one of them"
                + " in classNames().");
      }
      shares[label] += 1.0 / order.length;
    }
    List<Double> given = Arrays.stream(shares).boxed().toList();
    String name = optimizer.getClass().getSimpleName();
    return new History.Facts(
        train.dataset().classNames(),
        given,
        examiner.judgedRange(given),
        examiner.range(train, given),
        train.imageShape(),
        order.length,
        validation == null ? 0 : validation.dataset().size(),
        subject.model().parameters().count(),
        train.batchSize(),
        Math.max(1, train.batches()),
        subject.accumulation(),
        subject.epochs(),
        name,
        !name.equals("SGD") && !name.equals("LARS"),
        optimizer.weightDecay() * optimizer.penaltyFactor(),
        optimizer.l1() * optimizer.penaltyFactor(),
        hasLayer(subject, "Dropout", "Dropout2d", "StochasticDepth"),
        train.isAugmenting(),
        hasLayer(subject, "BatchNorm2d"));
  }

  private static boolean hasLayer(Subject subject, String... kinds) {
    for (LayerSummary layer : subject.model().summary().layers()) {
      if (List.of(kinds).contains(layer.kind())) {
        return true;
      }
    }
    return false;
  }
}
