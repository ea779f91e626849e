package gradus.backend.cuda;

import org.junit.jupiter.api.Tag;

/** Graphs of the fake CUDA, which does what was captured when a graph is launched. */
@Tag("fake-cuda")
class FakeGraphTest extends GraphContract {}
