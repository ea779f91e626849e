package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.doctor.Diagnosis;
import gradus.doctor.Subject;
import gradus.train.Accumulation;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchOrderTest {
  private final BatchOrder check = new BatchOrder();
  private final Pictures sorted = Pictures.of(1000, 1).labelled(i -> i / 250);

  private List<String> inOrder(Dataset data, int batch) {
    DataLoader loader = DataLoader.of(data).workers(0).batchSize(batch).build();
    return names(check.examine(data(loader, null)));
  }

  @Test
  void sortedImagesAreNotedWhateverTheBatchSize() {
    assertEquals(note(Diagnosis.DATA_NOT_SHUFFLED), inOrder(sorted, 1));
    assertEquals(note(Diagnosis.DATA_NOT_SHUFFLED), inOrder(sorted, 16));
    assertEquals(note(Diagnosis.DATA_NOT_SHUFFLED), inOrder(sorted, 64));
  }

  @Test
  void sortedRunsWithinABatchAreNot() {
    Pictures runs = Pictures.of(1000, 1).labelled(i -> i / 8 % 4);
    assertEquals(List.of(), inOrder(runs, 32));
    assertEquals(note(Diagnosis.DATA_NOT_SHUFFLED), inOrder(runs.labelled(i -> i / 40 % 4), 32));
  }

  /** What is mixed over an update is mixed, whatever its batches are. */
  @Test
  void batchesThatAreAccumulatedAreTakenTogether() {
    Pictures runs = Pictures.of(1000, 1).labelled(i -> i / 40 % 4);
    DataLoader loader = DataLoader.of(runs).workers(0).batchSize(32).build();
    Subject one = data(loader, null);
    Subject five = new Subject(null, one.loss(), null, loader, null, 5, 1, new Accumulation(5));
    assertEquals(note(Diagnosis.DATA_NOT_SHUFFLED), names(check.examine(one)));
    assertEquals(List.of(), check.examine(five));
  }

  @Test
  void mixedOrdersAreFine() {
    assertEquals(List.of(), check.examine(data(loader(sorted), null)));
    assertEquals(List.of(), inOrder(Pictures.of(1000, 1), 16)); // classes take turns
    assertEquals(List.of(), inOrder(Pictures.of(1000, 1).labelled(i -> 2), 16)); // of one class
  }
}
