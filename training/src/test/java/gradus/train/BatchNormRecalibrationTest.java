package gradus.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.layer.Parameter;
import org.junit.jupiter.api.Test;

class BatchNormRecalibrationTest {
  @Test
  void frozenBatchNormsKeepTheirStatistics() {
    try (Backend backend = TestBackend.open();
        Model model = Stripes.model(backend, 1);
        DataLoader train = Stripes.loader(20).build()) {
      Parameter mean = model.parameters().named("1.running_mean");
      float[] fresh = mean.read();
      model.parameters().forEach(parameter -> parameter.setFrozen(true));
      BatchNormRecalibration.run(model, train);
      assertArrayEquals(fresh, mean.read());

      model.parameters().forEach(parameter -> parameter.setFrozen(false));
      BatchNormRecalibration.run(model, train);
      assertNotEquals(fresh[0], mean.read()[0]);
    }
  }
}
