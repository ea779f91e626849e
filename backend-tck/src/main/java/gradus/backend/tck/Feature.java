package gradus.backend.tck;

/** Abilities a backend may lack. */
public enum Feature {
  /** Tensors stored as bfloat16. */
  BFLOAT16_STORAGE
}
