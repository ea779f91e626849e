package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.LearningRate;
import gradus.schedule.Schedule;
import gradus.train.Stripes;
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

  /** The rate of the last batch is the lowest: where it begins depends on how many there are. */
  @Test
  void aBatchThatTheLoaderDropsIsNotTheLastOfAnEpoch() {
    assertEquals(0.75, lowestFactorAhead(Stripes.loader(60)), 1e-12);
    assertEquals(0.625, lowestFactorAhead(Stripes.loader(50)), 1e-12);
    assertEquals(0.75, lowestFactorAhead(Stripes.loader(50).dropLast(true)), 1e-12);
  }
}
