package gradus.examples.doctor;

import gradus.doctor.treatment.Treatment;
import gradus.train.EpochReport;
import gradus.train.StopReason;
import gradus.train.TrainingListener;
import gradus.train.TrainingSnapshot;
import gradus.train.Treatable;
import gradus.train.TreatingListener;
import gradus.weights.WeightSnapshot;
import java.util.List;
import java.util.SplittableRandom;

/** Treats a run with a remedy drawn by lot, when and from where the doctor would. */
final class ByLot implements Treatments.Attendance, TreatingListener {
  private final SplittableRandom random;
  private final Treatments.Moment moment;
  private Loop.Run run;
  private Treatable treatable;
  private TrainingSnapshot beginning;
  private WeightSnapshot best;
  private int bestEpoch;
  private double lowest = Double.POSITIVE_INFINITY;
  private double rate;
  private boolean done;

  ByLot(long seed, Treatments.Moment moment) {
    this.random = new SplittableRandom(seed);
    this.moment = moment;
  }

  @Override
  public List<TrainingListener> join(Loop.Run value) {
    run = value;
    rate = run.optimizer().learningRate();
    beginning = new TrainingSnapshot(run.model(), run.optimizer());
    best = new WeightSnapshot(run.model());
    return List.of(this);
  }

  @Override
  public void treats(Treatable value) {
    treatable = value;
  }

  @Override
  public void onStart(int epochs) {
    if (moment.given() && moment.epoch() == 0) {
      treat(true);
    }
  }

  @Override
  public void onEpoch(EpochReport report) {
    if (!done && report.validationLoss() < lowest) {
      lowest = report.validationLoss();
      bestEpoch = report.epoch();
      best.capture();
    }
    int when = moment.given() ? moment.epoch() : (run.epochs() + 1) / 2;
    if (!done && report.epoch() == when) {
      treat(moment.fromBeginning());
    }
  }

  @Override
  public boolean rescue(StopReason failure) {
    if (done) {
      return false;
    }
    treat(true);
    return true;
  }

  private void treat(boolean fromBeginning) {
    done = true;
    List<Treatment> remedies =
        List.of(
            Treatment.learningRate(0.1),
            Treatment.learningRate(10),
            Treatment.freshCosine(rate),
            newWeights(),
            Treatment.shuffle(run.seed()),
            Treatment.accumulate(16),
            Treatment.weakerRegularization(),
            Treatment.stopWithBest(best, bestEpoch));
    int drawn = random.nextInt(remedies.size());
    Treatment treatment = remedies.get(drawn);
    boolean anew = fromBeginning && drawn < remedies.size() - 1;
    (anew ? treatment.from(beginning) : treatment).apply(treatable);
  }

  private Treatment newWeights() {
    return Treatment.newWeights(
        "weights drawn as He et al. do",
        beginning,
        run.model(),
        model -> Treatment.initialize(model, run.seed()));
  }

  @Override
  public void close() {
    beginning.close();
    best.close();
  }
}
