package gradus.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Smote;
import gradus.layer.Flatten;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClassifierHeadTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private static float[] logits(Model model, Dataset data, int index) {
    float[] values = new float[Math.toIntExact(model.inputShape().size())];
    data.get(index).image().writeTo(values, 0);
    int[] shape = {
      1, model.inputShape().dim(0), model.inputShape().dim(1), model.inputShape().dim(2)
    };
    try (Pass pass = Pass.evaluating(model.backend())) {
      Batch one = new Batch(Shape.of(shape), FloatBuffer.wrap(values), null);
      return model.forward(pass.images(one)).toArray();
    }
  }

  @Test
  void theHeadOnFeaturesIsTheWholeModel() {
    try (Model model = Stripes.model(backend, 3);
        DataLoader loader = Stripes.loader(7).build();
        ClassifierHead head = ClassifierHead.of(model)) {
      Dataset features = head.features(loader);
      assertEquals(60, features.size());
      for (int i : new int[] {0, 8, 59}) {
        assertEquals(Stripes.DATA.label(i), features.label(i));
        assertArrayEquals(logits(model, Stripes.DATA, i), logits(head.model(), features, i), 1e-5f);
      }
    }
  }

  @Test
  void trainingOnSmotedFeaturesChangesTheLastLayerAlone() {
    int[] unequal =
        IntStream.range(0, 60).filter(i -> Stripes.DATA.label(i) == 0 || i < 12).toArray();
    Dataset tail = Stripes.DATA.subset(unequal);
    try (Model model = Stripes.model(backend, 3);
        DataLoader loader = DataLoader.of(tail).batchSize(8).workers(0).build();
        ClassifierHead head = ClassifierHead.of(model)) {
      List<float[]> before = model.state().stream().map(Parameter::read).toList();
      Dataset balanced = Smote.of(head.features(loader), 1);
      int[] counts = balanced.classCounts();
      assertEquals(counts[0], counts[1]);
      assertEquals(counts[0], counts[2]);
      try (DataLoader made = DataLoader.of(balanced).batchSize(8).workers(0).shuffle(1).build();
          Optimizer sgd = SGD.of(head.model().parameters()).learningRate(0.05).build()) {
        TrainingReport report =
            new Trainer(head.model(), new CrossEntropyLoss(), sgd).fit(made, null, 5);
        assertTrue(report.epochs().get(4).trainLoss() < report.epochs().get(0).trainLoss());
      }
      assertUnchanged(before, model, before.size(), "before it is applied");
      head.apply();
      assertUnchanged(before, model, before.size() - 1, "but of the last layer");
      assertArrayEquals(
          logits(model, tail, 3), logits(head.model(), head.features(loader), 3), 1e-5f);
    }
  }

  /** So many of the parameters and statistics that are not of the last layer are as they were. */
  private static void assertUnchanged(
      List<float[]> before, Model model, int atLeast, String message) {
    List<Parameter> now = model.state();
    boolean applied = atLeast < before.size();
    for (int i = 0; i < now.size(); i++) {
      boolean last = now.get(i).name().startsWith("5.");
      boolean same = Arrays.equals(before.get(i), now.get(i).read());
      if (last && applied) {
        assertFalse(same, now.get(i).name());
      } else {
        assertTrue(same, now.get(i).name() + " " + message);
      }
    }
  }

  @Test
  void modelsWithoutALinearEndAreRefused() {
    Sequential net = new Sequential(new Flatten(), new ReLU());
    try (Model model = Model.build(backend, net, Shape.of(1, 2, 2), 1)) {
      String message =
          assertThrows(GradusException.class, () -> ClassifierHead.of(model)).getMessage();
      assertTrue(message.contains("Linear"), message);
    }
  }
}
