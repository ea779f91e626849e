package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.pointer;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardData;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardFilter;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionForward;

import gradus.backend.Buffer;
import gradus.backend.cuda.ConvolutionPlan.Algorithm;
import gradus.backend.spec.Conv2dSpec;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;

/** Convolutions by cuDNN. The workspace holds a padded input, where one is needed, then cuDNN's. */
@SuppressWarnings("deprecation") // cuDNN 9 prefers its graph API, and still has these
final class CudnnConvolution implements AutoCloseable {
  /** Far more than the layers of a network times its batch sizes; beyond it, begin anew. */
  private static final int MOST_PLANS = 10_000;

  private static final int ALIGNMENT = 256; // bytes, as cudaMalloc gives

  private final CudaContext context;
  private final ConvolutionAlgorithms algorithms;
  private final Map<Conv2dSpec, ConvolutionPlan> plans = new HashMap<>();
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer beta = new FloatPointer(1f);
  private final DevicePointer padded = new DevicePointer(0);
  private final DevicePointer workspace = new DevicePointer(0);

  CudnnConvolution(CudaContext context) {
    this.context = context;
    algorithms = new ConvolutionAlgorithms(context);
    context.closeWithMe(this);
  }

  /** y = conv(x, w). */
  void forward(Conv2dSpec spec, Buffer x, Buffer w, Buffer y) {
    ConvolutionPlan plan = plan(spec);
    if (plan.forward == null) {
      plan.forward = algorithms.forward(plan);
    }
    reserve(plan, plan.forward);
    CudaStatus.cudnn(
        cudnnConvolutionForward(
            context.cudnn(),
            one,
            plan.x,
            input(plan, x),
            plan.w,
            pointer(w),
            plan.convolution,
            plan.forward.number(),
            workspace,
            plan.forward.workspaceBytes(),
            beta(0),
            plan.y,
            pointer(y)),
        "cudnnConvolutionForward for " + spec);
  }

  /** dx = beta dx + the gradient with respect to x. */
  void backwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float dxBeta) {
    ConvolutionPlan plan = plan(spec);
    if (plan.backwardData == null) {
      plan.backwardData = algorithms.backwardData(plan);
    }
    reserve(plan, plan.backwardData);
    boolean framed = plan.isPaddedBefore();
    CudaStatus.cudnn(
        cudnnConvolutionBackwardData(
            context.cudnn(),
            one,
            plan.w,
            pointer(w),
            plan.y,
            pointer(dy),
            plan.convolution,
            plan.backwardData.number(),
            workspace,
            plan.backwardData.workspaceBytes(),
            beta(framed ? 0 : dxBeta),
            plan.x,
            framed ? padded : pointer(dx)),
        "cudnnConvolutionBackwardData for " + spec);
    if (framed) {
      plan.frame(context.launch(Kernel.CROP))
          .with(padded.address())
          .with(dx)
          .with(dxBeta)
          .over(dx.elements());
    }
  }

  /** dw = beta dw + the gradient with respect to w. */
  void backwardWeights(Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, float dwBeta) {
    ConvolutionPlan plan = plan(spec);
    if (plan.backwardWeights == null) {
      plan.backwardWeights = algorithms.backwardWeights(plan);
    }
    reserve(plan, plan.backwardWeights);
    CudaStatus.cudnn(
        cudnnConvolutionBackwardFilter(
            context.cudnn(),
            one,
            plan.x,
            input(plan, x),
            plan.y,
            pointer(dy),
            plan.convolution,
            plan.backwardWeights.number(),
            workspace,
            plan.backwardWeights.workspaceBytes(),
            beta(dwBeta),
            plan.w,
            pointer(dw)),
        "cudnnConvolutionBackwardFilter for " + spec);
  }

  /** The input as cuDNN is to see it. */
  private DevicePointer input(ConvolutionPlan plan, Buffer x) {
    if (!plan.isPaddedBefore()) {
      return pointer(x);
    }
    plan.frame(context.launch(Kernel.PAD))
        .with(x)
        .with(padded.address())
        .over(plan.paddedElements());
    return padded;
  }

  private void reserve(ConvolutionPlan plan, Algorithm algorithm) {
    long room = plan.isPaddedBefore() ? plan.paddedElements() * Float.BYTES : 0;
    room = (room + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    long address = context.workspace(room + algorithm.workspaceBytes()).address();
    padded.at(address);
    workspace.at(address + room);
  }

  private FloatPointer beta(float value) {
    return beta.put(0, value); // read before the call returns
  }

  private ConvolutionPlan plan(Conv2dSpec spec) {
    context.enter();
    ConvolutionPlan known = plans.get(spec);
    if (known != null) {
      return known;
    }
    if (plans.size() >= MOST_PLANS) {
      context.synchronize();
      closePlans();
    }
    ConvolutionPlan plan = new ConvolutionPlan(spec, context.settings().tf32());
    plans.put(spec, plan);
    return plan;
  }

  private void closePlans() {
    plans.values().forEach(ConvolutionPlan::close);
    plans.clear();
  }

  @Override
  public void close() {
    closePlans();
    one.close();
    beta.close();
  }
}
