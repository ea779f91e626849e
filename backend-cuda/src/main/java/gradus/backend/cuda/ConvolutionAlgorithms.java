package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_0;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_DIRECT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_GEMM;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DETERMINISTIC;
import static org.bytedeco.cuda.global.cudnn.cudnnFindConvolutionBackwardDataAlgorithm;
import static org.bytedeco.cuda.global.cudnn.cudnnFindConvolutionBackwardFilterAlgorithm;
import static org.bytedeco.cuda.global.cudnn.cudnnFindConvolutionForwardAlgorithm;
import static org.bytedeco.cuda.global.cudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7;
import static org.bytedeco.cuda.global.cudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7;
import static org.bytedeco.cuda.global.cudnn.cudnnGetConvolutionForwardAlgorithm_v7;

import gradus.GradusException;
import gradus.backend.ConvAccuracy;
import gradus.backend.cuda.ConvolutionPlan.Algorithm;
import gradus.tensor.DType;
import java.util.Set;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdDataAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdFilterAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionFwdAlgoPerf_t;

/**
 * Takes the first of cuDNN's candidates, best first, that repeats its bits and is content with
 * moderate working memory.
 */
@SuppressWarnings("deprecation") // cuDNN 9 prefers its graph API, and still has these
final class ConvolutionAlgorithms {
  private static final int CANDIDATES = 8;
  private static final long MOST_WORKSPACE_BYTES = 512L << 20;

  // Those that sum products as they are: no Fourier transforms, not Winograd's.
  private static final Set<Integer> SUMS_FORWARD =
      Set.of(
          CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
          CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
          CUDNN_CONVOLUTION_FWD_ALGO_GEMM,
          CUDNN_CONVOLUTION_FWD_ALGO_DIRECT);
  private static final Set<Integer> SUMS_BACKWARD_DATA =
      Set.of(CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, CUDNN_CONVOLUTION_BWD_DATA_ALGO_1);
  private static final Set<Integer> SUMS_BACKWARD_FILTER =
      Set.of(
          CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0,
          CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
          CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3);

  private final CudaContext context;

  ConvolutionAlgorithms(CudaContext context) {
    this.context = context;
  }

  Algorithm forward(ConvolutionPlan p) {
    int[] found = new int[1];
    try (var candidates = new cudnnConvolutionFwdAlgoPerf_t(CANDIDATES)) {
      int status =
          context.settings().measuredAlgorithms()
              ? cudnnFindConvolutionForwardAlgorithm(
                  context.cudnn(), p.x, p.w, p.convolution, p.y, CANDIDATES, found, candidates)
              : cudnnGetConvolutionForwardAlgorithm_v7(
                  context.cudnn(), p.x, p.w, p.convolution, p.y, CANDIDATES, found, candidates);
      CudaStatus.cudnn(status, "the choice of a forward algorithm for " + p.spec);
      for (int i = 0; i < found[0]; i++) {
        var candidate = candidates.position(i);
        if (isUsable(candidate.status(), candidate.determinism(), candidate.memory())
            && isAllowed(candidate.algo(), SUMS_FORWARD)) {
          Algorithm chosen = new Algorithm(candidate.algo(), candidate.memory());
          candidates.position(0);
          return chosen;
        }
      }
      candidates.position(0);
    }
    throw none("forward", p);
  }

  Algorithm backwardData(ConvolutionPlan p) {
    int[] found = new int[1];
    try (var candidates = new cudnnConvolutionBwdDataAlgoPerf_t(CANDIDATES)) {
      int status =
          context.settings().measuredAlgorithms()
              ? cudnnFindConvolutionBackwardDataAlgorithm(
                  context.cudnn(), p.w, p.y, p.convolution, p.x, CANDIDATES, found, candidates)
              : cudnnGetConvolutionBackwardDataAlgorithm_v7(
                  context.cudnn(), p.w, p.y, p.convolution, p.x, CANDIDATES, found, candidates);
      CudaStatus.cudnn(status, "the choice of a backward data algorithm for " + p.spec);
      for (int i = 0; i < found[0]; i++) {
        var candidate = candidates.position(i);
        if (isUsable(candidate.status(), candidate.determinism(), candidate.memory())
            && isAllowed(candidate.algo(), SUMS_BACKWARD_DATA)) {
          Algorithm chosen = new Algorithm(candidate.algo(), candidate.memory());
          candidates.position(0);
          return chosen;
        }
      }
      candidates.position(0);
    }
    throw none("backward data", p);
  }

  Algorithm backwardWeights(ConvolutionPlan p) {
    int[] found = new int[1];
    try (var candidates = new cudnnConvolutionBwdFilterAlgoPerf_t(CANDIDATES)) {
      int status =
          context.settings().measuredAlgorithms()
              ? cudnnFindConvolutionBackwardFilterAlgorithm(
                  context.cudnn(), p.x, p.y, p.convolution, p.w, CANDIDATES, found, candidates)
              : cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                  context.cudnn(), p.x, p.y, p.convolution, p.w, CANDIDATES, found, candidates);
      CudaStatus.cudnn(status, "the choice of a backward filter algorithm for " + p.spec);
      for (int i = 0; i < found[0]; i++) {
        var candidate = candidates.position(i);
        if (isUsable(candidate.status(), candidate.determinism(), candidate.memory())
            && isAllowed(candidate.algo(), SUMS_BACKWARD_FILTER)) {
          Algorithm chosen = new Algorithm(candidate.algo(), candidate.memory());
          candidates.position(0);
          return chosen;
        }
      }
      candidates.position(0);
    }
    throw none("backward filter", p);
  }

  private static boolean isUsable(int status, int determinism, long workspaceBytes) {
    return status == 0
        && determinism == CUDNN_DETERMINISTIC
        && workspaceBytes <= MOST_WORKSPACE_BYTES;
  }

  private boolean isAllowed(int algorithm, Set<Integer> sums) {
    return context.settings().convAccuracy() == ConvAccuracy.FAST || sums.contains(algorithm);
  }

  private static GradusException none(String pass, ConvolutionPlan plan) {
    return new GradusException(
        "cuDNN has no repeatable %s algorithm with at most %,d bytes of working memory for %s in %s: use a smaller batch%s, or --backend cpu."
            .formatted(
                pass,
                MOST_WORKSPACE_BYTES,
                plan.spec,
                plan.type,
                plan.type == DType.BF16 ? ", or fp32" : ""));
  }
}
