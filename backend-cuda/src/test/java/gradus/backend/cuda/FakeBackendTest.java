package gradus.backend.cuda;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.tck.BackendTck;
import org.junit.jupiter.api.Tag;

/**
 * The conformance kit over the fake CUDA: the real bindings and launches, our kernels compiled by
 * g++, and plain loops for cuDNN and cuBLAS. No proof of anything about a GPU's own arithmetic.
 */
@Tag("fake-cuda")
class FakeBackendTest extends BackendTck {
  @Override
  public Backend open(BackendOptions options) {
    return Backends.named("cuda", options);
  }
}
