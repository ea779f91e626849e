package gradus.backend.cuda;

import static gradus.backend.cuda.ConvolutionPass.BACKWARD_DATA;
import static gradus.backend.cuda.ConvolutionPass.BACKWARD_WEIGHTS;
import static gradus.backend.cuda.ConvolutionPass.FORWARD;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardData;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardFilter;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionForward;

import gradus.backend.Buffer;
import gradus.backend.cuda.Command.Routine;
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
  private final Routine forward = this::issueForward;
  private final Routine backwardData = this::issueBackwardData;
  private final Routine backwardWeights = this::issueBackwardWeights;
  private final DevicePointer x = new DevicePointer(0);
  private final DevicePointer w = new DevicePointer(0);
  private final DevicePointer y = new DevicePointer(0);
  private final DevicePointer room = new DevicePointer(0);
  private long workspace; // what is left of it for cuDNN

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
    ConvolutionPlan plan = place(spec, FORWARD, x, w, y);
    input.fetch();
    weights.fetch();
    add(forward, plan, 0);
    output.deliver(0);
  }

  /** dx = beta dx + the gradient with respect to x. */
  void backwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float dxBeta) {
    ConvolutionPlan plan = place(spec, BACKWARD_DATA, dx, w, dy);
    weights.fetch();
    output.fetch();
    add(backwardData, plan, input.beta(dxBeta));
    input.deliver(dxBeta);
  }

  /** dw = beta dw + the gradient with respect to w. */
  void backwardWeights(Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, float dwBeta) {
    ConvolutionPlan plan = place(spec, BACKWARD_WEIGHTS, x, dw, dy);
    input.fetch();
    output.fetch();
    add(backwardWeights, plan, weights.beta(dwBeta));
    weights.deliver(dwBeta);
  }

  private void add(Routine pass, ConvolutionPlan plan, float betaOfResult) {
    Command call = context.queue().next(pass, plan);
    call.with(input.address()).with(weights.address()).with(output.address());
    context.queue().add(call.with(workspace).with(betaOfResult));
  }

  private void issueForward(Command call) {
    ConvolutionPlan plan = operands(call);
    Algorithm algorithm = plan.ready(FORWARD);
    CudaStatus.cudnn(
        cudnnConvolutionForward(
            context.cudnn(),
            one,
            plan.x,
            x,
            plan.w,
            w,
            plan.convolution,
            algorithm.number(),
            room,
            algorithm.workspaceBytes(),
            beta,
            plan.y,
            y),
        "cudnnConvolutionForward for " + plan.spec);
  }

  private void issueBackwardData(Command call) {
    ConvolutionPlan plan = operands(call);
    Algorithm algorithm = plan.ready(BACKWARD_DATA);
    CudaStatus.cudnn(
        cudnnConvolutionBackwardData(
            context.cudnn(),
            one,
            plan.w,
            w,
            plan.y,
            y,
            plan.convolution,
            algorithm.number(),
            room,
            algorithm.workspaceBytes(),
            beta,
            plan.x,
            x),
        "cudnnConvolutionBackwardData for " + plan.spec);
  }

  private void issueBackwardWeights(Command call) {
    ConvolutionPlan plan = operands(call);
    Algorithm algorithm = plan.ready(BACKWARD_WEIGHTS);
    CudaStatus.cudnn(
        cudnnConvolutionBackwardFilter(
            context.cudnn(),
            one,
            plan.x,
            x,
            plan.y,
            y,
            plan.convolution,
            algorithm.number(),
            room,
            algorithm.workspaceBytes(),
            beta,
            plan.w,
            w),
        "cudnnConvolutionBackwardFilter for " + plan.spec);
  }

  private ConvolutionPlan operands(Command call) {
    x.at(call.number(0));
    w.at(call.number(1));
    y.at(call.number(2));
    room.at(call.number(3));
    beta.put(0, call.real(4)); // read before cuDNN's call returns
    return (ConvolutionPlan) call.subject();
  }

  private ConvolutionPlan place(
      Conv2dSpec spec, ConvolutionPass pass, Buffer xs, Buffer ws, Buffer ys) {
    context.enter();
    ConvolutionPlans known = plans.get(spec);
    ConvolutionPlans all = known != null ? known : plans(spec);
    ConvolutionPlan plan = all.with(pass);
    input.of(xs, plan, all.imagesX, plan.imagesX);
    weights.of(ws, plan, all.imagesW, plan.imagesW);
    output.of(ys, plan, all.imagesY, plan.imagesY);
    long copies = input.room() + weights.room() + output.room();
    long start = context.workspace(copies + plan.algorithm(pass).workspaceBytes()).address();
    workspace = output.at(weights.at(input.at(start)));
    return plan;
  }

  private ConvolutionPlans plans(Conv2dSpec spec) {
    if (plans.size() >= MOST_PLANS) {
      context.synchronize();
      closePlans();
    }
    ConvolutionPlans made = new ConvolutionPlans(spec, algorithms, context.channelsLast());
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
