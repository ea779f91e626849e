package gradus.backend.cuda;

/** The three things cuDNN computes of a convolution. */
enum ConvolutionPass {
  FORWARD("forward"),
  BACKWARD_DATA("backward data"),
  BACKWARD_WEIGHTS("backward filter");

  private final String title;

  ConvolutionPass(String title) {
    this.title = title;
  }

  /** cuDNN's name. */
  @Override
  public String toString() {
    return title;
  }
}
