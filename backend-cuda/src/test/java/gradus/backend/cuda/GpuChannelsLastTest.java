package gradus.backend.cuda;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.MemoryFormat;
import org.junit.jupiter.api.Tag;

/** The conformance kit on a GPU, with images that lie channels last. */
@Tag("gpu")
class GpuChannelsLastTest extends GpuBackendTest {
  @Override
  public Backend open(BackendOptions options) {
    return super.open(options.withMemoryFormat(MemoryFormat.CHANNELS_LAST));
  }
}
