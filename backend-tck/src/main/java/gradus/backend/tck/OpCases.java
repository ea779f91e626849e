package gradus.backend.tck;

import java.util.stream.Stream;

/** Every op of the SPI with its awkward arguments. */
final class OpCases {
  private OpCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            MathOpsCases.all(),
            ConvolutionCases.all(),
            PoolingCases.all(),
            NormalizationCases.all(),
            GroupNormCases.all(),
            ElementCases.all(),
            LossOpsCases.all(),
            FusedOpsCases.all(),
            OptimizerOpsCases.all())
        .flatMap(cases -> cases);
  }
}
