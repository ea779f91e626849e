package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_EXECUTION_FAILED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_INTERNAL_ERROR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_NOT_SUPPORTED;

import gradus.GradusException;

/** cuDNN did not do what it was asked for, and might do it in another way. */
final class CudnnRefusal extends GradusException {
  private static final long serialVersionUID = 1L;
  private static final int KIND = 1000; // statuses of a kind share their thousands

  private final int status;
  private final String reason;

  CudnnRefusal(int status, String reason, String message) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  /** Whether a status is one, and no mistake of the caller and no broken installation. */
  static boolean is(int status) {
    return isNotSupported(status)
        || isOfKind(status, CUDNN_STATUS_INTERNAL_ERROR)
        || isOfKind(status, CUDNN_STATUS_EXECUTION_FAILED);
  }

  /** Whether cuDNN has no way to do what it was asked for, which it says for a dozen reasons. */
  static boolean isNotSupported(int status) {
    return isOfKind(status, CUDNN_STATUS_NOT_SUPPORTED);
  }

  private static boolean isOfKind(int status, int kind) {
    return status / KIND == kind / KIND;
  }

  /** Whether it was refused before anything was done. */
  boolean didNothing() {
    return isNotSupported(status);
  }

  /** Status and words, without advice. */
  String reason() {
    return reason;
  }
}
