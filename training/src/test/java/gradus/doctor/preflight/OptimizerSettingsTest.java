package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.certain;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Adadelta;
import gradus.optim.Adagrad;
import gradus.optim.Adam;
import gradus.optim.AdamW;
import gradus.optim.LARS;
import gradus.optim.Lion;
import gradus.optim.NAdam;
import gradus.optim.Optimizer;
import gradus.optim.RAdam;
import gradus.optim.RMSprop;
import gradus.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OptimizerSettingsTest {
  private static final List<String> IDLE = certain(Diagnosis.PARAMETERS_NOT_UPDATING);
  private static final List<String> ODD = note(Diagnosis.OPTIMIZER_MISCONFIGURED);

  private final OptimizerSettings check = new OptimizerSettings();
  private final Model model = Nets.build(new Linear(4));
  private final DataLoader loader = Pictures.loader(Pictures.of(20, 1));

  @AfterEach
  void close() {
    loader.close();
    model.close();
  }

  private List<Finding> of(Optimizer.Builder<?> builder) {
    try (Optimizer optimizer = builder.build()) {
      return check.examine(
          Pictures.subject(model, new CrossEntropyLoss(), optimizer, loader, null));
    }
  }

  @Test
  void defaultsAreUsual() {
    ParameterStore p = model.parameters();
    for (Optimizer.Builder<?> builder :
        List.of(
            SGD.of(p),
            SGD.of(p).momentum(0),
            SGD.of(p).momentum(0.98),
            Adam.of(p),
            AdamW.of(p),
            NAdam.of(p),
            RAdam.of(p),
            RMSprop.of(p),
            Adadelta.of(p),
            Adagrad.of(p),
            Lion.of(p),
            LARS.of(p))) {
      assertEquals(List.of(), of(builder));
    }
  }

  @Test
  void farFromUsualIsNoted() {
    ParameterStore p = model.parameters();
    assertEquals(ODD, names(of(SGD.of(p).momentum(0.99))));
    assertEquals(ODD, names(of(RMSprop.of(p).momentum(0.995))));
    assertEquals(ODD, names(of(LARS.of(p).momentum(0.999))));
    assertEquals(ODD, names(of(Adam.of(p).betas(0.39, 0.999))));
    assertEquals(ODD, names(of(AdamW.of(p).betas(0.9, 0.44))));
    assertEquals(ODD, names(of(NAdam.of(p).betas(0.4, 0.999))));
    assertEquals(ODD, names(of(RAdam.of(p).betas(0.9, 0.8))));
    assertEquals(ODD, names(of(Lion.of(p).betas(0.1, 0.99))));
    assertEquals(ODD, names(of(Adam.of(p).epsilon(1e-16))));
    List<Finding> found = of(Adam.of(p).epsilon(0.1));
    assertEquals(ODD, names(found));
    assertTrue(found.get(0).cause().contains("epsilon 0.100"), found.get(0).cause());
  }

  @Test
  void theRemedyIsACallOfThatOptimizer() {
    ParameterStore p = model.parameters();
    assertEquals(
        new Remedy(
            "Begin with the usual settings.",
            "Adam.of(model.parameters()).betas(0.9, 0.999).epsilon(1e-8).build()",
            "--betas 0.9,0.999"),
        of(Adam.of(p).epsilon(0.1).betas(0.1, 0.999)).get(0).remedy());
    assertEquals(
        "Lion.of(model.parameters()).betas(0.9, 0.99).build()",
        of(Lion.of(p).betas(0.1, 0.99)).get(0).remedy().java());
    Remedy epsilon = of(RMSprop.of(p).epsilon(0.1)).get(0).remedy();
    assertEquals("RMSprop.of(model.parameters()).epsilon(1e-8).build()", epsilon.java());
    assertNull(epsilon.option(), "there is no option for it");
    assertEquals("--momentum 0.9", of(SGD.of(p).momentum(0.99)).get(0).remedy().option());
  }

  @Test
  void anOptimizerOfAnotherModelChangesNothing() {
    try (Model copy = Nets.build(new Linear(4))) {
      assertEquals(IDLE, names(of(SGD.of(copy.parameters()))));
    }
  }

  @Test
  void norDoesARateOfZeroOrAFrozenModel() {
    assertEquals(IDLE, names(of(SGD.of(model.parameters()).learningRate(0))));
    model.parameters().named("0.weight").setFrozen(true);
    assertEquals(List.of(), of(SGD.of(model.parameters()))); // the bias still learns
    for (Parameter parameter : model.parameters()) {
      parameter.setFrozen(true);
    }
    assertEquals(IDLE, names(of(SGD.of(model.parameters()))));
  }
}
