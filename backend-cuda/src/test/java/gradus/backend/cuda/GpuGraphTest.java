package gradus.backend.cuda;

import org.junit.jupiter.api.Tag;

/** Graphs on a GPU. */
@Tag("gpu")
class GpuGraphTest extends GraphContract implements GpuTest {}
