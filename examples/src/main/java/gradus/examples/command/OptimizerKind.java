package gradus.examples.command;

import gradus.layer.ParameterStore;
import gradus.optim.Adam;
import gradus.optim.AdamW;
import gradus.optim.Optimizer;
import java.util.Locale;

/** The optimizers that can be chosen by name, with settings that usually work. */
enum OptimizerKind {
  SGD,
  ADAM,
  ADAMW;

  Optimizer create(ParameterStore parameters, double rate, double momentum, double decay) {
    return switch (this) {
      case SGD ->
          gradus
              .optim
              .SGD
              .of(parameters)
              .learningRate(rate)
              .momentum(momentum)
              .weightDecay(decay)
              .decayWeightsOnly()
              .build();
      case ADAM ->
          Adam.of(parameters).learningRate(rate).weightDecay(decay).decayWeightsOnly().build();
      case ADAMW ->
          AdamW.of(parameters).learningRate(rate).weightDecay(decay).decayWeightsOnly().build();
    };
  }

  double learningRate() {
    return this == SGD ? 0.02 : 0.002;
  }

  double weightDecay() {
    return switch (this) {
      case SGD -> 5e-4;
      case ADAM -> 0;
      case ADAMW -> 0.01;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
