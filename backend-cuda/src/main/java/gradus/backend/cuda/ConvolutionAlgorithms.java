package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_0;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_DIRECT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_GEMM;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DETERMINISTIC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_FMA_MATH;
import static org.bytedeco.cuda.global.cudnn.cudnnFindConvolutionBackwardDataAlgorithm;
import static org.bytedeco.cuda.global.cudnn.cudnnFindConvolutionBackwardFilterAlgorithm;
import static org.bytedeco.cuda.global.cudnn.cudnnFindConvolutionForwardAlgorithm;
import static org.bytedeco.cuda.global.cudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7;
import static org.bytedeco.cuda.global.cudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7;
import static org.bytedeco.cuda.global.cudnn.cudnnGetConvolutionForwardAlgorithm_v7;

import gradus.GradusException;
import gradus.backend.ConvAccuracy;
import gradus.backend.cuda.ConvolutionPlan.Algorithm;
import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdDataAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdFilterAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionFwdAlgoPerf_t;

/**
 * Of cuDNN's candidates, best first, those that repeat their bits, are content with moderate
 * working memory and as exact as was asked for. Fourier transforms never are: what they round is on
 * the scale of a whole image, and what is not finite in it reaches all of it.
 */
@SuppressWarnings("deprecation") // cuDNN 9 prefers its graph API, and still has these
final class ConvolutionAlgorithms {
  private static final int CANDIDATES = 32; // each algorithm in each kind of arithmetic

  // Tensor cores want channels last, and images that lie otherwise are copied: a first layer of 256
  // images of 224x224 takes a gigabyte of working memory in TensorFloat-32, and there is nothing
  // else for it in that precision.
  private static final long MOST_WORKSPACE_BYTES_OF_SMALL_DEVICES = 512L << 20;
  private static final int MOST_WORKSPACE_SHARE = 8; // one part in so many of the device's memory

  // Those that sum products as they are.
  private static final Map<ConvolutionPass, Set<Integer>> SUMS =
      Map.of(
          ConvolutionPass.FORWARD,
          Set.of(
              CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
              CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
              CUDNN_CONVOLUTION_FWD_ALGO_GEMM,
              CUDNN_CONVOLUTION_FWD_ALGO_DIRECT),
          ConvolutionPass.BACKWARD_DATA,
          Set.of(CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, CUDNN_CONVOLUTION_BWD_DATA_ALGO_1),
          ConvolutionPass.BACKWARD_WEIGHTS,
          Set.of(
              CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0,
              CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
              CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3));

  private static final Map<ConvolutionPass, Set<Integer>> WINOGRADS =
      Map.of(
          ConvolutionPass.FORWARD,
          Set.of(CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD, CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED),
          ConvolutionPass.BACKWARD_DATA,
          Set.of(
              CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD,
              CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED),
          ConvolutionPass.BACKWARD_WEIGHTS,
          Set.of(
              CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD,
              CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED));

  private static final int FEWEST_CHANNELS_OF_WINOGRAD = 16; // as on the CPU

  /** What cuDNN says of one algorithm; its memory and determinism are those of that arithmetic. */
  private record Candidate(
      int number, int status, int determinism, long workspaceBytes, int mathType) {}

  private final CudaContext context;
  private final long mostWorkspaceBytes;

  ConvolutionAlgorithms(CudaContext context) {
    this.context = context;
    mostWorkspaceBytes =
        Math.max(
            MOST_WORKSPACE_BYTES_OF_SMALL_DEVICES, context.memoryBytes() / MOST_WORKSPACE_SHARE);
  }

  /** Those for a pass. */
  List<Algorithm> offered(ConvolutionPass pass, ConvolutionPlan plan) {
    plan.ask();
    return candidates(pass, plan).stream()
        .filter(candidate -> isUsable(candidate) && isAllowed(pass, plan, candidate.number))
        .map(
            candidate ->
                new Algorithm(
                    candidate.number, candidate.workspaceBytes, mathType(plan, candidate.mathType)))
        .distinct()
        .toList();
  }

  private List<Candidate> candidates(ConvolutionPass pass, ConvolutionPlan plan) {
    synchronized (Recording.LOCK) { // to measure, cuDNN waits for the device
      return switch (pass) {
        case FORWARD -> forward(plan);
        case BACKWARD_DATA -> backwardData(plan);
        case BACKWARD_WEIGHTS -> backwardWeights(plan);
      };
    }
  }

