package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.checked.CheckedBackend;
import gradus.backend.reference.ReferenceBackend;

/**
 * Neither the kit, nor the tape, nor the reference breaks a rule that the checks know. Checks
 * change no bit, so determinism is left to the unchecked backend.
 */
class CheckedReferenceBackendTest
    implements MemoryContract, OpEquivalenceContract, InstanceContract, TinyTrainingContract {
  @Override
  public Backend open(BackendOptions options) {
    return new CheckedBackend(new ReferenceBackend());
  }
}
