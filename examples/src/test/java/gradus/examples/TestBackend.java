package gradus.examples;

import gradus.backend.Backend;
import gradus.backend.Backends;

/** The backend tests run on: {@code -Dgradus.test.backend}, by default the CPU. */
public final class TestBackend {
  private TestBackend() {}

  /** Its name. */
  public static String name() {
    return System.getProperty("gradus.test.backend", "cpu");
  }

  /** A new one. */
  public static Backend open() {
    return Backends.named(name());
  }
}
