package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_CROSS_CORRELATION;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_BFLOAT16;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_FLOAT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_HALF;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DEFAULT_MATH;
import static org.bytedeco.cuda.global.cudnn.CUDNN_FMA_MATH;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TENSOR_NCHW;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TENSOR_NHWC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TENSOR_OP_MATH;
import static org.bytedeco.cuda.global.cudnn.cudnnCreateConvolutionDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnCreateFilterDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnCreateTensorDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnDestroyConvolutionDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnDestroyFilterDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnDestroyTensorDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnSetConvolution2dDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnSetConvolutionGroupCount;
import static org.bytedeco.cuda.global.cudnn.cudnnSetConvolutionMathType;
import static org.bytedeco.cuda.global.cudnn.cudnnSetFilter4dDescriptor;
import static org.bytedeco.cuda.global.cudnn.cudnnSetTensor4dDescriptor;

import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.DType;
import org.bytedeco.cuda.cudnn.cudnnConvolutionStruct;
import org.bytedeco.cuda.cudnn.cudnnFilterStruct;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;

/**
 * What cuDNN needs to know of one convolution, made once. cuDNN pads both sides alike: where the
 * spec does not, it sees images that are padded already.
 */
@SuppressWarnings("deprecation") // cuDNN 9 prefers its graph API, and still has these
final class ConvolutionPlan implements AutoCloseable {
  /** One pass of the convolution with the algorithm chosen for it, and its kind of arithmetic. */
  record Algorithm(int number, long workspaceBytes, int mathType) {}

  final cudnnTensorStruct x = new cudnnTensorStruct();
  final cudnnFilterStruct w = new cudnnFilterStruct();
  final cudnnTensorStruct y = new cudnnTensorStruct();
  final cudnnConvolutionStruct convolution = new cudnnConvolutionStruct();
  final Conv2dSpec spec;

  /** How cuDNN sees its tensors, of which channels come last in all or in none. */
  final ImageLayout imagesX;

  final ImageLayout imagesW;
  final ImageLayout imagesY;

  /**
   * What all three tensors hold for this interface of cuDNN, which has no mixture; sums are
   * float32.
   */
  final DType type;

  private final boolean tensorFloat;
  private final int widestMathType;
  private int mathType = -1; // none yet

  /**
   * Describes it.
   *
   * @param tensorFloat whether factors in float32 may be rounded to TensorFloat-32
   * @throws CudnnRefusal where cuDNN does not describe such tensors
   */
  ConvolutionPlan(Conv2dSpec spec, DType type, boolean tensorFloat, boolean last) {
    this.spec = spec;
    this.type = type;
    this.tensorFloat = tensorFloat;
    imagesX = new ImageLayout(spec.c(), paddedH(), paddedW(), last);
    imagesW = new ImageLayout(spec.c() / spec.groups(), spec.r(), spec.s(), last);
    imagesY = new ImageLayout(spec.k(), spec.outH(), spec.outW(), last);
    CudaStatus.cudnn(cudnnCreateTensorDescriptor(x), "cudnnCreateTensorDescriptor");
    CudaStatus.cudnn(cudnnCreateTensorDescriptor(y), "cudnnCreateTensorDescriptor");
    CudaStatus.cudnn(cudnnCreateFilterDescriptor(w), "cudnnCreateFilterDescriptor");
    CudaStatus.cudnn(
        cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor");
    widestMathType = widestMathType();
    try {
      describe();
    } catch (RuntimeException refused) {
      close();
      throw refused;
    }
  }

  private void describe() {
    CudaStatus.cudnn(
        cudnnSetTensor4dDescriptor(
            x, format(), dataType(), spec.n(), spec.c(), paddedH(), paddedW()),
        "cudnnSetTensor4dDescriptor for " + spec);
    CudaStatus.cudnn(
        cudnnSetTensor4dDescriptor(
            y, format(), dataType(), spec.n(), spec.k(), spec.outH(), spec.outW()),
        "cudnnSetTensor4dDescriptor for " + spec);
    CudaStatus.cudnn(
        cudnnSetFilter4dDescriptor(
            w, dataType(), format(), spec.k(), spec.c() / spec.groups(), spec.r(), spec.s()),
        "cudnnSetFilter4dDescriptor for " + spec);
    CudaStatus.cudnn(
        cudnnSetConvolution2dDescriptor(
            convolution,
            isPaddedBefore() ? 0 : spec.padTop(),
            isPaddedBefore() ? 0 : spec.padLeft(),
            spec.strideH(),
            spec.strideW(),
            spec.dilationH(),
            spec.dilationW(),
            CUDNN_CROSS_CORRELATION,
            CUDNN_DATA_FLOAT),
        "cudnnSetConvolution2dDescriptor for " + spec);
    CudaStatus.cudnn(
        cudnnSetConvolutionGroupCount(convolution, spec.groups()), "cudnnSetConvolutionGroupCount");
    compute(widestMathType);
  }

  /** Before cuDNN is asked for algorithms: of tensor cores, too, where these may be used. */
  void ask() {
    compute(widestMathType);
  }

  /** From now on, in that kind of arithmetic. */
  void compute(int next) {
    if (next != mathType) {
      CudaStatus.cudnn(
          cudnnSetConvolutionMathType(convolution, next), "cudnnSetConvolutionMathType");
      mathType = next;
    }
  }

  private int format() {
    return imagesX.last() ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW;
  }

  private int dataType() {
    return switch (type) {
      case BF16 -> CUDNN_DATA_BFLOAT16;
      case F16 -> CUDNN_DATA_HALF;
      default -> CUDNN_DATA_FLOAT;
    };
  }

  private int widestMathType() {
    if (type.isReducedFloat()) {
      return CUDNN_TENSOR_OP_MATH;
    }
    return isExact() ? CUDNN_FMA_MATH : CUDNN_DEFAULT_MATH;
  }

  /** Whether float32 is to stay float32, whatever cuDNN proposes. */
  boolean isExact() {
    return type == DType.F32 && !tensorFloat;
  }

  private boolean isPaddedBefore() {
    return spec.padTop() != spec.padBottom() || spec.padLeft() != spec.padRight();
  }

  private int paddedH() {
    return isPaddedBefore() ? spec.h() + spec.padTop() + spec.padBottom() : spec.h();
  }

  private int paddedW() {
    return isPaddedBefore() ? spec.w() + spec.padLeft() + spec.padRight() : spec.w();
  }

  @Override
  public String toString() {
    String name = tensorFloat ? "TF32" : type.toString();
    return name + (imagesX.last() ? ", channels last" : ", channels first");
  }

  @Override
  public void close() {
    CudaStatus.cudnn(
        cudnnDestroyConvolutionDescriptor(convolution), "cudnnDestroyConvolutionDescriptor");
    CudaStatus.cudnn(cudnnDestroyFilterDescriptor(w), "cudnnDestroyFilterDescriptor");
    CudaStatus.cudnn(cudnnDestroyTensorDescriptor(x), "cudnnDestroyTensorDescriptor");
    CudaStatus.cudnn(cudnnDestroyTensorDescriptor(y), "cudnnDestroyTensorDescriptor");
  }
}
