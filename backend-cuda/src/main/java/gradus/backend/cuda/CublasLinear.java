package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.pointer;
import static org.bytedeco.cuda.global.cublas.CUBLAS_DEFAULT_MATH;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.CUBLAS_TF32_TENSOR_OP_MATH;
import static org.bytedeco.cuda.global.cublas.cublasSetMathMode;
import static org.bytedeco.cuda.global.cublas.cublasSgemm_v2;

import gradus.backend.Buffer;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.Precision;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Matrix products. cuBLAS counts column by column, so what it sees of a row-major matrix is its
 * transpose: y = x w^T is asked for as y^T = w x^T.
 */
final class CublasLinear implements AutoCloseable {
  private final CudaContext context;
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer beta = new FloatPointer(1f);
  private int mathMode = CUBLAS_DEFAULT_MATH; // in which a handle begins

  CublasLinear(CudaContext context) {
    this.context = context;
    context.closeWithMe(this);
  }

  /** y = x w^T. */
  void forward(LinearSpec s, Buffer x, Buffer w, Buffer y) {
    compute(s);
    multiply(CUBLAS_OP_T, CUBLAS_OP_N, s.out(), s.n(), s.in(), w, s.in(), x, s.in(), 0, y, s.out());
  }

  /** dx = beta dx + dy w. */
  void backwardData(LinearSpec s, Buffer w, Buffer dy, Buffer dx, float beta) {
    compute(s);
    multiply(
        CUBLAS_OP_N, CUBLAS_OP_N, s.in(), s.n(), s.out(), w, s.in(), dy, s.out(), beta, dx, s.in());
  }

  /** dw = beta dw + dy^T x. */
  void backwardWeights(LinearSpec s, Buffer x, Buffer dy, Buffer dw, float beta) {
    compute(s);
    multiply(
        CUBLAS_OP_N, CUBLAS_OP_T, s.in(), s.out(), s.n(), x, s.in(), dy, s.out(), beta, dw, s.in());
  }

  private void compute(LinearSpec spec) {
    int next = spec.factors() == Precision.TF32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH;
    if (next != mathMode) {
      context.enter();
      CudaStatus.cublas(cublasSetMathMode(context.cublas(), next), "cublasSetMathMode");
      mathMode = next;
    }
  }

  /** c = cBeta c + op(a) op(b), m x n, column by column; ld are the lengths of stored columns. */
  private void multiply(
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
    context.enter();
    beta.put(0, cBeta); // read before the call returns
    CudaStatus.cublas(
        cublasSgemm_v2(
            context.cublas(),
            opA,
            opB,
            m,
            n,
            k,
            one,
            pointer(a),
            lda,
            pointer(b),
            ldb,
            beta,
            pointer(c),
            ldc),
        "cublasSgemm");
  }

  @Override
  public void close() {
    one.close();
    beta.close();
  }
}
