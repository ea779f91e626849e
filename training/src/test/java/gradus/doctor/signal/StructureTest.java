package gradus.doctor.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import gradus.TestBackend;
import gradus.doctor.signal.Operation.Kind;
import gradus.doctor.signal.Operation.Window;
import gradus.layer.AvgPool2d;
import gradus.layer.Concat;
import gradus.layer.Conv2d;
import gradus.layer.GlobalMaxPool2d;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.layer.SqueezeExcitation;
import gradus.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StructureTest {
  @Test
  void operationsKnowTheirInputsShapesAndWindows() {
    Sequential net =
        new Sequential(
            new Conv2d(6, 3).stride(2).dilation(2),
            new SqueezeExcitation(2),
            new Residual(new Conv2d(6, 3).padding(1)),
            new Concat(new ReLU(), new AvgPool2d(1)),
            new GlobalMaxPool2d(),
            new Linear(4));
    try (Model model = Model.build(TestBackend.open(), net, Shape.of(3, 12, 14), 1)) {
      Structure structure = Structure.of(model);
      List<Operation> all = structure.operations();
      Operation conv = all.get(0);
      assertEquals(List.of(Structure.IMAGES), conv.inputs());
      assertEquals(new Window(5, 5, 2, 2), conv.window());
      assertEquals(Shape.of(6, 4, 5), conv.output());
      assertNotNull(conv.weight());
      Operation gate = all.stream().filter(o -> o.kind() == Kind.GATE).findFirst().orElseThrow();
      assertEquals(0, gate.inputs().get(0));
      assertEquals("1.scale_activation", all.get(gate.inputs().get(1)).path());
      assertEquals(
          List.of(1, 2, 3, 4, 5),
          IntStream.range(0, all.size()).filter(structure::isInGate).boxed().toList());
      Operation sum = all.stream().filter(o -> o.kind() == Kind.ADD).findFirst().orElseThrow();
      assertEquals(Kind.CONVOLUTION, all.get(sum.inputs().get(0)).kind());
      assertEquals(Kind.GATE, all.get(sum.inputs().get(1)).kind());
      Operation side = all.stream().filter(o -> o.kind() == Kind.CONCAT).findFirst().orElseThrow();
      assertEquals(Shape.of(12, 4, 5), side.output());
      assertEquals("4", all.get(all.size() - 3).path());
      assertEquals("GlobalMaxPool2d", all.get(all.size() - 3).name());
      Operation last = all.get(structure.output());
      assertEquals(Kind.LINEAR, last.kind());
      assertEquals(Shape.of(4), last.output());
      assertNull(last.window());
    }
  }
}
