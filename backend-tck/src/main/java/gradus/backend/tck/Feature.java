package gradus.backend.tck;

import gradus.tensor.Precision;

/** Abilities a backend may lack. */
public enum Feature {
  /** Tensors stored as bfloat16, and training in mixed precision with it. */
  BFLOAT16_STORAGE,
  /** Tensors stored as float16, and training in mixed precision with it. */
  FLOAT16_STORAGE,
  /** Training with factors in TensorFloat-32. */
  TENSOR_FLOAT32;

  /** What training in a mixed precision needs. */
  static Feature of(Precision mixed) {
    return mixed == Precision.FP16 ? FLOAT16_STORAGE : BFLOAT16_STORAGE;
  }
}
