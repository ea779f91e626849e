package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.checked.CheckedBackend;
import gradus.backend.reference.ReferenceBackend;

/**
 * Neither the kit nor the reference breaks a rule that the checks know; and checks change nothing.
 */
class CheckedReferenceBackendTest extends BackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return new CheckedBackend(new ReferenceBackend());
  }
}
