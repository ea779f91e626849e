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
    Map<String, Object> odd = Map.of("w", TENSOR, "model", Map.of("settings", 3L));
    assertEquals(Map.of("w", TENSOR), TorchStateDict.of(FILE, odd));
  }

  @Test
  void aCheckpointMayHaveTensorsOfItsOwn() {
    Map<String, Object> checkpoint =
        Map.of("rng_state", TENSOR, "loss", TENSOR, "model", Map.of("w", TENSOR));
    assertEquals(Map.of("w", TENSOR), TorchStateDict.of(FILE, checkpoint));
  }

  @Test
  void whatIsUnknownMayStandBesideTheWeightsAndNotAmongThem() {
    Object unknown = new PickleReader.Other("argparse.Namespace");
    Map<String, Object> checkpoint = Map.of("model", Map.of("w", TENSOR), "args", unknown);
    assertEquals(Map.of("w", TENSOR), TorchStateDict.of(FILE, checkpoint));
    assertEquals(
        Map.of("w", TENSOR),
        TorchStateDict.of(FILE, Map.of("w", TENSOR, "a._extra_state", unknown)));
    refused(Map.of("w", TENSOR, "v", unknown), "asks for argparse.Namespace");
    refused(Map.of("model", unknown), "asks for argparse.Namespace"); // as a whole model is
    refused(unknown, "nothing that a file asks for is run");
    refused(new PickleReader.Other("a".repeat(1000)), "a...");
    refused(Map.of("net", Map.of("w", TENSOR), "args", unknown), "but no tensors by name");
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
