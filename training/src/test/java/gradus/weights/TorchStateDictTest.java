package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchStateDictTest {
  private static final Path FILE = Path.of("m.pth");
  private static final TorchTensor TENSOR =
      new TorchTensor(new TorchStorage("0", TorchStorage.Format.FLOAT, 1), 0, List.of(), List.of());

  private static void refused(Object root, String part) {
    String message =
        assertThrows(GradusException.class, () -> TorchStateDict.of(FILE, root)).getMessage();
    assertTrue(message.contains("m.pth") && message.contains(part), message);
  }

  @Test
  void takesTheTensorsOfAStateDict() {
    assertEquals(
        Map.of("fc.bias", TENSOR),
        TorchStateDict.of(FILE, Map.of("fc.bias", TENSOR, "_extra_state", 3L, 7L, TENSOR)));
    // What has tensors is the state dict, whatever else it is called like.
    Map<String, Object> odd = Map.of("w", TENSOR, "model", Map.of("v", TENSOR));
    assertEquals(Map.of("w", TENSOR), TorchStateDict.of(FILE, odd));
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict", "model_state_dict", "model"})
  void looksIntoACheckpoint(String name) {
    Map<String, Object> checkpoint =
        Map.of("epoch", 3L, name, Map.of("w", TENSOR), "optimizer", Map.of("m", TENSOR));
    assertEquals(Map.of("w", TENSOR), TorchStateDict.of(FILE, checkpoint));
  }

  @Test
  void takesAwayWhatDataParallelTrainingPutsBeforeEveryName() {
    assertEquals(
        Map.of("a", TENSOR, "b", TENSOR),
        TorchStateDict.of(FILE, Map.of("module.a", TENSOR, "module.b", TENSOR)));
    Map<String, TorchTensor> mixed = Map.of("module.a", TENSOR, "b", TENSOR);
    assertEquals(mixed, TorchStateDict.of(FILE, mixed));
  }

  @Test
  void refusesWhatHasNoTensorsByName() {
    refused(List.of(TENSOR), "no dictionary");
    refused(TENSOR, "no dictionary");
    refused(Map.of("net", Map.of("w", TENSOR)), "[net]");
    refused(Map.of("model", Map.of("net", Map.of("w", TENSOR))), "torch.save(model.state_dict()");
  }
}
