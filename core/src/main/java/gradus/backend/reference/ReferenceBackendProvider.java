package gradus.backend.reference;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.BackendProvider;
import java.util.Optional;

/** Offers the reference backend, which runs on any JVM and is chosen last. */
public final class ReferenceBackendProvider implements BackendProvider {
  static final String NAME = "reference";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public Optional<String> unavailableReason() {
    return Optional.empty();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new ReferenceBackend();
  }
}
