package gradus.backend.tck;

/** Abilities a backend may lack. */
public enum Feature {
  /** Tensors stored as bfloat16, and training in mixed precision with it. */
  BFLOAT16_STORAGE,
  /** Training with factors in TensorFloat-32. */
  TENSOR_FLOAT32
}
