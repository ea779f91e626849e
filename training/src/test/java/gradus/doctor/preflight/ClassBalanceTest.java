package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static gradus.doctor.preflight.Pictures.subject;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.ClassWeights;
import gradus.data.DataLoader;
import gradus.data.OversamplingSampler;
import gradus.data.WeightedRandomSampler;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassBalanceTest {
  private final ClassBalance check = new ClassBalance();

  /** The last class with one image in so many. */
  private static Pictures rare(int one) {
    return Pictures.of(2000, 1).labelled(i -> i % one == 0 ? 3 : i % 3);
  }

  @Test
  void tenTimesFewerImagesAreNoted() {
    List<Finding> found = check.examine(data(loader(rare(50)), null));
    assertEquals(note(Diagnosis.CLASS_IMBALANCE), names(found));
    assertTrue(found.get(0).cause().contains("\"fourth\" 40"), found.get(0).cause());
    assertTrue(found.get(0).evidence().get(0).sentence().contains("fourth 40"));
    assertEquals(List.of(), check.examine(data(loader(rare(10)), null)));
  }

  @Test
  void weightsInTheLossAreRespected() {
    Pictures pictures = rare(50);
    float[] weights = ClassWeights.inverseFrequency(pictures.classCounts());
    CrossEntropyLoss weighted = new CrossEntropyLoss().classWeights(weights);
    FocalLoss focal = new FocalLoss().classWeights(weights);
    DataLoader loader = loader(pictures);
    assertEquals(List.of(), check.examine(subject(null, weighted, null, loader, null)));
    assertEquals(List.of(), check.examine(subject(null, focal, null, loader, null)));
  }

  @Test
  void soIsTheSampler() {
    Pictures pictures = rare(50);
    for (var sampler :
        List.of(OversamplingSampler.of(pictures, 1), WeightedRandomSampler.balanced(pictures, 1))) {
      DataLoader loader = DataLoader.of(pictures).workers(0).sampler(sampler).build();
      assertEquals(List.of(), check.examine(data(loader, null)));
    }
  }

  @Test
  void aClassWithoutTrainingImagesIsNotedIfTheValidationHasIt() {
    DataLoader three = loader(Pictures.of(300, 1).labelled(i -> i % 3));
    DataLoader four = loader(Pictures.of(300, 2));
    assertEquals(List.of(), check.examine(data(three, three)));
    assertEquals(note(Diagnosis.CLASS_IMBALANCE), names(check.examine(data(three, four))));
  }
}
