package gradus.examples.command;

import gradus.backend.Backend;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Option;

/** The option that says in which number format steps are computed. */
final class PrecisionChoice {
  @Option(
      names = "--precision",
      paramLabel = "NAME",
      defaultValue = "fp32",
      description =
          "Of training steps: fp32; tf32, which lets a GPU round what it multiplies to TensorFloat-32;"
              + " bf16, which keeps activations as bfloat16 and weights as float32;"
              + " or fp16, the same with float16 and a scaled loss, for GPUs without bfloat16."
              + " Default: ${DEFAULT-VALUE}")
  private Precision precision;

  Precision precision() {
    return precision;
  }

  /** Says what the user should know of it on this backend, if anything. */
  void announce(Backend backend, PrintWriter print) {
    PrecisionSupport support = backend.support(precision);
    support.require();
    if (!support.remark().isEmpty()) {
      print.println(support.remark());
      print.flush();
    }
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("precision", precision.toString());
  }
}
