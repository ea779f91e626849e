package gradus.backend.tck;

/** Abilities a backend may lack. */
public enum Feature {
  /** Tensors stored as bfloat16, and training in mixed precision with it. */
  BFLOAT16_STORAGE
}
