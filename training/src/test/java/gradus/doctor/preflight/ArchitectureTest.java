package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.AvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.layer.SqueezeExcitation;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final List<String> DEFECT = note(Diagnosis.ARCHITECTURE_DEFECT);

  private final Architecture check = new Architecture();

  /** Of images of 32 x 32; nothing but the wiring is looked at. */
  private List<Finding> of(Layer... layers) {
    try (Model model = Nets.build(Shape.of(3, 32, 32), layers);
        DataLoader loader = Pictures.loader(Pictures.of(4, 1))) {
      return check.examine(Pictures.subject(model, new CrossEntropyLoss(), null, loader, null));
    }
  }

  private static Layer conv(int channels) {
    return new Conv2d(channels, 3).padding(1);
  }

  @Test
  void layersWithNothingNonlinearBetweenThemAreNamed() {
    List<Finding> found = of(conv(4), new BatchNorm2d(), conv(4), new ReLU(), new Linear(2));
    assertEquals(DEFECT, names(found));
    assertTrue(found.get(0).cause().contains("Conv2d 0 and Conv2d 2"), found.get(0).cause());
    assertEquals(DEFECT, names(of(new Linear(20), new Dropout(), new Linear(4))));
    assertEquals(DEFECT, names(of(conv(4), new AvgPool2d(2), new Linear(4))));
  }

  @Test
  void maxPoolsAndActivationsAreNonlinear() {
    assertEquals(List.of(), of(conv(4), new MaxPool2d(2), conv(4), new ReLU(), new Linear(2)));
    assertEquals(List.of(), of(conv(4), new ReLU(), new AvgPool2d(2), new Linear(4)));
  }

  @Test
  void convolutionsInTwoPartsAndBlocksWithShortcutsAreMeantSo() {
    assertEquals( // depthwise separable
        List.of(),
        of(
            conv(4),
            new ReLU(),
            new Conv2d(4, 3).padding(1).groups(4),
            new Conv2d(8, 1),
            new ReLU(),
            new Linear(2)));
    assertEquals( // a linear bottleneck
        List.of(),
        of(
            new Conv2d(4, 1),
            new Residual(
                new Sequential(new Conv2d(8, 1), new ReLU(), new Conv2d(4, 1), new BatchNorm2d())),
            new Conv2d(8, 1),
            new ReLU(),
            new Linear(2)));
    assertEquals( // rows, then columns
        List.of(),
        of(Conv2d.rectangular(4, 1, 7), Conv2d.rectangular(4, 7, 1), new ReLU(), new Linear(2)));
  }

  @Test
  void aKernelOnASinglePixelIsNoted() {
    Layer[] shrinking = {
      conv(2), new ReLU(), new MaxPool2d(4), new MaxPool2d(8), conv(4), new ReLU(), new Linear(2)
    };
    List<Finding> found = of(shrinking);
    assertEquals(DEFECT, names(found));
    assertTrue(found.get(0).cause().contains("2 x 2"), found.get(0).cause());
    assertEquals(
        List.of(),
        of(
            conv(2),
            new ReLU(),
            new MaxPool2d(4),
            new MaxPool2d(4),
            conv(4),
            new ReLU(),
            new Linear(2)));
    assertEquals( // the gate works on single pixels on purpose
        List.of(),
        of(conv(8), new ReLU(), new SqueezeExcitation(2), conv(4), new ReLU(), new Linear(2)));
  }

  @Test
  void featuresThatSeeLittleBeforeTheAverageAreNoted() {
    List<Finding> found =
        of(new Conv2d(2, 3).stride(4), new ReLU(), new AdaptiveAvgPool2d(), new Linear(4));
    assertEquals(DEFECT, names(found));
    assertTrue(found.get(0).cause().contains("3 x 3 of the 32 x 32"), found.get(0).cause());
    assertEquals(
        List.of(),
        of(
            conv(2),
            new ReLU(),
            new Conv2d(2, 3).padding(1).stride(2),
            new ReLU(),
            new Conv2d(2, 3).padding(1).stride(2), // 3, 5, 9 pixels
            new ReLU(),
            new AdaptiveAvgPool2d(),
            new Linear(4)));
    Layer[] pooledEarly = {
      conv(8),
      new ReLU(),
      new AdaptiveAvgPool2d(),
      new Conv2d(8, 1), // of a single pixel: no more than a linear layer
      new ReLU(),
      new Linear(4)
    };
    assertEquals(DEFECT, names(of(pooledEarly)));
    assertEquals( // a gate at the end
        List.of(), of(conv(8), new ReLU(), new SqueezeExcitation(2), new Linear(2)));
    assertEquals( // a linear layer sees all places
        List.of(), of(new Conv2d(2, 3).stride(4), new ReLU(), new Linear(4)));
  }
}
