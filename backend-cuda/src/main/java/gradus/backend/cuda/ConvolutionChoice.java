package gradus.backend.cuda;

import gradus.backend.cuda.ConvolutionPlan.Algorithm;

/** An algorithm, and the types and layouts in which it is to work. */
record ConvolutionChoice(ConvolutionPlan plan, Algorithm algorithm) {
  /** Before a call: the passes share a descriptor, and each algorithm has its arithmetic. */
  void begin() {
    plan.compute(algorithm.mathType());
  }

  @Override
  public String toString() {
    return "algorithm %d (math type %d, %,d bytes of working memory) in %s"
        .formatted(algorithm.number(), algorithm.mathType(), algorithm.workspaceBytes(), plan);
  }
}
