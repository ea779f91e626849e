package gradus.examples.command;

import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.optim.Adadelta;
import gradus.optim.Adagrad;
import gradus.optim.Adam;
import gradus.optim.AdamW;
import gradus.optim.LARS;
import gradus.optim.Lion;
import gradus.optim.NAdam;
import gradus.optim.Optimizer;
import gradus.optim.RAdam;
import gradus.optim.RMSprop;
import gradus.optim.SGD;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say how weights are changed. */
final class LearningChoice {
  private static final double DEFAULT_MOMENTUM = 0.9;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "sgd",
      description =
          "sgd, adam, adamw, nadam, radam, rmsprop, adadelta, adagrad, lion or lars."
              + " Default: ${DEFAULT-VALUE}")
  private OptimizerKind kind;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "Learning rate of the first step. Default: 0.02 for sgd and adagrad, 0.002 for adam and"
              + " its kin, 0.001 for rmsprop, 0.0003 for lion, 1 for adadelta and lars")
  private Double rate;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      description = "Momentum of sgd, lars (0.9) and rmsprop (0), from 0 to below 1.")
  private Double momentum;

  @Option(names = "--nesterov", description = "sgd looks ahead along its velocity.")
  private boolean nesterov;

  @Option(names = "--amsgrad", description = "adam and adamw never enlarge their step again.")
  private boolean amsgrad;

  @Option(names = "--centered", description = "rmsprop divides by the gradient's deviation.")
  private boolean centered;

  @Option(
      names = "--betas",
      paramLabel = "B1,B2",
      split = ",",
      description =
          "How much of the two moments survives a step. Default: 0.9,0.999; lion 0.9,0.99")
  private List<Double> betas = List.of();

  @Option(
      names = "--weight-decay",
      paramLabel = "D",
      description =
          "Pull of weights, not of biases and batch norm, towards 0. Default: 0.0005 for sgd and"
              + " lars, 0.01 for adamw, 0.1 for lion, else 0")
  private Double weightDecay;

  @Option(
      names = "--l1",
      paramLabel = "S",
      defaultValue = "0",
      description = "L1 penalty on weights. Default: ${DEFAULT-VALUE}")
  private double l1;

  @Option(
      names = "--bias-lr-factor",
      paramLabel = "F",
      defaultValue = "1",
      description = "What biases' and batch norm's learning rate is multiplied by. Default: 1")
  private double biasFactor;

  void check() {
    UsageException.unless(
        rate() > 0 && rate() < 1e6,
        "--lr is "
            + rate()
            + ", but must be above 0 and below 1000000; usual is "
            + kind.learningRate()
            + " for --optimizer "
            + kind
            + ", and a tenth to ten times that.");
    UsageException.unless(
        momentum() >= 0 && momentum() < 1,
        "--momentum is " + momentum() + ", but must be from 0 to below 1; 0.9 is usual.");
    UsageException.unless(
        momentum == null || kind.hasMomentum(),
        "--momentum belongs to --optimizer sgd, rmsprop and lars; " + kind + " has none to set.");
    UsageException.unless(
        momentum == null || momentum > 0 || kind != OptimizerKind.LARS,
        "--momentum is 0, but --optimizer lars needs one above 0; 0.9 is usual.");
    UsageException.unless(
        !nesterov || (kind == OptimizerKind.SGD && momentum() > 0),
        "--nesterov belongs to --optimizer sgd with a momentum.");
    UsageException.unless(
        !amsgrad || kind == OptimizerKind.ADAM || kind == OptimizerKind.ADAMW,
        "--amsgrad belongs to --optimizer adam and adamw.");
    UsageException.unless(
        !centered || kind == OptimizerKind.RMSPROP, "--centered belongs to --optimizer rmsprop.");
    UsageException.unless(
        betas.isEmpty() || kind.hasBetas(), "--betas: " + kind + " has no betas.");
    UsageException.unless(
        betas.isEmpty() || (betas.size() == 2 && betas.stream().allMatch(b -> b >= 0 && b < 1)),
        "--betas are " + betas + ", but must be two numbers from 0 to below 1, such as 0.9,0.999.");
    UsageException.unless(
        weightDecay() >= 0 && weightDecay() < 1e6,
        "--weight-decay is "
            + weightDecay()
            + ", but must be from 0 to below 1000000; 0.0005 is usual.");
    UsageException.unless(
        l1 >= 0 && l1 < 1e6,
        "--l1 is " + l1 + ", but must be from 0 to below 1000000; 0.00001 is usual.");
    UsageException.unless(
        biasFactor >= 0 && biasFactor < 1e6,
        "--bias-lr-factor is " + biasFactor + ", but must be from 0 to below 1000000; 1 is usual.");
  }

  Optimizer create(ParameterStore parameters) {
    Optimizer.Builder<?> builder =
        builder(parameters).learningRate(rate()).weightDecay(weightDecay()).l1(l1);
    if (biasFactor != 1) {
      builder.group(p -> p.kind() != Parameter.Kind.WEIGHT, biasFactor, 0);
    }
    return builder.decayWeightsOnly().build();
  }

  private Optimizer.Builder<?> builder(ParameterStore parameters) {
    return switch (kind) {
      case SGD -> {
        SGD.Builder sgd = SGD.of(parameters).momentum(momentum());
        yield nesterov ? sgd.nesterov() : sgd;
      }
      case ADAM -> {
        Adam.Builder adam = Adam.of(parameters).betas(beta(0, 0.9), beta(1, 0.999));
        yield amsgrad ? adam.amsgrad() : adam;
      }
      case ADAMW -> {
        AdamW.Builder adamw = AdamW.of(parameters).betas(beta(0, 0.9), beta(1, 0.999));
        yield amsgrad ? adamw.amsgrad() : adamw;
      }
      case NADAM -> NAdam.of(parameters).betas(beta(0, 0.9), beta(1, 0.999));
      case RADAM -> RAdam.of(parameters).betas(beta(0, 0.9), beta(1, 0.999));
      case RMSPROP -> {
        RMSprop.Builder rmsprop = RMSprop.of(parameters).momentum(momentum());
        yield centered ? rmsprop.centered() : rmsprop;
      }
      case ADADELTA -> Adadelta.of(parameters);
      case ADAGRAD -> Adagrad.of(parameters);
      case LION -> Lion.of(parameters).betas(beta(0, 0.9), beta(1, 0.99));
      case LARS -> LARS.of(parameters).momentum(momentum());
    };
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("optimizer", kind.toString());
    configuration.put("learning_rate", rate());
    if (kind.hasMomentum()) {
      configuration.put("momentum", momentum());
    }
    configuration.put("nesterov", nesterov);
    configuration.put("amsgrad", amsgrad);
    configuration.put("centered", centered);
    if (!betas.isEmpty()) {
      configuration.put("betas", betas);
    }
    configuration.put("weight_decay", weightDecay());
    configuration.put("l1", l1);
    configuration.put("bias_lr_factor", biasFactor);
  }

  private double rate() {
    return rate == null ? kind.learningRate() : rate;
  }

  private double momentum() {
    return momentum != null ? momentum : kind == OptimizerKind.RMSPROP ? 0 : DEFAULT_MOMENTUM;
  }

  private double beta(int index, double usual) {
    return betas.isEmpty() ? usual : betas.get(index);
  }

  private double weightDecay() {
    return weightDecay == null ? kind.weightDecay() : weightDecay;
  }
}
