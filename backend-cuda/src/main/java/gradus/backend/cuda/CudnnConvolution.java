package gradus.backend.cuda;

import static gradus.backend.cuda.ConvolutionPass.BACKWARD_DATA;
import static gradus.backend.cuda.ConvolutionPass.BACKWARD_WEIGHTS;
import static gradus.backend.cuda.ConvolutionPass.FORWARD;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardData;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionBackwardFilter;
import static org.bytedeco.cuda.global.cudnn.cudnnConvolutionForward;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.OutOfBackendMemoryException;
import gradus.backend.cuda.Command.Routine;
import gradus.backend.cuda.ConvolutionPlan.Algorithm;
import gradus.backend.spec.Conv2dSpec;
import java.util.EnumMap;
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
  private final ConvolutionOperand[] operands; // these three
  private final Map<ConvolutionPass, Routine> routines =
      new EnumMap<>(
          Map.of(
              FORWARD,
              this::issueForward,
              BACKWARD_DATA,
              this::issueBackwardData,
              BACKWARD_WEIGHTS,
              this::issueBackwardWeights));
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
    operands = new ConvolutionOperand[] {input, weights, output};
    context.closeWithMe(this);
  }

  /** y = conv(x, w). */
  void forward(Conv2dSpec spec, Buffer x, Buffer w, Buffer y) {
    make(FORWARD, spec, x, w, y, 0);
  }

  /** dx = beta dx + the gradient with respect to x. */
  void backwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float dxBeta) {
    make(BACKWARD_DATA, spec, dx, w, dy, dxBeta);
  }

  /** dw = beta dw + the gradient with respect to w. */
  void backwardWeights(Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, float dwBeta) {
    make(BACKWARD_WEIGHTS, spec, x, dw, dy, dwBeta);
  }

  private void make(
      ConvolutionPass pass, Conv2dSpec spec, Buffer xs, Buffer ws, Buffer ys, float beta) {
    context.enter();
    ConvolutionPlans known = plans.get(spec);
    ConvolutionPlans all = known != null ? known : plans(spec);
    ConvolutionChoices choices = all.of(pass);
    ConvolutionOperand result = result(pass);
    boolean made = false;
    while (!made) {
      ConvolutionChoice choice = choices.best();
      ConvolutionPlan plan = choice.plan();
      input.of(xs, plan, all.imagesX, plan.imagesX);
      weights.of(ws, plan, all.imagesW, plan.imagesW);
      output.of(ys, plan, all.imagesY, plan.imagesY);
      float callBeta = result.beta(beta);
      if (choices.isProven(callBeta)) {
        place(choice);
        fetchAllBut(result);
        context.queue().add(call(pass, choice, callBeta));
        made = true;
      } else {
        made = isMadeAtOnce(pass, all, choice, callBeta);
      }
    }
    result.deliver(beta);
  }

  private ConvolutionOperand result(ConvolutionPass pass) {
    return switch (pass) {
      case FORWARD -> output;
      case BACKWARD_DATA -> input;
      case BACKWARD_WEIGHTS -> weights;
    };
  }

  private void place(ConvolutionChoice choice) {
    long copies = input.room() + weights.room() + output.room();
    long start = context.workspace(copies + choice.algorithm().workspaceBytes()).address();
    workspace = output.at(weights.at(input.at(start)));
  }

  private void fetchAllBut(ConvolutionOperand result) {
    for (ConvolutionOperand operand : operands) {
      if (operand != result) {
        operand.fetch();
      }
    }
  }

  private Command call(ConvolutionPass pass, ConvolutionChoice choice, float beta) {
    Command call = context.queue().next(routines.get(pass), choice);
    call.with(input.address()).with(weights.address()).with(output.address());
    return call.with(workspace).with(beta);
  }

  /**
   * The first call, whose answer is waited for: cuDNN may refuse it, and then another choice needs
   * other copies and other working memory. Never part of a graph.
   */
  private boolean isMadeAtOnce(
      ConvolutionPass pass, ConvolutionPlans all, ConvolutionChoice choice, float beta) {
    ConvolutionChoices choices = all.of(pass);
    try {
      place(choice);
    } catch (OutOfBackendMemoryException full) {
      choices.refuse("does not fit: " + full.getMessage());
      if (choices.areLeft()) {
        return false;
      }
      all.forget(pass); // there may be room another time
      throw full;
    }
    fetchAllBut(result(pass));
    context.flush(); // what was asked for before fails as itself
    try {
      synchronized (Recording.LOCK) { // cuDNN loads its kernels, and may allocate for itself
        call(pass, choice, beta).issue();
      }
    } catch (CudnnRefusal refusal) {
      CudaStatus.forget();
      if (!leavesAllAsItWas(refusal, beta)) {
        throw refusal;
      }
      choices.refuse(refusal.reason());
      return false;
    }
    choices.prove(beta);
    return true;
  }

  /** Not where the device is broken, nor where half of a sum may have been written. */
  private boolean leavesAllAsItWas(CudnnRefusal refusal, float beta) {
    if (refusal.didNothing()) {
      return true;
    }
    try {
      context.synchronize();
      return beta == 0;
    } catch (GradusException broken) {
      refusal.addSuppressed(broken);
      return false;
    }
  }

  private void issueForward(Command call) {
    ConvolutionChoice choice = begin(call);
    ConvolutionPlan plan = choice.plan();
    Algorithm algorithm = choice.algorithm();
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
    ConvolutionChoice choice = begin(call);
    ConvolutionPlan plan = choice.plan();
    Algorithm algorithm = choice.algorithm();
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
    ConvolutionChoice choice = begin(call);
    ConvolutionPlan plan = choice.plan();
    Algorithm algorithm = choice.algorithm();
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

  private ConvolutionChoice begin(Command call) {
    x.at(call.number(0));
    w.at(call.number(1));
    y.at(call.number(2));
    room.at(call.number(3));
    beta.put(0, call.real(4)); // read before cuDNN's call returns
    ConvolutionChoice choice = (ConvolutionChoice) call.subject();
    choice.begin();
    return choice;
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
