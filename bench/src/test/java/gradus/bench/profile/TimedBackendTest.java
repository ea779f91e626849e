package gradus.bench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.backend.Buffer;
import gradus.tensor.DType;
import gradus.tensor.Precision;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimedBackendTest {
  /** The reference rounds gradients, which a step must do when it is watched, too. */
  @Test
  void aWatchedBackendDoesWhatItDoesUnwatched() {
    try (Backend reference = Backends.named("reference")) {
      TimedBackend timed = new TimedBackend(reference);
      for (Precision precision : Precision.values()) {
        assertEquals(reference.support(precision), timed.support(precision));
        assertEquals(
            reference.roundsGradients(precision), timed.roundsGradients(precision), "" + precision);
      }
    }
  }

  /** But for the way to other backends, which is through the memory that is watched. */
  @Test
  void noAnswerIsThatOfBackendsInGeneral() throws NoSuchMethodException {
    for (Method method : Backend.class.getMethods()) {
      if (!method.getName().equals("collective")) {
        Method own = TimedBackend.class.getMethod(method.getName(), method.getParameterTypes());
        assertEquals(TimedBackend.class, own.getDeclaringClass(), method.getName());
      }
    }
  }

  @Test
  void aCallIsCountedWithTheMemoryItWasGiven() {
    try (Backend reference = Backends.named("reference")) {
      TimedBackend timed = new TimedBackend(reference);
      Buffer x = reference.memory().allocate(DType.F32, 40);
      Buffer y = reference.memory().allocate(DType.F32, 40);
      timed.math().copy(x, y);
      timed.math().copy(x, y);
      List<TimedBackend.Time> times = List.copyOf(timed.times().values());
      assertEquals(1, times.size());
      assertEquals(2, times.get(0).calls());
      assertEquals(160, times.get(0).bytes());
      assertTrue(times.get(0).nanos() > 0);
    }
  }
}
