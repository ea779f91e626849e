package gradus;

import gradus.backend.Backend;
import gradus.backend.Backends;

/**
 * The backend the tests of this module run on: the reference, or the one that {@code
 * -Dgradus.test.backend=NAME} names, which must then open.
 */
public final class TestBackend {
  private TestBackend() {}

  /** Opens it. */
  public static Backend open() {
    return Backends.named(System.getProperty("gradus.test.backend", "reference"));
  }
}
