package gradus.backend.cuda;

import static gradus.backend.cuda.ConvolutionPass.BACKWARD_DATA;
import static gradus.backend.cuda.ConvolutionPass.BACKWARD_WEIGHTS;
import static gradus.backend.cuda.ConvolutionPass.FORWARD;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardData;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardFilter;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionForward;

import gradus.backend.Buffer;
import gradus.backend.cuda.ConvolutionPlan.Algorithm;
import gradus.backend.spec.Conv2dSpec;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;

/** Convolutions by cuDNN. The workspace holds copies of operands that need one, then cuDNN's. */
@SuppressWarnings("deprecation") // cuDNN 9 prefers its graph API, and still has these
final class CudnnConvolution implements AutoCloseable {
  /** Far more than the layers of a network times its batch sizes; beyond it, begin anew. */
  private static final int MOST_PLANS = 10_000;

  private final CudaContext context;
  private final ConvolutionAlgorithms algorithms;
  private final Map<Conv2dSpec, ConvolutionPlans> plans = new HashMap<>();
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer beta = new FloatPointer(1f);
  private final ConvolutionOperand input; // x, or its gradient; and so on
  private final ConvolutionOperand weights;
  private final ConvolutionOperand output;
  private final DevicePointer workspace = new DevicePointer(0);

  CudnnConvolution(CudaContext context) {
    this.context = context;
    algorithms = new ConvolutionAlgorithms(context);
    input = new ConvolutionOperand(context);
    weights = new ConvolutionOperand(context);
    output = new ConvolutionOperand(context);
    context.closeWithMe(this);
  }

  /** y = conv(x, w). */
  void forward(Conv2dSpec spec, Buffer x, Buffer w, Buffer y) {
    ConvolutionPlan plan = plan(spec, FORWARD);
    Algorithm algorithm = plan.ready(FORWARD);
    place(plan, algorithm, x, w, y);
    input.fetch();
    weights.fetch();
    CudaStatus.cudnn(
        cudnnConvolutionForward(
            context.cudnn(),
            one,
            plan.x,
            input.pointer(),
            plan.w,
            weights.pointer(),
            plan.convolution,
            algorithm.number(),
            workspace,
            algorithm.workspaceBytes(),
            beta(0),
            plan.y,
            output.pointer()),
        "cudnnConvolutionForward for " + spec);
    output.deliver(0);
  }

  /** dx = beta dx + the gradient with respect to x. */
  void backwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float dxBeta) {
    ConvolutionPlan plan = plan(spec, BACKWARD_DATA);
    Algorithm algorithm = plan.ready(BACKWARD_DATA);
    place(plan, algorithm, dx, w, dy);
    weights.fetch();
    output.fetch();
    CudaStatus.cudnn(
        cudnnConvolutionBackwardData(
            context.cudnn(),
            one,
            plan.w,
            weights.pointer(),
            plan.y,
            output.pointer(),
            plan.convolution,
            algorithm.number(),
            workspace,
            algorithm.workspaceBytes(),
            beta(input.beta(dxBeta)),
            plan.x,
            input.pointer()),
        "cudnnConvolutionBackwardData for " + spec);
    input.deliver(dxBeta);
  }

  /** dw = beta dw + the gradient with respect to w. */
  void backwardWeights(Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, float dwBeta) {
    ConvolutionPlan plan = plan(spec, BACKWARD_WEIGHTS);
    Algorithm algorithm = plan.ready(BACKWARD_WEIGHTS);
    place(plan, algorithm, x, dw, dy);
    input.fetch();
    output.fetch();
    CudaStatus.cudnn(
        cudnnConvolutionBackwardFilter(
            context.cudnn(),
            one,
            plan.x,
            input.pointer(),
            plan.y,
            output.pointer(),
            plan.convolution,
            algorithm.number(),
            workspace,
            algorithm.workspaceBytes(),
            beta(weights.beta(dwBeta)),
            plan.w,
            weights.pointer()),
        "cudnnConvolutionBackwardFilter for " + spec);
    weights.deliver(dwBeta);
  }

  private void place(ConvolutionPlan plan, Algorithm algorithm, Buffer x, Buffer w, Buffer y) {
    input.of(x, plan, true);
    weights.of(w, plan, false);
    output.of(y, plan, false);
    long room = input.room() + weights.room() + output.room();
    long start = context.workspace(room + algorithm.workspaceBytes()).address();
    workspace.at(output.at(weights.at(input.at(start))));
  }

  private FloatPointer beta(float value) {
    return beta.put(0, value); // read before the call returns
  }

  private ConvolutionPlan plan(Conv2dSpec spec, ConvolutionPass pass) {
    context.enter();
    ConvolutionPlans known = plans.get(spec);
    return (known != null ? known : plans(spec)).with(pass);
  }

  private ConvolutionPlans plans(Conv2dSpec spec) {
    if (plans.size() >= MOST_PLANS) {
      context.synchronize();
      closePlans();
    }
    ConvolutionPlans made = new ConvolutionPlans(spec, algorithms);
    plans.put(spec, made);
    return made;
  }

  private void closePlans() {
    plans.values().forEach(ConvolutionPlans::close);
    plans.clear();
  }

  @Override
  public void close() {
    closePlans();
    one.close();
    beta.close();
  }
}
