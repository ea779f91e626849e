package gradus.serve;

/** Why a request gets no prediction: a status, what is wrong, and what to do about it. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String remedy;

  Refusal(int status, String message, String remedy) {
    super(message, null, false, false); // an answer, not a defect: nobody needs the stack
    this.status = status;
    this.remedy = remedy;
  }

  int status() {
    return status;
  }

  String remedy() {
    return remedy;
  }
}
