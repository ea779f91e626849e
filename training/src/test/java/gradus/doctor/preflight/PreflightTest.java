package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Softmax;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.loss.MSELoss;
import gradus.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreflightTest {
  private static List<Finding> examine(
      Loss loss, Pictures train, Pictures validation, Layer... layers) {
    try (Model model = Nets.build(layers);
        SGD optimizer = SGD.of(model.parameters()).build();
        DataLoader loader = Pictures.loader(train);
        DataLoader held = Pictures.loader(validation)) {
      return Preflight.examine(Pictures.subject(model, loss, optimizer, loader, held));
    }
  }

  @Test
  void aHealthyRunGivesNothing() {
    assertEquals(
        List.of(),
        examine(
            new CrossEntropyLoss(),
            Pictures.of(600, 1),
            Pictures.of(200, 2),
            new Conv2d(8, 3).padding(1),
            new ReLU(),
            new MaxPool2d(2),
            new Linear(16),
            new ReLU(),
            new Linear(4)));
  }

  @Test
  void weightsOfARunThatGoesOnAreNoInitialisation() {
    Initializer large = Initializer.normal(20);
    try (Model model = Nets.build(new Linear(16).weights(large), new ReLU(), new Linear(4));
        SGD optimizer = SGD.of(model.parameters()).build();
        DataLoader loader = Pictures.loader(Pictures.of(600, 1));
        DataLoader held = Pictures.loader(Pictures.of(200, 2))) {
      Subject subject = Pictures.subject(model, new CrossEntropyLoss(), optimizer, loader, held);
      assertEquals(note(Diagnosis.BAD_INITIALIZATION), names(Preflight.examine(subject)));
      List<Long> each = optimizer.stepsOfParameters().stream().map(steps -> 300L).toList();
      optimizer.restoreSteps(300, each);
      assertEquals(List.of(), Preflight.examine(subject));
    }
  }

  @Test
  void labelsThatAreNoClassesAreNotCounted() {
    for (int wrong : new int[] {-1, 4}) {
      Pictures labelled = Pictures.of(600, 1).labelled(i -> i == 7 ? wrong : i % 4);
      List<Finding> found =
          examine(new CrossEntropyLoss(), labelled, Pictures.of(200, 2), new Linear(4));
      assertEquals(Diagnosis.LOSS_OUTPUT_MISMATCH, found.get(0).diagnosis());
      found = examine(new CrossEntropyLoss(), Pictures.of(200, 2), labelled, new Linear(4));
      assertEquals(Diagnosis.LOSS_OUTPUT_MISMATCH, found.get(0).diagnosis());
    }
  }

  @Test
  void certainDefectsComeFirst() {
    assertEquals(
        List.of("LOSS_OUTPUT_MISMATCH!", "INPUT_NOT_NORMALIZED"),
        names(
            examine(
                new CrossEntropyLoss(),
                Pictures.of(600, 1).scaled(70, 120),
                Pictures.of(200, 2).scaled(70, 120),
                new Linear(4),
                new Softmax())));
  }

  @Test
  void aLossThatCannotBeComputedIsAFindingAndNoError() {
    assertEquals(
        List.of("LOSS_OUTPUT_MISMATCH!"),
        names(examine(new MSELoss(), Pictures.of(600, 1), Pictures.of(200, 2), new Linear(3))));
  }
}
