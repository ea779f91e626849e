package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cuGraphExecKernelNodeSetParams;
import static org.bytedeco.cuda.global.cudart.cudaGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cudaGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cudaStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cudaStreamCaptureModeThreadLocal;
import static org.bytedeco.cuda.global.cudart.cudaStreamEndCapture;
import static org.bytedeco.cuda.global.cudart.cudaStreamGetCaptureInfo;

import gradus.GradusException;
import java.util.List;
import org.bytedeco.cuda.cudart.CUDA_KERNEL_NODE_PARAMS_v2;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraphNode_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * A sequence of calls recorded as a CUDA graph. Its kernels are told of arguments that are others
 * than last time, such as a learning rate; the calls of libraries must be the same.
 */
final class CommandGraph implements AutoCloseable {
  private final CudaContext context;
  private final Command[] commands;
  private final CUgraphNode_st[] nodes; // of kernels
  private final CUgraph_st graph = new CUgraph_st(); // the nodes belong to it
  private final CUgraphExec_st executable = new CUgraphExec_st();
  private final CUDA_KERNEL_NODE_PARAMS_v2 update = new CUDA_KERNEL_NODE_PARAMS_v2();

  /**
   * Records, and starts nothing.
   *
   * @throws GradusException where CUDA cannot make a graph of these
   */
  CommandGraph(CudaContext context, List<Command> sequence) {
    this.context = context;
    commands = new Command[sequence.size()];
    nodes = new CUgraphNode_st[commands.length];
    for (int i = 0; i < commands.length; i++) {
      commands[i] = new Command();
      commands[i].copyFrom(sequence.get(i));
    }
    try {
      synchronized (Recording.LOCK) {
        capture();
      }
      CudaStatus.cuda(cudaGraphInstantiate(executable, graph, 0), "cudaGraphInstantiate");
    } catch (RuntimeException refused) {
      close();
      throw refused;
    }
  }

  private void capture() {
    // Other threads may allocate meanwhile. This one may not: it would happen now, and be missing
    // whenever the graph is started.
    CudaStatus.cuda(
        cudaStreamBeginCapture(context.stream(), cudaStreamCaptureModeThreadLocal),
        "cudaStreamBeginCapture");
    int status;
    try {
      for (int i = 0; i < commands.length; i++) {
        commands[i].issue();
        if (commands[i].takesOtherArguments()) {
          nodes[i] = newestNode();
        }
      }
    } finally {
      status = cudaStreamEndCapture(context.stream(), graph); // whatever happened
    }
    CudaStatus.cuda(status, "cudaStreamEndCapture");
  }

  private CUgraphNode_st newestNode() {
    try (IntPointer status = new IntPointer(1);
        LongPointer id = new LongPointer(1);
        PointerPointer<Pointer> newest = new PointerPointer<>(1);
        PointerPointer<Pointer> edges = new PointerPointer<>(1);
        SizeTPointer count = new SizeTPointer(1)) {
      CudaStatus.cuda(
          cudaStreamGetCaptureInfo(
              context.stream(), status, id, new CUgraph_st(), newest, edges, count),
          "cudaStreamGetCaptureInfo");
      if (count.get() != 1) {
        throw new GradusException(
            "A kernel being recorded is not the last thing on its stream, but one of "
                + count.get()
                + ".");
      }
      return new CUgraphNode_st(newest.get(0)); // the call has led it to an array of CUDA's
    }
  }

  /**
   * Starts the graph with the arguments of these calls, unless they are other calls.
   *
   * @throws GradusException where CUDA cannot start it; nothing has been started then
   */
  boolean launch(List<Command> sequence) {
    if (!isOf(sequence)) {
      return false;
    }
    for (int i = 0; i < commands.length; i++) {
      Command command = sequence.get(i);
      if (!commands[i].hasArgumentsOf(command)) {
        CudaStatus.cuda(
            cuGraphExecKernelNodeSetParams(
                executable, nodes[i], context.kernels().describe(command, update)),
            "cuGraphExecKernelNodeSetParams");
        commands[i].copyFrom(command);
      }
    }
    CudaStatus.cuda(cudaGraphLaunch(executable, context.stream()), "cudaGraphLaunch");
    return true;
  }

  private boolean isOf(List<Command> sequence) {
    if (sequence.size() != commands.length) {
      return false;
    }
    for (int i = 0; i < commands.length; i++) {
      Command command = sequence.get(i);
      boolean updatable = nodes[i] != null;
      if (!commands[i].isLike(command) || (!updatable && !commands[i].hasArgumentsOf(command))) {
        return false;
      }
    }
    return true;
  }

  /** One that is running ends first. */
  @Override
  public void close() {
    if (!executable.isNull()) {
      CudaStatus.cuda(cudaGraphExecDestroy(executable), "cudaGraphExecDestroy");
    }
    if (!graph.isNull()) {
      CudaStatus.cuda(cudaGraphDestroy(graph), "cudaGraphDestroy");
    }
    for (Command command : commands) {
      command.close();
    }
    update.close();
  }
}
