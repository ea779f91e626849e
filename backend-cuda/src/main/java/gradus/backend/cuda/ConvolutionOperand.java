package gradus.backend.cuda;

import gradus.backend.Buffer;

/**
 * A tensor of a convolution as cuDNN is to see it: the buffer itself, or a copy in working memory
 * where it has to be of another type or in a frame of zeros. One object serves every call.
 */
final class ConvolutionOperand {
  private static final int ALIGNMENT = 256; // bytes, as cudaMalloc gives

  private final CudaContext context;
  private long copy;
  private Buffer buffer;
  private ConvolutionPlan plan;
  private boolean framed;
  private boolean copied;
  private long elements;

  ConvolutionOperand(CudaContext context) {
    this.context = context;
  }

  /** Another call; {@code input}: whether it is x, which the plan may frame. */
  void of(Buffer next, ConvolutionPlan nextPlan, boolean input) {
    buffer = next;
    plan = nextPlan;
    framed = input && plan.isPaddedBefore();
    copied = framed || buffer.dtype() != plan.type;
    elements = framed ? plan.paddedElements() : buffer.elements();
  }

  /** Bytes of working memory it needs. */
  long room() {
    long bytes = copied ? elements * plan.type.bytes() : 0;
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Lies in working memory from here on; returns where that ends. */
  long at(long address) {
    copy = address;
    return address + room();
  }

  long address() {
    return copied ? copy : CudaBuffer.address(buffer);
  }

  /** What cuDNN is to multiply the old contents by. */
  float beta(float asked) {
    return copied ? 0 : asked;
  }

  /** Before cuDNN reads it. */
  void fetch() {
    if (framed) {
      plan.frame(context.launch(Kernel.PAD)).values(buffer).values(copy, plan.type).over(elements);
    } else if (copied) {
      context.launch(Kernel.CONVERT).values(buffer).values(copy, plan.type).with(0f).over(elements);
    }
  }

  /** After cuDNN wrote it: buffer = beta buffer + what it wrote. */
  void deliver(float beta) {
    if (copied) {
      Launch launch = context.launch(framed ? Kernel.CROP : Kernel.CONVERT);
      (framed ? plan.frame(launch) : launch)
          .values(copy, plan.type)
          .values(buffer)
          .with(beta)
          .over(buffer.elements());
    }
  }
}
