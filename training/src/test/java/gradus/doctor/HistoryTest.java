package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.LearningRate;
import gradus.schedule.Schedule;
import gradus.tensor.Batch;
import gradus.train.EpochReport;
import gradus.train.Stripes;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /** Of two epochs of a rate that reaches 0 after four. */
  private double lowestFactorAhead(DataLoader.Builder batches) {
    try (DataLoader train = batches.build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      LearningRate rate = LearningRate.of(optimizer).schedule(Schedule.linear(1, 0, 4));
      doctor.data(train, null).mode(DoctorMode.WATCH).learningRate(rate).onStart(2);
      return doctor.history().lowestFactorAhead();
    }
  }

  private static EpochReport epoch(int number, double rate) {
    return new EpochReport(number, 1, 0.5, 1, 0.5, rate, 1, 1);
  }

  /** Epochs know what a plateau has made of the rate, and the plan what it was within them. */
  @Test
  void aResumedRunHadTheRatesOfItsEarlierEpochs() {
    List<EpochReport> earlier = List.of(epoch(1, 0.3), epoch(2, 0.01), epoch(3, Double.NaN));
    History resumed = SyntheticHistory.healthy().rate(p -> 0.001).build();
    resumed.resume(earlier, false);
    assertEquals(0.3, resumed.steps().peakRate());
    assertEquals(0.3, resumed.peakBefore());
    assertEquals(List.of(0.3, 0.01, Double.NaN), resumed.ratesBefore());
    History planned = SyntheticHistory.healthy().schedule(Schedule.exponential(0.1)).build();
    planned.resume(earlier, false);
    assertEquals(1, planned.peakBefore());
    planned = SyntheticHistory.healthy().rate(p -> 0.001).build();
    planned.plan(time -> 0.2 - 0.05 * time);
    planned.resume(earlier, true);
    assertEquals(0.2, planned.peakBefore(), "those of before the treatment say nothing");
    assertEquals(List.of(), planned.ratesBefore());
    assertEquals(0.001, SyntheticHistory.healthy().rate(p -> 0.001).build().steps().peakRate());
  }

  @Test
  void aRunThatGoesOnOtherwiseHasRatesOfItsOwn() {
    try (Model model = Stripes.plainModel(backend);
        Vitals vitals = new Vitals(model)) {
      History since = SyntheticHistory.healthy().sampled(vitals, "SGD").rate(p -> 0.001).build();
      since.follows(SyntheticHistory.healthy().rate(p -> 10).build());
      assertEquals(0.001, since.steps().peakRate());
      assertEquals(0, since.peakBefore());
    }
  }

  private void moveAt(double rate, Model model, Vitals vitals) {
    try (DataLoader train = Stripes.loader(8).build();
        Epoch epoch = train.epoch(0);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        Pass pass = Pass.training(backend, 1)) {
      Batch batch = epoch.iterator().next();
      pass.backward(
          new CrossEntropyLoss().apply(model.forward(pass.images(batch)), pass.targets(batch)));
      vitals.gradientsReady();
      optimizer.step();
      vitals.stepDone();
    }
  }

  private OptionalDouble ratio(double rate, List<EpochReport> earlier) {
    try (Model model = Stripes.plainModel(backend);
        Vitals vitals = new Vitals(model)) {
      moveAt(rate, model, vitals);
      History history = SyntheticHistory.healthy().sampled(vitals, "SGD").rate(p -> rate).build();
      history.resume(earlier, false);
      return history.largestUpdateRatio(100);
    }
  }

  /** Nobody has seen them: they were as many times longer as the rate was higher. */
  @Test
  void theFirstStepsOfAResumedRunAreReckoned() {
    double first = ratio(0.1, List.of()).orElseThrow();
    assertEquals(first, ratio(0.01, List.of(epoch(1, 0.1))).orElseThrow(), 0.01 * first);
    assertEquals(first, ratio(0.1, List.of(epoch(1, 0.01))).orElseThrow(), 1e-9, "a warm-up");
    assertEquals(OptionalDouble.empty(), ratio(1e-5, List.of(epoch(1, 0.1))), "nearly none");
  }

  /** The rate of the last batch is the lowest: where it begins depends on how many there are. */
  @Test
  void aBatchThatTheLoaderDropsIsNotTheLastOfAnEpoch() {
    assertEquals(0.75, lowestFactorAhead(Stripes.loader(60)), 1e-12);
    assertEquals(0.625, lowestFactorAhead(Stripes.loader(50)), 1e-12);
    assertEquals(0.75, lowestFactorAhead(Stripes.loader(50).dropLast(true)), 1e-12);
  }
}
