package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;

/** The reference keeps its own contract, and the kit its own rules. */
class ReferenceBackendTest extends BackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return Backends.named("reference", options);
  }
}
