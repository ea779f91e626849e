package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;

import gradus.backend.Buffer;
import gradus.backend.spec.ChannelCopySpec;
import gradus.backend.spec.ChannelScaleSpec;
import gradus.backend.spec.DropoutSpec;
import gradus.backend.spec.SoftmaxSpec;
import gradus.tensor.Shape;
import java.util.stream.Stream;

/** Softmax, dropout and copies of channels. */
final class ElementCases {
  private ElementCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            Stream.of(
                    new SoftmaxSpec(1, 1, 1),
                    new SoftmaxSpec(15, 10, 1),
                    new SoftmaxSpec(16, 10, 1),
                    new SoftmaxSpec(33, 7, 13),
                    new SoftmaxSpec(17, 1000, 1))
                .flatMap(ElementCases::softmax),
            Stream.of(
                    new DropoutSpec(1, 33, 1, 0.5f, 1),
                    new DropoutSpec(16, 7, 4, 0.1f, -7),
                    new DropoutSpec(17, 7, 13, 0.9f, 123456789),
                    new DropoutSpec(33, 31, 1, 0, 3))
                .flatMap(ElementCases::dropout),
            Stream.of(
                    new ChannelCopySpec(1, 1, 1, 1, 0, 1, 0),
                    new ChannelCopySpec(17, 49, 3, 7, 2, 5, 1),
                    new ChannelCopySpec(16, 13, 5, 5, 0, 13, 8),
                    new ChannelCopySpec(33, 1, 7, 31, 24, 7, 0))
                .flatMap(spec -> Stream.of(copyChannels(spec, 0), copyChannels(spec, 1))),
            Stream.of(
                    new ChannelScaleSpec(1, 1, 1),
                    new ChannelScaleSpec(16, 7, 49),
                    new ChannelScaleSpec(17, 5, 13),
                    new ChannelScaleSpec(33, 31, 4),
                    new ChannelScaleSpec(2, 36, 297))
                .flatMap(spec -> Stream.of(0f, 1f).flatMap(beta -> channelFactors(spec, beta))))
        .flatMap(cases -> cases);
  }

  private static Stream<OpCase> softmax(SoftmaxSpec spec) {
    Shape shape = Shape.of(spec.n(), spec.c(), spec.pixels());
    return Stream.concat(
        Stream.of(4f, 100f)
            .map(
                range ->
                    new OpCase(
                        "softmax to " + range + " " + spec,
                        Tolerance.relative(2e-5),
                        t -> {
                          float[] logits = t.random().uniform(shape.size());
                          for (int i = 0; i < logits.length; i++) {
                            logits[i] *= range;
                          }
                          Buffer x = t.gradients(shape, logits);
                          t.backend().nn().softmax(spec, x, t.result("y", shape, BATCH));
                        })),
        Stream.of(0f, 1f)
            .map(
                beta ->
                    new OpCase(
                        "softmaxBackward beta " + beta + " " + spec,
                        Tolerance.normalizedSum(spec.c()),
                        t -> {
                          Buffer y =
                              t.activations(shape, t.random().uniform(shape.size(), 0, 0.25f));
                          Buffer dy = t.gradients(shape);
                          Buffer dx = t.result("dx", shape, BATCH, beta);
                          t.backend().nn().softmaxBackward(spec, y, dy, dx, beta);
                        })));
  }

  private static Stream<OpCase> dropout(DropoutSpec spec) {
    Shape shape = Shape.of(spec.n(), spec.channels(), spec.pixels());
    return Stream.of(
        new OpCase(
            "dropout " + spec,
            Tolerance.sum(1),
            t -> {
              Buffer x = t.activations(shape);
              t.backend().nn().dropout(spec, x, t.result("y", shape, BATCH));
              t.backend().nn().dropout(spec, x, t.observe("in place", x, shape, BATCH));
            }),
        new OpCase(
            "dropoutBackward beta 0 " + spec,
            Tolerance.sum(1),
            t -> {
              Buffer dy = t.gradients(shape);
              t.backend().nn().dropoutBackward(spec, dy, t.result("dx", shape, BATCH), 0);
            }),
        new OpCase(
            "dropoutBackward beta 1 " + spec,
            Tolerance.sum(1),
            t -> {
              Buffer dy = t.gradients(shape);
              t.backend().nn().dropoutBackward(spec, dy, t.result("dx", shape, BATCH, 1), 1);
            }));
  }

  private static OpCase copyChannels(ChannelCopySpec spec, float beta) {
    Shape from = Shape.of(spec.n(), spec.fromChannels(), spec.pixels());
    Shape to = Shape.of(spec.n(), spec.toChannels(), spec.pixels());
    return new OpCase(
        "copyChannels beta " + beta + " " + spec,
        Tolerance.sum(1),
        t -> {
          Buffer x = t.activations(from);
          // what is not chosen keeps its contents, so they are compared: no NaN here
          Buffer y = t.observe("y", t.activations(to), to, BATCH);
          t.backend().nn().copyChannels(spec, x, y, beta);
        });
  }

  private static Stream<OpCase> channelFactors(ChannelScaleSpec spec, float beta) {
    Shape images = Shape.of(spec.n(), spec.c(), spec.pixels());
    Shape factors = Shape.of(spec.n(), spec.c());
    return Stream.of(
        new OpCase(
            "scaleChannels beta " + beta + " " + spec,
            Tolerance.sum(2),
            t -> {
              Buffer x = t.activations(images);
              Buffer s = t.gradients(factors);
              t.backend().nn().scaleChannels(spec, x, s, t.result("y", images, BATCH, beta), beta);
            }),
        new OpCase(
            "dotChannels beta " + beta + " " + spec,
            Tolerance.cancellingSum(spec.pixels()),
            t -> {
              Buffer a = t.activations(images);
              Buffer b = t.gradients(images);
              t.backend().nn().dotChannels(spec, a, b, t.result("out", factors, BATCH, beta), beta);
            }));
  }
}
