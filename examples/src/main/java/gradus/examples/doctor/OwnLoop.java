package gradus.examples.doctor;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.Epoch;
import gradus.metric.Accuracy;
import gradus.tensor.Batch;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.Evaluator;
import gradus.train.StepReport;
import gradus.train.StopReason;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.util.ArrayList;
import java.util.List;

/** A loop as people write it themselves, with two places to go wrong in. */
class OwnLoop implements Loop {
  @Override
  public void train(Run run) {
    long start = System.nanoTime();
    List<TrainingListener> listeners = run.listeners();
    List<EpochReport> reports = new ArrayList<>();
    StopReason reason = StopReason.COMPLETED;
    long steps = 0;
    listeners.forEach(l -> l.onStart(run.epochs()));
    for (int epoch = 1; epoch <= run.epochs() && reason == StopReason.COMPLETED; epoch++) {
      long epochStart = System.nanoTime();
      double lossSum = 0;
      long correct = 0;
      long examples = 0;
      try (Epoch batches = run.train().epoch(epoch - 1)) {
        for (Batch batch : batches) {
          int step = 1 + (int) (steps % batches.batches());
          StepReport report = step(run, batch, epoch, step, batches.batches(), ++steps);
          lossSum += (double) report.loss() * report.examples();
          correct += report.correct();
          examples += report.examples();
          listeners.forEach(l -> l.onStep(report));
          afterStep(run, report);
          if (!Float.isFinite(report.loss())) {
            reason = StopReason.NON_FINITE_LOSS;
            break;
          }
        }
      }
      if (reason == StopReason.COMPLETED) {
        double seconds = seconds(epochStart);
        Evaluation judged = evaluate(run);
        EpochReport report =
            new EpochReport(
                epoch,
                lossSum / examples,
                (double) correct / examples,
                judged.loss(),
                judged.accuracy(),
                run.optimizer().learningRate(),
                seconds,
                examples / seconds);
        reports.add(report);
        listeners.forEach(l -> l.onEpoch(report));
      }
    }
    TrainingReport report =
        new TrainingReport(reports, reason, steps, seconds(start), 0); // nobody asks for the speed
    listeners.forEach(l -> l.onEnd(report));
  }

  private static StepReport step(Run run, Batch batch, int epoch, int step, int steps, long total) {
    try (Pass pass = Pass.training(run.model().backend(), run.seed() * 1_000_003L + total)) {
      Tensor logits = run.model().forward(pass.images(batch));
      Tensor labels = pass.labels(batch);
      Tensor loss = run.loss().apply(logits, labels);
      float value = loss.item();
      int correct = (int) Accuracy.correct(logits, labels).item();
      double rate = run.optimizer().learningRate();
      if (Float.isFinite(value)) {
        pass.backward(loss);
        run.listeners().forEach(TrainingListener::onGradients);
        run.optimizer().step();
      }
      return new StepReport(epoch, step, steps, batch.size(), value, correct, rate);
    }
  }

  /** Called after every step. */
  void afterStep(Run run, StepReport report) {}

  /** Called after every epoch. */
  Evaluation evaluate(Run run) {
    return new Evaluator(run.model(), run.loss()).evaluate(run.validation());
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }
}
