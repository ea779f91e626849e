package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.ConvAccuracy;
import org.junit.jupiter.api.Test;

class ConvolutionChoiceTest {
  @Test
  void strictMeansDirect() {
    assertEquals(ConvolutionChoice.DIRECT, ConvolutionChoice.choose(ConvAccuracy.STRICT));
    assertEquals(ConvolutionChoice.AUTO, ConvolutionChoice.choose(ConvAccuracy.FAST));
    BackendOptions strict = BackendOptions.DEFAULT.withConvAccuracy(ConvAccuracy.STRICT);
    try (Backend backend = Backends.named("cpu", strict)) {
      assertTrue(backend.describe().contains(", direct convolutions, "), backend.describe());
    }
  }

  @Test
  void namesAreChecked() {
    assertEquals(ConvolutionChoice.WINOGRAD, ConvolutionChoice.named("winograd"));
    GradusException e = assertThrows(GradusException.class, () -> ConvolutionChoice.named("fft"));
    assertTrue(e.getMessage().contains("fft"), e.getMessage());
    assertTrue(e.getMessage().contains("winograd"), e.getMessage());
  }
}
