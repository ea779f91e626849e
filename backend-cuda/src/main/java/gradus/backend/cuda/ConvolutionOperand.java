package gradus.backend.cuda;

import gradus.backend.Buffer;

/**
 * A tensor of a convolution as cuDNN is to see it: the buffer itself, or a copy in working memory
 * where it has to be of another type, lie in another way or in a frame of zeros. One object serves
 * every call.
 */
final class ConvolutionOperand {
  private static final int ALIGNMENT = 256; // bytes, as cudaMalloc gives

  private final CudaContext context;
  private long copy;
  private Buffer buffer;
  private ConvolutionPlan plan;
  private ImageLayout own;
  private ImageLayout wanted;
  private int top; // of a frame
  private int left;
  private boolean moved;
  private boolean copied;
  private long elements;

  ConvolutionOperand(CudaContext context) {
    this.context = context;
  }

  /** Another call: {@code next} lies in its own way, and cuDNN wants it in another. */
  void of(Buffer next, ConvolutionPlan nextPlan, ImageLayout nextOwn, ImageLayout nextWanted) {
    buffer = next;
    plan = nextPlan;
    own = nextOwn;
    wanted = nextWanted;
    boolean framed = own.h() != wanted.h() || own.w() != wanted.w();
    top = framed ? plan.spec.padTop() : 0;
    left = framed ? plan.spec.padLeft() : 0;
    moved = framed || !own.liesAs(wanted);
    copied = moved || buffer.dtype() != plan.type;
    elements = buffer.elements() / own.pixels() * wanted.pixels();
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
    if (copied) {
      Launch launch = moved ? context.move(own, wanted, top, left) : context.launch(Kernel.CONVERT);
      launch.values(buffer).values(copy, plan.type).with(0f).over(elements);
    }
  }

  /** After cuDNN wrote it: buffer = beta buffer + what it wrote. */
  void deliver(float beta) {
    if (copied) {
      Launch launch =
          moved ? context.move(wanted, own, -top, -left) : context.launch(Kernel.CONVERT);
      launch.values(copy, plan.type).values(buffer).with(beta).over(buffer.elements());
    }
  }
}
