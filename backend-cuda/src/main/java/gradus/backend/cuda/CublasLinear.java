package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLAS_DEFAULT_MATH;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.CUBLAS_TF32_TENSOR_OP_MATH;
import static org.bytedeco.cuda.global.cublas.cublasSetMathMode;
import static org.bytedeco.cuda.global.cublas.cublasSetWorkspace_v2;
import static org.bytedeco.cuda.global.cublas.cublasSgemm_v2;

import gradus.backend.Buffer;
import gradus.backend.cuda.Command.Routine;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.Precision;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Matrix products. cuBLAS counts column by column, so what it sees of a row-major matrix is its
 * transpose: y = x w^T is asked for as y^T = w x^T.
 */
final class CublasLinear implements AutoCloseable {
  private static final long WORKSPACE_BYTES = 32 << 20; // as cuBLAS advises for Hopper

  private final CudaContext context;
  private final Routine product = this::issue;
  private final DevicePointer left = new DevicePointer(0);
  private final DevicePointer right = new DevicePointer(0);
  private final DevicePointer result = new DevicePointer(0);
  private final DevicePointer workspace = new DevicePointer(0); // 0 until the first product
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer beta = new FloatPointer(1f);
  private int mathMode = CUBLAS_DEFAULT_MATH; // in which a handle begins

  CublasLinear(CudaContext context) {
    this.context = context;
    context.closeWithMe(this);
  }

  /** y = x w^T. */
  void forward(LinearSpec s, Buffer x, Buffer w, Buffer y) {
    multiply(
        s, CUBLAS_OP_T, CUBLAS_OP_N, s.out(), s.n(), s.in(), w, s.in(), x, s.in(), 0, y, s.out());
  }

  /** dx = beta dx + dy w. */
  void backwardData(LinearSpec s, Buffer w, Buffer dy, Buffer dx, float beta) {
    multiply(
        s,
        CUBLAS_OP_N,
        CUBLAS_OP_N,
        s.in(),
        s.n(),
        s.out(),
        w,
        s.in(),
        dy,
        s.out(),
        beta,
        dx,
        s.in());
  }

  /** dw = beta dw + dy^T x. */
  void backwardWeights(LinearSpec s, Buffer x, Buffer dy, Buffer dw, float beta) {
    multiply(
        s,
        CUBLAS_OP_N,
        CUBLAS_OP_T,
        s.in(),
        s.out(),
        s.n(),
        x,
        s.in(),
        dy,
        s.out(),
        beta,
        dw,
        s.in());
  }

  /** c = beta c + op(a) op(b), m x n, column by column; ld are the lengths of stored columns. */
  private void multiply(
      LinearSpec spec,
      int opA,
      int opB,
      int m,
      int n,
      int k,
      Buffer a,
      int lda,
      Buffer b,
      int ldb,
      float cBeta,
      Buffer c,
      int ldc) {
    giveWorkspace();
    boolean rounded = spec.factors() == Precision.TF32;
    Command call = context.queue().next(product, null);
    call.with(rounded ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH);
    call.with(opA).with(opB).with(m).with(n).with(k);
    call.with(CudaBuffer.address(a)).with(lda).with(CudaBuffer.address(b)).with(ldb);
    call.with(cBeta).with(CudaBuffer.address(c)).with(ldc);
    context.queue().add(call);
  }

  private void issue(Command call) {
    int next = call.integer(0);
    if (next != mathMode) {
      CudaStatus.cublas(cublasSetMathMode(context.cublas(), next), "cublasSetMathMode");
      mathMode = next;
    }
    beta.put(0, call.real(10)); // read before the call returns
    CudaStatus.cublas(
        cublasSgemm_v2(
            context.cublas(),
            call.integer(1),
            call.integer(2),
            call.integer(3),
            call.integer(4),
            call.integer(5),
            one,
            left.at(call.number(6)),
            call.integer(7),
            right.at(call.number(8)),
            call.integer(9),
            beta,
            result.at(call.number(11)),
            call.integer(12)),
        "cublasSgemm");
  }

  /** In a graph cuBLAS would otherwise allocate some each time. */
  private void giveWorkspace() {
    if (workspace.address() == 0) {
      workspace.at(context.allocateOrTrim(WORKSPACE_BYTES));
      CudaStatus.cublas(
          cublasSetWorkspace_v2(context.cublas(), workspace, WORKSPACE_BYTES),
          "cublasSetWorkspace");
    }
  }

  @Override
  public void close() {
    if (workspace.address() != 0) {
      context.free(workspace.address());
    }
    one.close();
    beta.close();
  }
}