  /** What to say where there are none. */
  GradusException none(ConvolutionPass pass, Conv2dSpec spec) {
    return new GradusException(
        "cuDNN has no repeatable %s algorithm with at most %,d bytes of working memory for %s: use a smaller batch, or --backend cpu."
            .formatted(pass, mostWorkspaceBytes, spec));
  }

  private List<Candidate> forward(ConvolutionPlan p) {
    int[] found = new int[1];
    try (var candidates = new cudnnConvolutionFwdAlgoPerf_t(CANDIDATES)) {
      int status =
          context.settings().measuredAlgorithms()
              ? cudnnFindConvolutionForwardAlgorithm(
                  context.cudnn(), p.x, p.w, p.convolution, p.y, CANDIDATES, found, candidates)
              : cudnnGetConvolutionForwardAlgorithm_v7(
                  context.cudnn(), p.x, p.w, p.convolution, p.y, CANDIDATES, found, candidates);
      return list(
          status,
          found[0],
          p,
          i -> {
            var c = candidates.getPointer(i);
            return new Candidate(c.algo(), c.status(), c.determinism(), c.memory(), c.mathType());
          });
    }
  }

  private List<Candidate> backwardData(ConvolutionPlan p) {
    int[] found = new int[1];
    try (var candidates = new cudnnConvolutionBwdDataAlgoPerf_t(CANDIDATES)) {
      int status =
          context.settings().measuredAlgorithms()
              ? cudnnFindConvolutionBackwardDataAlgorithm(
                  context.cudnn(), p.w, p.y, p.convolution, p.x, CANDIDATES, found, candidates)
              : cudnnGetConvolutionBackwardDataAlgorithm_v7(
                  context.cudnn(), p.w, p.y, p.convolution, p.x, CANDIDATES, found, candidates);
      return list(
          status,
          found[0],
          p,
          i -> {
            var c = candidates.getPointer(i);
            return new Candidate(c.algo(), c.status(), c.determinism(), c.memory(), c.mathType());
          });
    }
  }

  private List<Candidate> backwardWeights(ConvolutionPlan p) {
    int[] found = new int[1];
    try (var candidates = new cudnnConvolutionBwdFilterAlgoPerf_t(CANDIDATES)) {
      int status =
          context.settings().measuredAlgorithms()
              ? cudnnFindConvolutionBackwardFilterAlgorithm(
                  context.cudnn(), p.x, p.y, p.convolution, p.w, CANDIDATES, found, candidates)
              : cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                  context.cudnn(), p.x, p.y, p.convolution, p.w, CANDIDATES, found, candidates);
      return list(
          status,
          found[0],
          p,
          i -> {
            var c = candidates.getPointer(i);
            return new Candidate(c.algo(), c.status(), c.determinism(), c.memory(), c.mathType());
          });
    }
  }

  private static List<Candidate> list(
      int status, int found, ConvolutionPlan plan, IntFunction<Candidate> candidate) {
    if (CudnnRefusal.isNotSupported(status)) {
      CudaStatus.forget(); // what cuDNN may have tried
      return List.of();
    }
    CudaStatus.cudnn(status, "the choice of an algorithm for " + plan.spec);
    return IntStream.range(0, found).mapToObj(candidate).toList();
  }

  private boolean isUsable(Candidate candidate) {
    return candidate.status == 0
        && candidate.determinism == CUDNN_DETERMINISTIC
        && candidate.workspaceBytes >= 0 // of some it says 2^63 and more
        && candidate.workspaceBytes <= mostWorkspaceBytes;
  }

  private boolean isAllowed(ConvolutionPass pass, ConvolutionPlan plan, int algorithm) {
    return SUMS.get(pass).contains(algorithm)
        || (context.settings().convAccuracy() == ConvAccuracy.FAST
            && allowsWinograd(plan)
            && WINOGRADS.get(pass).contains(algorithm));
  }

  /** Not of 16 bits: what it transforms may pass float16's largest number. */
  private static boolean allowsWinograd(ConvolutionPlan plan) {
    Conv2dSpec s = plan.spec;
    return plan.type == DType.F32
        && s.r() == 3
        && s.s() == 3
        && s.strideH() == 1
        && s.strideW() == 1
        && s.dilationH() == 1
        && s.dilationW() == 1
        && s.groups() == 1
        && s.c() >= FEWEST_CHANNELS_OF_WINOGRAD
        && s.k() >= FEWEST_CHANNELS_OF_WINOGRAD;
  }

  private static int mathType(ConvolutionPlan plan, int proposed) {
    return plan.isExact() ? CUDNN_FMA_MATH : proposed;
  }
}
