package gradus.examples.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.examples.TestBackend;
import gradus.examples.TinyCifar;
import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Model;
import gradus.optim.Optimizer;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenariosTest {
  @TempDir Path scratch;

  @Test
  void naturalOnesAreMadeOfTheBinaryFiles() throws IOException {
    Scenarios scenarios = new Scenarios(TinyCifar.in(scratch, 80));
    List<Scenario> natural = scenarios.natural();
    Set<String> ids = natural.stream().map(Scenario::id).collect(Collectors.toSet());
    assertEquals(natural.size(), ids.size());
    try (Backend backend = TestBackend.open()) {
      for (Scenario scenario : natural) {
        assertTrue(
            scenario.id().matches(scenario.isHealthy() ? "NH\\d\\d" : "N\\d\\d"), scenario.id());
        assertEquals(scenario.isHealthy(), scenario.expected() == null, scenario.id());
        assertTrue(Set.of(Twin.D, Twin.E).contains(scenario.twin()), scenario.id());
        assertCanBeMade(scenario, backend);
      }
      assertCanBeMade(scenarios.twin(Twin.D), backend);
      assertCanBeMade(scenarios.twin(Twin.E), backend);
    }
  }

  private static void assertCanBeMade(Scenario scenario, Backend backend) {
    Recipe recipe = scenario.recipe().get();
    try (DataLoader train = recipe.trainLoader(1);
        DataLoader validation = recipe.validationLoader();
        Model model = recipe.newModel(backend, train.imageShape(), 1);
        Optimizer optimizer = recipe.newOptimizer(model, model)) {
      assertEquals(train.imageShape(), validation.imageShape(), scenario.id());
      assertEquals(Shape.of(10), model.outputShape(), scenario.id());
      assertTrue(optimizer.learningRate() > 0, scenario.id());
      assertTrue(recipe.plannedSteps() > 0, scenario.id());
      assertNotNull(recipe.newLoss(), scenario.id());
    }
  }
}
