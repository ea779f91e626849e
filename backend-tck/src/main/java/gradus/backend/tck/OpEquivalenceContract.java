package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.ConvAccuracy;
import gradus.backend.reference.ReferenceBackend;
import gradus.tensor.Precision;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every op gives the reference's result within rounding, and leaves no memory behind. */
public interface OpEquivalenceContract extends BackendUnderTest {
  /** One test per op and set of arguments. */
  @TestFactory
  default Stream<DynamicTest> opsAgreeWithTheReference() {
    return agree(open(BackendOptions.DEFAULT), OpCases.all());
  }

  /** Strict convolutions are as exact as the plain sum of products. */
  @TestFactory
  default Stream<DynamicTest> strictConvolutionsAreAsExactAsTheSum() {
    BackendOptions strict = BackendOptions.DEFAULT.withConvAccuracy(ConvAccuracy.STRICT);
    return agree(open(strict), ConvolutionCases.strict());
  }

  /**
   * Activations and gradients that lie rounded, and convolutions whose factors may be and whose
   * sums are float32.
   */
  @TestFactory
  default Stream<DynamicTest> opsInMixedPrecisionAgreeWithTheReference() {
    return agree(
        open(BackendOptions.DEFAULT),
        mixedPrecisions().flatMap(OpEquivalenceContract::mixedPrecisionCases));
  }

  private static Stream<OpCase> mixedPrecisionCases(Precision precision) {
    Stream<OpCase> packed =
        Stream.of(
                NormalizationCases.packed(),
                BatchNormReluCases.packed(),
                PackedCases.all(),
                ConvolutionCases.ofMixed(precision))
            .flatMap(cases -> cases);
    return precision == Precision.FP16
        ? Stream.concat(packed, MathOpsCases.roundingToFloat16()).map(OpCase::inFloat16)
        : packed; // OpCases.all has the rounding
  }

  /** Convolutions and linear layers whose factors may be rounded to TensorFloat-32. */
  @TestFactory
  default Stream<DynamicTest> productsOfTensorFloat32AgreeWithTheReference() {
    require(Feature.TENSOR_FLOAT32);
    return agree(open(BackendOptions.DEFAULT), ConvolutionCases.ofTensorFloat32());
  }

  private Stream<DynamicTest> agree(Backend backend, Stream<OpCase> cases) {
    ReferenceBackend reference = new ReferenceBackend();
    return cases
        .map(
            opCase ->
                DynamicTest.dynamicTest(
                    opCase.name(),
                    () -> {
                      opCase.requireFeatures(this);
                      opCase.assertAgrees(backend, reference);
                    }))
        .onClose(backend::close)
        .onClose(reference::close);
  }
}
