package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.Memory;
import gradus.backend.MemoryFormat;
import gradus.backend.tck.MemoryContract;
import gradus.backend.tck.MixedPrecisionContract;
import gradus.backend.tck.OpEquivalenceContract;
import gradus.backend.tck.TinyTrainingContract;
import gradus.tensor.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What {@link FakeBackendTest} does, with images that lie channels last: those parts of the
 * conformance kit that depend on where numbers lie.
 */
@Tag("fake-cuda")
class FakeChannelsLastTest
    implements MemoryContract, OpEquivalenceContract, TinyTrainingContract, MixedPrecisionContract {
  @Override
  public Backend open(BackendOptions options) {
    return Backends.named("cuda", options.withMemoryFormat(MemoryFormat.CHANNELS_LAST));
  }

  @Test
  void onlyWhatHasPixelsAndChannelsMovesWhenItIsFlattened() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      Memory memory = backend.memory();
      assertFalse(memory.lieAlike(Shape.of(2, 3, 4, 4), Shape.of(2, 48)));
      assertFalse(memory.lieAlike(Shape.of(2, 6, 4, 2), Shape.of(2, 3, 4, 4)));
      assertTrue(memory.lieAlike(Shape.of(2, 3, 4, 4), Shape.of(2, 3, 16)));
      assertTrue(memory.lieAlike(Shape.of(2, 48, 1, 1), Shape.of(2, 48)));
      assertTrue(memory.lieAlike(Shape.of(2, 1, 4, 4), Shape.of(2, 16)));
    }
  }
}
