package gradus.backend.cuda;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.BackendProvider;
import java.util.Optional;

/**
 * Offers an NVIDIA GPU of compute capability 7.5 or later, where its driver, CUDA 13, cuBLAS and
 * cuDNN 9 are installed. {@code -Dgradus.cuda.disable=true} switches it off.
 */
public final class CudaBackendProvider implements BackendProvider {
  static final String NAME = "cuda";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int rank() {
    return 100;
  }

  @Override
  public Optional<String> unavailableReason() {
    return CudaProbe.unavailableReason();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new CudaBackend(CudaContext.open(options));
  }
}
