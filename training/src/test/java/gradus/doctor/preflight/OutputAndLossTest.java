package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.certain;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.LeakyReLU;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Scale;
import gradus.layer.Sigmoid;
import gradus.layer.Softmax;
import gradus.layer.Tanh;
import gradus.loss.BCEWithLogitsLoss;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.MSELoss;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputAndLossTest {
  private static final List<String> CERTAIN = certain(Diagnosis.LOSS_OUTPUT_MISMATCH);

  private final OutputAndLoss check = new OutputAndLoss();

  @Test
  void logitsAreFine() {
    assertEquals(List.of(), Nets.examine(check, new Linear(8), new ReLU(), new Linear(4)));
    assertEquals(List.of(), Nets.examine(check, new FocalLoss(), new Linear(4), new Scale(0.125)));
    assertEquals( // as in all-convolutional networks: the average is over places
        List.of(),
        Nets.examine(check, new Conv2d(4, 3), new ReLU(), new AdaptiveAvgPool2d(), new Flatten()));
    assertEquals(List.of(), Nets.examine(check, new Linear(4), new LeakyReLU()));
  }

  @Test
  void softmaxTwiceHasAFloor() {
    List<Finding> found = Nets.examine(check, new Linear(4), new Softmax());
    assertEquals(CERTAIN, names(found));
    assertTrue(found.get(0).cause().contains("below 0.74"), found.get(0).cause()); // ln(1 + 3/e)
    assertEquals(
        CERTAIN, names(Nets.examine(check, new FocalLoss(), new Linear(4), new Softmax())));
    assertEquals(CERTAIN, names(Nets.examine(check, new Linear(4), new Softmax(), new Scale(2))));
  }

  @Test
  void boundedOutputsAreNoLogits() {
    assertEquals(CERTAIN, names(Nets.examine(check, new Linear(4), new ReLU())));
    assertEquals(CERTAIN, names(Nets.examine(check, new Linear(4), new Sigmoid())));
    assertEquals(CERTAIN, names(Nets.examine(check, new Linear(4), new Tanh())));
    assertEquals(
        CERTAIN, names(Nets.examine(check, new BCEWithLogitsLoss(), new Linear(4), new Sigmoid())));
  }

  @Test
  void aLossThatCannotBeComputedIsFoundBeforeTraining() {
    List<Finding> found = Nets.examine(check, new Linear(3)); // a label is 3
    assertEquals(CERTAIN, names(found));
    assertEquals("new Linear(4) as the last layer", found.get(0).remedy().java());
    assertEquals(CERTAIN, names(Nets.examine(check, new MSELoss(), new Linear(3))));
    assertEquals(
        CERTAIN, names(Nets.examine(check, new CrossEntropyLoss(), new Conv2d(4, 8)))); // [4,1,1]
  }

  @Test
  void lossesThatCompareAllOutputsGetTheLabelsOneHot() {
    assertEquals(List.of(), names(Nets.examine(check, new MSELoss(), new Linear(4))));
    assertEquals(List.of(), names(Nets.examine(check, new BCEWithLogitsLoss(), new Linear(4))));
  }

  @Test
  void moreOutputsThanClassesAreNoted() {
    assertEquals(note(Diagnosis.LOSS_OUTPUT_MISMATCH), names(Nets.examine(check, new Linear(10))));
  }

  @Test
  void labelsOutsideTheClassesAreNamed() {
    try (Model model = Nets.build(new Linear(4))) {
      for (int wrong : new int[] {4, -1}) {
        Pictures data = Pictures.of(100, 1).labelled(i -> i == 17 ? wrong : i % 4);
        List<Finding> found = Nets.examine(check, model, new CrossEntropyLoss(), data);
        assertEquals(CERTAIN, names(found));
        String fact = found.get(0).evidence().get(0).sentence();
        assertTrue(fact.contains("image 17") && fact.contains(" " + wrong), fact);
      }
    }
  }
}
