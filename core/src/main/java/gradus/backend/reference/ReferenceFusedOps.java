package gradus.backend.reference;

import gradus.backend.FusedOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;

/** The fused ops as their definitions say. */
record ReferenceFusedOps(Memory memory, MathOps math, NnOps nn) implements FusedOps {}
