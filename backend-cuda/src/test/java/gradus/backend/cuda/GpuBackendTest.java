package gradus.backend.cuda;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.tck.BackendTck;
import gradus.backend.tck.Feature;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/** The conformance kit on a GPU. */
@Tag("gpu")
class GpuBackendTest extends BackendTck implements GpuTest {
  @Override
  public Backend open(BackendOptions options) {
    return Backends.named("cuda", options);
  }

  @Override
  public Set<Feature> unsupported() {
    return CudaVersion.hasTensorCoresForFloats(0)
        ? Set.of()
        : Set.of(Feature.BFLOAT16_STORAGE, Feature.TENSOR_FLOAT32);
  }
}
