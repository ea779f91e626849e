package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.MixUp;
import gradus.layer.Model;
import gradus.loss.BCEWithLogitsLoss;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import gradus.loss.MSELoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.train.Stripes;
import gradus.train.Trainer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that knows its images shows nothing, whatever its loss leaves of itself in the end. */
class LossesOfGoodRunsTest {
  private static final BatchTransform PLAIN = (batch, random) -> {};

  static Stream<Arguments> losses() {
    return Stream.of(
        Arguments.of(new CrossEntropyLoss(), null, 0.05),
        Arguments.of(new CrossEntropyLoss().labelSmoothing(0.3), null, 0.05),
        Arguments.of(new CrossEntropyLoss().labelSmoothing(0.7), null, 0.05),
        Arguments.of(new CrossEntropyLoss(), new MixUp(), 0.05),
        Arguments.of(new FocalLoss(), null, 0.05),
        Arguments.of(new MSELoss(), PLAIN, 0.1),
        Arguments.of(new MSELoss(), null, 0.1),
        Arguments.of(new BCEWithLogitsLoss(), null, 0.1),
        Arguments.of(new BCEWithLogitsLoss(), PLAIN, 0.1));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void showNothing(Loss loss, BatchTransform targets, double rate) {
    int[] order = new int[1600];
    for (int i = 0; i < order.length; i++) {
      order[i] = (i * 37 + i / 60) % 60;
    }
    DataLoader.Builder settings = Stripes.loader(16).sampler(epoch -> order);
    if (targets != null) {
      settings.batchTransform(targets);
    }
    try (Backend backend = TestBackend.open();
        DataLoader train = settings.build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer =
            SGD.of(model.parameters()).learningRate(rate).weightDecay(1e-3).build();
        Doctor doctor = Doctor.attach(model, loss, optimizer)) {
      doctor.data(train, null).mode(DoctorMode.WATCH).examined(List.of());
      new Trainer(model, loss, optimizer).seed(5).doctor(doctor).fit(train, null, 10);
      assertTrue(doctor.history().last().train().accuracy() > 0.95, "it has not gone well");
      assertEquals(Map.of(), doctor.symptoms());
      assertEquals(1, doctor.history().skill(), 0.3, "of its own loss");
    }
  }
}
